"""Where and when the figures were taken."""

import os
import platform
import shlex
import subprocess
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def facts() -> dict:
    """Date, machine and revision, in plain words; nothing that names its owner."""
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": first("/proc/cpuinfo", "model name"),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "revision": revision(),
        "load_average_before": load_average(),
    }


def load_average() -> str:
    """Over 1, 5 and 15 minutes."""
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def first(file: str, name: str) -> str:
    """The value of the first line of this name; empty where there is none."""
    for line in Path(file).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return " ".join(value.split())
    return ""


def revision() -> str:
    """Of the sources, marked when they differ from it."""
    try:
        described = ["git", "describe", "--always", "--dirty", "--exclude=*"]
        return subprocess.run(described, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def as_text(command: list[str], servers: list[str]) -> str:
    """A command line to read and to repeat: the servers' ports differ from run to run."""
    line = shlex.join(command)
    for name, server in zip("AB", servers):
        line = line.replace(server, f"http://127.0.0.1:{name}")
    return line.replace(str(ROOT) + "/", "")
