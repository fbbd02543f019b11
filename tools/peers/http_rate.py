"""Requests a second and CPU per request, from Tandem's arms and from oha, in turns -> reports/peers-http.

    python3 tools/peers/http_rate.py [--repeats N] [--seed N] [--out FOLDER]

Each turn is one process beside a simulator of its own that answers at once with a stream of two tokens: an arm with the
micro workload `http`, which tries every number of connections, or oha with one of them. The order is shuffled inside
each repetition.
"""

import argparse
import csv
import json
import random
import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # no __pycache__ beside the sources
sys.path[:0] = [str(HERE), str(HERE.parent)]
import machine  # noqa: E402
from adapters.tool import Unreadable, last_line, own_variables, relative  # noqa: E402
from install import FOLDER, OHA, build_oha  # noqa: E402
from load import MODEL  # noqa: E402
from pinned_packages import Failure  # noqa: E402
from process_tree import Usage, run  # noqa: E402
from simulator import BINARY, ROOT, running  # noqa: E402

ARMS = ("tokio-default", "tokio-localset", "async-std", "smol", "smol-1kb")
CONNECTIONS = (1, 16, 64, 256)
TOKENS = 2
OHA_REQUESTS = 16_384
"""Of one process of oha: half a second, so that its start is a small part of its CPU time."""
LIMIT_S = 60
SIMULATOR = ["--listen", "127.0.0.1:0", "--profile", "instant", "--model", MODEL, "--exit-with-parent"]


@dataclass(frozen=True)
class Rate:
    """What a turn says of one number of connections."""

    tool: str
    connections: int
    per_s: float
    cpu_us: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1, help="of the order")
    parser.add_argument("--out", type=Path, default=ROOT / "reports" / "peers-http")
    args = parser.parse_args()
    if args.repeats < 1:
        parser.error("--repeats must be at least 1")
    if not BINARY.exists():
        sys.exit(f"peers: {BINARY.relative_to(ROOT)} is not built; build it with: make build")
    turns: list[tuple[str, int | None]] = [(arm, None) for arm in ARMS]
    skipped = ""
    try:
        build_oha()
        turns += [("oha", connections) for connections in CONNECTIONS]
    except (Failure, OSError) as failure:
        skipped = f"oha is not in this table: {failure}"
        print(f"peers: {skipped}", file=sys.stderr)
    facts, order, rates = machine.facts(), random.Random(args.seed), []
    for repetition in range(1, args.repeats + 1):
        order.shuffle(turns)
        for tool, connections in turns:
            rates += one_turn(tool, connections)
        print(f"peers: {repetition} of {args.repeats}", flush=True)
    args.out.mkdir(parents=True, exist_ok=True)
    command = f"python3 tools/peers/http_rate.py --repeats {args.repeats} --seed {args.seed}"
    (args.out / "README.md").write_text(page(rates, facts, command, skipped))
    print(f"peers: {args.out / 'README.md'}")


def one_turn(tool: str, connections: int | None) -> list[Rate]:
    """One process beside its own simulator; ends the program where it fails, since its silence would look like speed."""
    folder = FOLDER / "http-run"
    folder.mkdir(parents=True, exist_ok=True)
    with running(SIMULATOR) as servers:
        server = servers.servers[0]
        command = arm_command(tool, server) if connections is None else oha_command(connections, server, folder)
        usage = run(command, own_variables(), folder / "output", LIMIT_S, ROOT)
    try:
        if usage.exit_code != 0:
            raise Unreadable(f"exit code {usage.exit_code}: {last_line(folder / 'output')[:200]}")
        if connections is None:
            return arm_rates(tool, json.loads(last_line(folder / "output")))
        return [oha_rate(connections, folder / "requests.csv", usage)]
    except (Unreadable, KeyError, ValueError) as why:
        sys.exit(f"peers: {tool}: {why}")


