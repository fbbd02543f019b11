"""A folder of pinned packages from PyPI, installed once and again when its requirements or the interpreter change.

Standard library only: it runs before anything is installed.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LOWEST_PYTHON = (3, 10)


class Failure(Exception):
    """One line for the user: what failed and the remedy."""


def fingerprint(*parts: bytes) -> str:
    """Changes when one of the parts or the interpreter does."""
    digest = hashlib.sha256(sys.version.encode())
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def is_current(stamp: Path, wanted: str) -> bool:
    """Whether the thing beside `stamp` was finished with the same inputs."""
    return stamp.is_file() and stamp.read_text() == wanted


@contextlib.contextmanager
def only_one_at_a_time(folder: Path) -> Iterator[None]:
    """Two programs at once must not install into the same folder."""
    if sys.version_info < LOWEST_PYTHON:
        raise Failure(f"python {sys.version.split()[0]} is too old; run this with python 3.10 or newer")
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run_quietly(command: list[str | Path]) -> str | None:
    """None when it succeeds, else the last line that it printed."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode == 0:
        return None
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or [f"exit code {done.returncode}"])[-1]


class Environment:
    """Packages under `folder`/venv, as `requirements` pins them."""

    def __init__(self, folder: Path, requirements: Path) -> None:
        self.folder = folder
        self.requirements = requirements

    def command(self) -> tuple[Path, dict[str, str]]:
        """The interpreter that finds the packages, and the environment variables to start it with."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        inside = self.folder / "venv" / "bin" / "python"
        if inside.exists():
            return inside, variables
        return Path(sys.executable), variables | {"PYTHONPATH": str(self.folder / "venv" / "packages")}

    def is_installed(self) -> bool:
        """Whether the last installation was of these requirements, with this interpreter."""
        return is_current(self._stamp(), fingerprint(self.requirements.read_bytes()))

    def install(self) -> None:
        """Installs what the requirements pin, in place of what was there."""
        self._stamp().unlink(missing_ok=True)
        options = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
        problem = run_quietly([*self._make(), *options, "-r", self.requirements])
        if problem is not None:
            raise Failure(
                f"the packages of {self.requirements} did not install; they need PyPI (see `pip config list`), glibc "
                f"Linux on x86_64 or aarch64 and CPython 3.10 to 3.14; pip said: {problem}"
            )
        self._stamp().write_text(fingerprint(self.requirements.read_bytes()))

    def _stamp(self) -> Path:
        return self.folder / "venv.stamp"

    def _make(self) -> list[str | Path]:
        """A place for the packages: the start of the pip command line that installs into it."""
        venv = self.folder / "venv"
        shutil.rmtree(venv, ignore_errors=True)
        if run_quietly([sys.executable, "-m", "venv", venv]) is None:
            return [venv / "bin" / "python", "-m", "pip", "install"]
        # Debian splits the module off: without python3-venv there is no ensurepip, but pip itself may be there.
        shutil.rmtree(venv, ignore_errors=True)
        if run_quietly([sys.executable, "-m", "pip", "--version"]) is None:
            return [sys.executable, "-m", "pip", "install", "--target", venv / "packages"]
        raise Failure(
            f"{sys.executable} can make no virtual environment and has no pip; "
            "install them with: apt-get install python3-venv"
        )
