"""Install what the arm python-httpx needs under target/python-httpx, and write its launcher among the arms.

    python3 tools/python-httpx/install.py LAUNCHER

Prints nothing when all is there already. Standard library only.
"""

import shlex
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # no __pycache__ beside the sources
sys.path.insert(0, str(HERE.parent))
from pinned_packages import Environment, Failure, only_one_at_a_time  # noqa: E402

WORKING_FOLDER = HERE.parents[1] / "target" / "python-httpx"
PACKAGES = Environment(WORKING_FOLDER, HERE / "requirements.txt")


def launcher() -> str:
    """The text of the arm's binary: the driver starts it as it starts every arm."""
    interpreter, variables = PACKAGES.command()
    path = f"PYTHONPATH={shlex.quote(variables['PYTHONPATH'])} " if "PYTHONPATH" in variables else ""
    # -s: no packages of the user's own; -B: nothing is written beside the sources.
    return f"#!/bin/sh\n{path}exec {shlex.quote(str(interpreter))} -s -B {shlex.quote(str(HERE / 'arm.py'))} \"$@\"\n"


def main(place: Path) -> None:
    with only_one_at_a_time(WORKING_FOLDER):
        if not PACKAGES.is_installed():
            print("python-httpx: installing httpx from PyPI into target/python-httpx (once)", file=sys.stderr)
            PACKAGES.install()
    text = launcher()
    if not place.is_file() or place.read_text() != text:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(0o755)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: install.py LAUNCHER")
    try:
        main(Path(sys.argv[1]))
    except (Failure, OSError) as failure:
        sys.exit(f"python-httpx: {failure}")