def arm_command(arm: str, server: str) -> list[str]:
    return [
        *[relative(ROOT / "target" / "release" / arm), "--server", server, "--server-kind", "sim", "--model", MODEL],
        *["--client", "hyper", "--workload", "http", "--agents", "1", "--tokens", str(TOKENS), "--cache", "none"],
    ]


def arm_rates(arm: str, report: dict) -> list[Rate]:
    """Medians over the batches of each number of connections."""
    if report["status"] != "ok":
        raise Unreadable(f"{report['status']}: {report['error'][:200]}")
    batches = defaultdict(list)
    for batch in report["micro"]:
        if batch["case"].startswith("hyper/"):
            batches[int(batch["case"].removeprefix("hyper/"))].append(batch)
    return [
        Rate(
            arm,
            connections,
            statistics.median(batch["operations"] * 1e9 / batch["elapsed_ns"] for batch in found),
            statistics.median(batch["cpu_ns"] / batch["operations"] / 1e3 for batch in found),
        )
        for connections, found in sorted(batches.items())
    ]


def oha_command(connections: int, server: str, folder: Path) -> list[str]:
    body = {"model": MODEL, "prompt": "requests", "stream": True, "options": {"num_predict": TOKENS, "seed": 1}}
    return [
        *[relative(OHA), "--no-tui", "--no-color", "-c", str(connections), "-n", str(OHA_REQUESTS)],
        *["-m", "POST", "-T", "application/json", "-d", json.dumps(body), "--redirect", "0"],
        *["--output-format", "csv", "--output", relative(folder / "requests.csv"), f"{server}/api/generate"],
    ]


def oha_rate(connections: int, file: Path, usage: Usage) -> Rate:
    """From the start of its first request to the end of its last one."""
    with open(file, newline="") as lines:
        rows = list(csv.DictReader(lines))
    if len(rows) != OHA_REQUESTS or any(row["status"] != "200" for row in rows):
        raise Unreadable(f"{len(rows)} of {OHA_REQUESTS} requests, not all of status 200")
    starts = [float(row["request-start"]) for row in rows]
    ends = [start + float(row["request-duration"]) for start, row in zip(starts, rows, strict=True)]
    return Rate("oha", connections, len(rows) / (max(ends) - min(starts)), usage.cpu_ns / len(rows) / 1e3)


def page(rates: list[Rate], facts: dict, command: str, skipped: str) -> str:
    """The tables."""
    tools = [tool for tool in (*ARMS, "oha") if any(rate.tool == tool for rate in rates)]
    text = f"<!-- generated by: {command} (do not edit) -->\n# Requests a second beside oha\n\n"
    text += (
        f"{facts['date']}, {facts['cpu']}, {facts['cpus']} CPUs, {facts['kernel']}, revision {facts['revision']}. Median over "
        "repetitions [least, most]. One simulator on the same machine answers every request at once with a stream of two "
        "tokens, so it takes its share of the CPUs.\n\n"
    )
    for title, value, digits in (
        ("Requests a second", lambda rate: rate.per_s, 0),
        ("CPU per request, µs", lambda rate: rate.cpu_us, 1),
    ):
        text += f"## {title}\n\n| connections | {' | '.join(tools)} |\n| ---: |{' ---: |' * len(tools)}\n"
        for connections in CONNECTIONS:
            cells = []
            for tool in tools:
                found = [value(rate) for rate in rates if (rate.tool, rate.connections) == (tool, connections)]
                spread = f"{min(found):,.{digits}f}, {max(found):,.{digits}f}"
                cells.append(f"{statistics.median(found):,.{digits}f} [{spread}]")
            text += f"| {connections} | {' | '.join(cells)} |\n"
        text += "\n"
    text += (
        "The arms use hyper over their own sockets, look at every token and check every answer; a batch is 1,024 requests over "
        f"connections that are open. oha (hyper on Tokio) reads bodies without looking into them; its {OHA_REQUESTS:,} requests open "
        "their connections first, and the start of its process is in its CPU time.\n\n"
    )
    return text + (f"{skipped}\n\n" if skipped else "") + f"Made by `{command}` (`make peers-http`).\n"


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
