"""Run a command and watch what it and all its descendants use."""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

SAMPLE_S = 0.05
SCAN_EVERY = 4
"""Samples between two looks for new processes."""
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Usage:
    """What a process tree used."""

    exit_code: int | None = None
    """None when it was ended at the time limit."""
    cpu_ns: int = 0
    """Whole life, children that were waited for included."""
    peak_rss_bytes: int = 0
    """Largest sum of the processes' resident memory; pages that they share count in each."""
    samples: list[tuple[int, int]] = field(default_factory=list)
    """(CLOCK_MONOTONIC, CPU time so far), both in nanoseconds."""

    def cpu_at(self, at_ns: int) -> int:
        """CPU time so far at this moment, between samples by linear interpolation."""
        if not self.samples or at_ns < self.samples[0][0]:
            return 0
        for (began, before), (ended, after) in pairwise(self.samples):
            if at_ns < ended:
                return round(before + (after - before) * (at_ns - began) / (ended - began))
        return self.samples[-1][1]


def descendants(root: int) -> list[int]:
    """The process and everything that it has started and that still belongs to it."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # The name in brackets may hold anything: what follows the last bracket is safe to split.
                fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for process in found:
        found += children.get(process, [])
    return found


def cpu_clock(process: int) -> int:
    """CPU time of all threads of a process, ended ones included; the clock's number is the kernel's encoding."""
    return time.clock_gettime_ns((~process << 3) | 2)


def resident_bytes(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE_BYTES


def run(command: list[str | Path], variables: dict[str, str], output: Path, limit_s: float, folder: Path) -> Usage:
    """Runs a command to its end, or until the time limit; both its outputs go to the file."""
    usage, cpu = Usage(), {}
    deadline = time.monotonic() + limit_s
    with open(output, "wb") as out:
        process = subprocess.Popen(
            command, env=variables, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    tree: list[int] = []
    turn = 0
    try:
        while True:
            # Not Popen's own wait: only wait4 tells what the process used.
            ended, status, spent = os.wait4(process.pid, os.WNOHANG)
            if ended:
                process.returncode = usage.exit_code = os.waitstatus_to_exitcode(status)
                break
            if turn % SCAN_EVERY == 0:
                tree = descendants(process.pid)
            turn += 1
            resident = 0
            for one in tree:
                with contextlib.suppress(OSError, ValueError, IndexError):
                    cpu[one] = cpu_clock(one)
                    resident += resident_bytes(one)
            usage.samples.append((time.monotonic_ns(), sum(cpu.values())))
            usage.peak_rss_bytes = max(usage.peak_rss_bytes, resident)
            if time.monotonic() > deadline:
                _, status, spent = end(process.pid, tree)
                process.returncode = os.waitstatus_to_exitcode(status)
                break
            time.sleep(SAMPLE_S)
    except BaseException:  # Ctrl-C: the tool is in a session of its own and would go on
        end(process.pid, tree)
        raise
    usage.cpu_ns = max(round((spent.ru_utime + spent.ru_stime) * 1e9), sum(cpu.values()))
    usage.samples.append((time.monotonic_ns(), usage.cpu_ns))
    return usage


def end(process: int, tree: list[int]) -> tuple:
    """Ends a process with all that it started, by their ids; what lost its parent is known by its session."""
    family = set(descendants(process))
    for one in {*tree, *family}:
        with contextlib.suppress(ProcessLookupError):
            if one in family or os.getsid(one) == process:
                os.kill(one, signal.SIGKILL)
    return os.wait4(process, 0)
