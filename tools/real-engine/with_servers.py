"""Run a command against real LLM servers on this machine, and stop them afterwards.

    python3 tools/real-engine/with_servers.py [--engine llamacpp] [--servers 2] [--parallel 16] -- COMMAND [ARG]...

Every {SERVERS} in the command becomes "http://127.0.0.1:P1,http://127.0.0.1:P2"; the command also finds that list in
the environment variable TANDEM_SERVERS. The exit code is the command's (128 + N when signal N killed it), 1 when the
engine cannot be installed or started, 2 for a wrong command line. `engines.py` says which engines there are.
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
from engines import ENGINES, GATEWAY_PACKAGES, PACKAGES, WORKING_FOLDER, Engine, prepare, say  # noqa: E402
from pinned_packages import Environment, Failure, only_one_at_a_time  # noqa: E402

STOP_SECONDS = 5.0  # the servers leave at once; this only bounds a machine in trouble


@contextlib.contextmanager
def servers(engine: Engine, count: int, parallel: int) -> Iterator[list[tuple[str, subprocess.Popen[str]]]]:
    """Start `count` servers, hand out their addresses and processes, and stop them whatever happens inside."""
    serve = ["serve.py", "--model", engine.model(), "--parallel", str(parallel)]
    with contextlib.ExitStack() as cleanup:
        ready = start(PACKAGES, [serve] * count, cleanup)
        if engine.has_gateway:
            before = [["gateway.py", "--upstream", info["listening"]] for info, _ in ready]
            ready = start(GATEWAY_PACKAGES, before, cleanup)
        addresses = ",".join(info["listening"] for info, _ in ready)
        say(f"{ready[0][0]['engine']}, model {ready[0][0]['model']}: {addresses}")
        yield [(info["listening"], process) for info, process in ready]


def start(
    packages: Environment, commands: list[list[str | Path]], cleanup: contextlib.ExitStack
) -> list[tuple[dict[str, str], subprocess.Popen[str]]]:
    """Start programs of this folder at once, and wait until each has said where it listens."""
    interpreter, variables = packages.command()
    started = []
    for number, (program, *arguments) in enumerate(commands, start=1):
        log_path = WORKING_FOLDER / f"{Path(program).stem}-{number}.log"
        log = cleanup.enter_context(open(log_path, "w"))
        # A session of its own: Ctrl-C reaches the command first, and the servers outlive its last row.
        process = subprocess.Popen(
            [interpreter, HERE / program, *arguments],
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
            raise Failure(f"a server did not start; its log is {log_path}: {last_line(log_path)}")
        ready.append((json.loads(line), process))
    return ready


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


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description="run a command against real LLM servers; {SERVERS} in it becomes their addresses",
        usage="with_servers.py [--engine NAME] [--servers N] [--parallel N] -- COMMAND [ARG]...",
    )
    about = "; ".join(f"{name}: {engine.about}" for name, engine in ENGINES.items())
    parser.add_argument("--engine", choices=ENGINES, default="llamacpp", help=about)
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
    engine = ENGINES[options.engine]
    # An ordinary SIGTERM would skip the cleanup and leave it to the kernel (the servers die with their parent).
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with only_one_at_a_time(WORKING_FOLDER):
        prepare(engine)
    with servers(engine, options.servers, options.parallel) as running:
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
