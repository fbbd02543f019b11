"""Run a command against real llama.cpp servers on this machine, and stop them afterwards.

    python3 tools/real-engine/with_servers.py [--servers 2] [--parallel 16] -- COMMAND [ARG]...

Every {SERVERS} in the command becomes "http://127.0.0.1:P1,http://127.0.0.1:P2"; the command also finds that list in
the environment variable TANDEM_SERVERS. The exit code is the command's (128 + N when signal N killed it), 1 when the
engine cannot be installed or started, 2 for a wrong command line.

The first call installs the engine from PyPI and writes its model, both under target/real-engine; later calls reuse
them until requirements.txt, write_model.py or the Python version changes. Standard library only.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # no __pycache__ beside the sources
sys.path.insert(0, str(HERE.parent))
from pinned_packages import Environment, Failure, fingerprint, is_current, only_one_at_a_time  # noqa: E402

WORKING_FOLDER = HERE.parents[1] / "target" / "real-engine"
REQUIREMENTS = HERE / "requirements.txt"
PACKAGES = Environment(WORKING_FOLDER, REQUIREMENTS)
STOP_SECONDS = 5.0  # the servers leave at once; this only bounds a machine in trouble


# --- what must be there before a server can start ---


def install_engine() -> None:
    """Install what requirements.txt pins, unless the last call did."""
    if not PACKAGES.is_installed():
        say("installing the engine from PyPI into target/real-engine (once; a download of about 50 MB)")
        PACKAGES.install()


def write_model() -> Path:
    """Write the tiny model, unless the last call did."""
    model = WORKING_FOLDER / "tiny.gguf"
    stamp = WORKING_FOLDER / "tiny.gguf.stamp"
    script = HERE / "write_model.py"
    wanted = fingerprint(REQUIREMENTS.read_bytes(), script.read_bytes())
    if model.is_file() and is_current(stamp, wanted):
        return model
    stamp.unlink(missing_ok=True)
    interpreter, variables = PACKAGES.command()
    done = subprocess.run([interpreter, script, model], env=variables)
    if done.returncode != 0:
        raise Failure(f"{script} failed (above); if packages are missing, remove {WORKING_FOLDER} and try again")
    stamp.write_text(wanted)
    return model


# --- the servers and the command ---


@contextlib.contextmanager
def servers(model: Path, count: int, parallel: int) -> Iterator[list[tuple[str, subprocess.Popen[str]]]]:
    """Start `count` servers, hand out their addresses and processes, and stop them whatever happens inside."""
    interpreter, variables = PACKAGES.command()
    command = [interpreter, HERE / "serve.py", "--model", model, "--parallel", str(parallel)]
    with contextlib.ExitStack() as cleanup:
        started = []
        for number in range(1, count + 1):
            log_path = WORKING_FOLDER / f"server-{number}.log"
            log = cleanup.enter_context(open(log_path, "w"))
            # A session of its own: Ctrl-C reaches the command first, and the servers outlive its last row.
            process = subprocess.Popen(
                command,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
            cleanup.callback(stop, process)
            started.append((process, log_path))
        ready = []
        for process, log_path in started:
            line = process.stdout.readline()
            if not line:
                process.wait()
                raise Failure(f"a llama.cpp server did not start; its log is {log_path}: {last_line(log_path)}")
            ready.append((json.loads(line), process))
        addresses = ",".join(info["listening"] for info, _ in ready)
        say(f"{ready[0][0]['engine']}, model {ready[0][0]['model']}: {addresses}")
        yield [(info["listening"], process) for info, process in ready]


def stop(process: subprocess.Popen[str]) -> None:
    """End one server and collect it."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def last_line(path: Path) -> str:
    """The last line of a log, or a word that there is none."""
    lines = [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it is empty"


def run_command(command: list[str], addresses: list[str]) -> int:
    """Run the user's command to its end and give its exit code the way a shell does."""
    joined = ",".join(addresses)
    command = [argument.replace("{SERVERS}", joined) for argument in command]
    try:
        child = subprocess.Popen(command, env=os.environ | {"TANDEM_SERVERS": joined})
    except OSError as error:
        raise Failure(f"cannot run {command[0]}: {error.strerror}; build it first, or give its path") from error
    # The terminal sends Ctrl-C to the command as well: it finishes its rows, and this process waits for that.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    code = child.wait()
    return 128 - code if code < 0 else code


def say(message: str) -> None:
    """Progress goes to stderr: stdout belongs to the command."""
    print(f"real-engine: {message}", file=sys.stderr, flush=True)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description="run a command against real llama.cpp servers; {SERVERS} in it becomes their addresses",
        usage="with_servers.py [--servers N] [--parallel N] -- COMMAND [ARG]...",
    )
    parser.add_argument("--servers", type=int, default=2, help="how many to start (default 2)")
    parser.add_argument("--parallel", type=int, default=16, help="streams at once per server (default 16)")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="what to run, after --")
    options = parser.parse_args(arguments)
    if options.command[:1] == ["--"]:
        del options.command[0]
    if not options.command:
        parser.error("no command: give one after --")
    if options.servers < 1 or options.parallel < 1:
        parser.error("--servers and --parallel: give 1 or more")
    return options


def main() -> int:
    options = parse(sys.argv[1:])
    # An ordinary SIGTERM would skip the cleanup and leave it to the kernel (serve.py dies with its parent).
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with only_one_at_a_time(WORKING_FOLDER):
        install_engine()
        model = write_model()
    with servers(model, options.servers, options.parallel) as running:
        code = run_command(options.command, [address for address, _ in running])
        for address, process in running:
            if process.poll() is not None:
                say(f"the server at {address} died during the command (exit code {process.returncode})")
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"real-engine: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
