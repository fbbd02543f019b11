"""Install polars, duckdb and scipy, which the benchmarks run beside the analyzer, under target/bench-venv.

    python3 tools/bench/packages.py

Prints the interpreter that finds them. Standard library only.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # no __pycache__ beside the sources
sys.path.insert(0, str(HERE.parent))
from pinned_packages import Environment, Failure, only_one_at_a_time  # noqa: E402

FOLDER = HERE.parents[1] / "target" / "bench-venv"
PACKAGES = Environment(FOLDER, HERE / "requirements.txt")


def interpreter() -> tuple[Path, dict[str, str]]:
    """The interpreter with the packages, which the first call installs, and the environment variables for it."""
    with only_one_at_a_time(FOLDER):
        if not PACKAGES.is_installed():
            print("bench: installing polars, duckdb and scipy into target/bench-venv (once)", file=sys.stderr)
            PACKAGES.install()
    return PACKAGES.command()


if __name__ == "__main__":
    try:
        print(interpreter()[0])
    except (Failure, OSError) as failure:
        sys.exit(f"bench: {failure}")
