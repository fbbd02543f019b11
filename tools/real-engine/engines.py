"""The real engines that can be set up here: what each one is, and what must be there before it starts.

Packages come from PyPI and models are written, both under target/real-engine; later calls reuse them until the requirements,
write_model.py or the Python version change. Standard library only.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pinned_packages import Environment, Failure, fingerprint, is_current

HERE = Path(__file__).resolve().parent
WORKING_FOLDER = HERE.parents[1] / "target" / "real-engine"
PACKAGES = Environment(WORKING_FOLDER, HERE / "requirements.txt")
GATEWAY_PACKAGES = Environment(WORKING_FOLDER / "gateway", HERE / "gateway-requirements.txt")


@dataclass(frozen=True)
class Engine:
    """What stands behind an address."""

    about: str
    model_name: str
    model_arguments: tuple[str, ...] = ()
    has_gateway: bool = False

    def model(self) -> Path:
        """The file of its model."""
        return WORKING_FOLDER / f"{self.model_name}.gguf"


ENGINES = {
    "llamacpp": Engine("llama.cpp, one token a piece", "tiny"),
    "thinking": Engine("llama.cpp with a model that thinks, some pieces of several tokens", "thinking", ("--thinking",)),
    "gateway": Engine("LiteLLM before the same, which refuses `seed`", "thinking", ("--thinking",), has_gateway=True),
}


def prepare(engine: Engine) -> None:
    """Install what the engine needs and write its model, unless an earlier call did."""
    install(PACKAGES, "the engine", "a download of about 50 MB")
    if engine.has_gateway:
        GATEWAY_PACKAGES.folder.mkdir(exist_ok=True)
        install(GATEWAY_PACKAGES, "the gateway", "a download of about 80 MB, 430 MB on disk")
    write_model(engine)


def install(packages: Environment, what: str, size: str) -> None:
    """Install what the requirements pin, unless an earlier call did."""
    if not packages.is_installed():
        say(f"installing {what} from PyPI into {packages.folder.relative_to(HERE.parents[1])} (once; {size})")
        packages.install()


def write_model(engine: Engine) -> None:
    """Write the engine's model, unless an earlier call did."""
    model, script = engine.model(), HERE / "write_model.py"
    stamp = model.with_name(model.name + ".stamp")
    arguments = " ".join(engine.model_arguments)
    wanted = fingerprint(PACKAGES.requirements.read_bytes(), script.read_bytes(), arguments.encode())
    if model.is_file() and is_current(stamp, wanted):
        return
    stamp.unlink(missing_ok=True)
    interpreter, variables = PACKAGES.command()
    done = subprocess.run([interpreter, script, model, *engine.model_arguments], env=variables)
    if done.returncode != 0:
        raise Failure(f"{script} failed (above); if packages are missing, remove {WORKING_FOLDER} and try again")
    stamp.write_text(wanted)


def say(message: str) -> None:
    """Progress goes to stderr: stdout belongs to the command."""
    print(f"real-engine: {message}", file=sys.stderr, flush=True)
