"""The measured tools under target/peers: Python packages as pinned, and oha built from crates.io as locked there."""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # no __pycache__ beside the sources
sys.path.insert(0, str(HERE.parent))
from pinned_packages import Environment, Failure, only_one_at_a_time, run_quietly  # noqa: E402

ROOT = HERE.parents[1]
FOLDER = ROOT / "target" / "peers"
OHA_VERSION = "1.16.0"
OHA_FOLDER = FOLDER / f"oha-{OHA_VERSION}"
OHA = OHA_FOLDER / "bin" / "oha"


class Packages(Environment):
    """One tool's packages."""

    def ensure(self) -> None:
        """Installs them where they are not; raises Failure where they cannot be."""
        with only_one_at_a_time(self.folder):
            if not self.is_installed():
                print(f"peers: installing {self.requirements.stem} into {self.folder.relative_to(ROOT)} (once)")
                self.install()

    def python(self) -> str:
        """The interpreter that finds them, as seen from the repository."""
        interpreter, _ = self.command()
        return str(interpreter.relative_to(ROOT) if interpreter.is_relative_to(ROOT) else interpreter)

    def extra_variables(self) -> dict[str, str]:
        """What the environment needs for it."""
        _, variables = self.command()
        return {name: value for name, value in variables.items() if name == "PYTHONPATH"}


CLIENTS = Packages(FOLDER / "clients", HERE / "clients.txt")
AIPERF = Packages(FOLDER / "aiperf", HERE / "aiperf.txt")


def version_of(packages: Packages, name: str) -> str:
    """The pinned version of a package: nothing else can be installed."""
    found = re.search(rf"^{re.escape(name)}==(\S+)", packages.requirements.read_text(), re.MULTILINE)
    if found is None:
        raise Failure(f"{packages.requirements} pins no {name}")
    return found.group(1)


def build_oha() -> None:
    """Builds oha with its default features, as released (without TLS it does not compile)."""
    with only_one_at_a_time(FOLDER):
        if OHA.exists():
            return
        print(f"peers: building oha {OHA_VERSION} into {OHA_FOLDER.relative_to(ROOT)} (once, some minutes)")
        places = ["--root", OHA_FOLDER, "--target-dir", FOLDER / "oha-build"]
        problem = run_quietly(["cargo", "install", "oha", "--version", OHA_VERSION, "--locked", *places])
        if problem is not None:
            raise Failure(f"oha did not build; it needs crates.io and a C compiler; cargo said: {problem}")
