"""Arm `python-httpx`: the client that most Python agents use, on the same work and the same servers as the others.

Takes the command line of an arm, runs one trial on asyncio, prints the report as one line of JSON. Exit codes: 0 for a
trial that is ok, 4 for one that is not, 2 for a wrong command line, 1 otherwise. `install.py` makes its launcher.
"""

import asyncio
import json
import platform
import subprocess
import sys
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from time import monotonic_ns

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # no __pycache__ beside the sources


def receipt() -> str:
    """What is really run, one fact a line, as every arm's --version tells it."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("httpx", "httpcore", "h11", "anyio"))
    return "\n".join(
        [
            "python-httpx",
            "arm: python-httpx",
            f"runtime: {platform.python_implementation()} {platform.python_version()} asyncio",
            f"client httpx: {packages}",
            f"revision: {revision()}",
            f"sources: {sources()}",
            "profile: release",
        ]
    )


def revision() -> str:
    """Git revision of the sources, marked when this folder has changes that are not committed."""

    def git(*arguments: str) -> str | None:
        done = subprocess.run(["git", "-C", HERE, *arguments], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else None

    try:
        head = git("rev-parse", "--short=12", "HEAD")
        changed = git("status", "--porcelain", "--", ".")
    except OSError:
        head = changed = None
    if not head:
        return "outside a git checkout"
    return head + ("-dirty" if changed else "")


def sources() -> str:
    """Digest of the sources: the launcher, which the driver hashes as the arm's binary, does not change with them."""
    digest = sha256()
    for path in sorted(HERE.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"sha256:{digest.hexdigest()[:16]}"


def main() -> int:
    arguments = sys.argv[1:]
    if "--version" in arguments:
        print(receipt())
        return 0
    from spec import parse
    from trial import Trial

    spec = parse(arguments)
    before_ns = monotonic_ns()

    async def run() -> dict:
        return await Trial(spec).conduct(monotonic_ns() - before_ns)

    report = asyncio.run(run())
    print(json.dumps(report, ensure_ascii=False))
    return 0 if report["status"] == "ok" else 4


if __name__ == "__main__":
    sys.exit(main())
