"""What a measured tool has to offer."""

import os
from pathlib import Path
from typing import Protocol

from load import Level, Outcome, Stream

ROOT = Path(__file__).resolve().parents[3]


class Tool(Protocol):
    """One contender."""

    name: str
    """As in the table."""
    about: str
    """What is measured of it, and how its figures differ from those of the others: one sentence for the report."""

    def install(self) -> None:
        """Makes it runnable, once; raises `pinned_packages.Failure` where that cannot be."""

    def version(self) -> str:
        """Its version as installed."""

    def variables(self) -> dict[str, str]:
        """The environment that it runs in."""

    def command(self, level: Level, servers: list[str], folder: Path) -> list[str]:
        """The command line of one run, relative to the repository; `folder` is empty and the run's own."""

    def outcome(self, level: Level, folder: Path, streams: list[Stream]) -> Outcome:
        """What it told in `folder` and on its outputs (`folder`/output); raises `Unreadable` where that is nothing."""


class Unreadable(Exception):
    """The tool has left no figures: why."""


def own_variables() -> dict[str, str]:
    """The environment without what would change a Python program or send loopback traffic to a proxy."""
    proxies = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name.lower() not in proxies
    }


def relative(path: Path | str) -> str:
    """As seen from the repository, where every command is run."""
    return os.path.relpath(path, ROOT)


def last_line(file: Path) -> str:
    """The last line that says something; empty without one."""
    lines = [line.strip() for line in file.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""
