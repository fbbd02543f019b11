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


def simulator(level: Level, log: Path) -> contextlib.AbstractContextManager[Simulator]:
    """Servers of a level that end with the block; only then is their log whole."""
    return running(arguments(level, log))


@contextlib.contextmanager
def running(options: list[str]) -> Iterator[Simulator]:
    """A simulator with these options that ends with the block."""
    with subprocess.Popen([BINARY, *options], stdout=subprocess.PIPE, text=True) as process:
        started = Simulator(json.loads(process.stdout.readline())["listening"])
        try:
            yield started
        finally:
            process.terminate()
            out, _ = process.communicate()
            with contextlib.suppress(ValueError):
                started.report = json.loads(out)


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
