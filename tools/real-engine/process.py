"""What a server of this folder does as a process."""

import ctypes
import os
import signal
import sys
import time
import urllib.error
import urllib.request

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent dies. There is nothing to clean up."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it died before the call
        sys.exit(f"{sys.argv[0]}: the parent process is gone")


def wait_until_healthy(url: str, limit_seconds: float) -> None:
    """Return when the URL answers 200; while a server starts it refuses connections or answers 503."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy of the environment
    deadline = time.monotonic() + limit_seconds
    while True:
        try:
            with direct.open(url, timeout=5):
                return
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > deadline:
                sys.exit(f"{sys.argv[0]}: {url} did not answer in {limit_seconds:.0f} s: {error}")
            time.sleep(0.01)
