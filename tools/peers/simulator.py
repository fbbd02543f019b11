"""The simulated servers of one run, and their log."""

import contextlib
import csv
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from load import JITTER, MODEL, MS, TTFT_NS, Level, Stream

ROOT = Path(__file__).resolve().parents[2]
BINARY = ROOT / "target" / "release" / "ollama-sim"


def arguments(level: Level, log: Path | str) -> list[str]:
    """Its command line for a level; two ports are two servers."""
    return [
        *["--listen", "127.0.0.1:0"] * 2,
        *["--ttft-ms", f"{TTFT_NS / MS:g}", "--itl-ms", f"{level.gap_ns / MS:g}", "--jitter", f"{JITTER:g}"],
        *["--tokens", str(level.tokens), "--model", MODEL, "--log", str(log), "--log-tokens", "--exit-with-parent"],
    ]


class Simulator:
    """A running simulator: its servers' addresses, and after its end its report."""

    def __init__(self, servers: list[str]) -> None:
        self.servers = servers
        self.report: dict[str, int | None] = {}


@contextlib.contextmanager
def simulator(level: Level, log: Path) -> Iterator[Simulator]:
    """Servers that end with the block; only then is their log whole."""
    command = [BINARY, *arguments(level, log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        running = Simulator(json.loads(process.stdout.readline())["listening"])
        try:
            yield running
        finally:
            process.terminate()
            out, _ = process.communicate()
            with contextlib.suppress(ValueError):
                running.report = json.loads(out)


def read_log(file: Path) -> list[Stream]:
    """The streams in the order of their requests."""

    def number(cell: str) -> int | None:
        return int(cell) if cell else None

    with open(file, newline="") as lines:
        streams = [
            Stream(
                request_id=row["request_id"],
                request_ns=int(row["request_ns"]),
                first_write_ns=number(row["first_write_ns"]),
                last_write_ns=number(row["last_write_ns"]),
                end_ns=int(row["end_ns"]),
                tokens=int(row["tokens"]),
                digest=row["digest"],
                token_writes_ns=[int(at) for at in row["token_writes_ns"].split()],
            )
            for row in csv.DictReader(lines)
        ]
    return sorted(streams, key=lambda stream: stream.request_ns)
