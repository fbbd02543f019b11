"""Tandem's own arms, run as the driver runs them."""

import json
from pathlib import Path

from load import MODEL, Level, Outcome, Seen, Stream
from pinned_packages import Failure

from .tool import ROOT, Unreadable, last_line, own_variables, relative

BINARIES = ROOT / "target" / "release"


class Arm:
    """One arm with one of its HTTP clients."""

    about = (
        "one trial as `make sweep` runs it: connections opened by requests of 2 tokens, a few streams alone, then all "
        "together, of which alone the figures are; its gap error is its own figure over all tokens"
    )

    def __init__(self, arm: str, client: str) -> None:
        self.arm, self.client = arm, client
        self.name = f"{arm}, {client}"
        self.binary = BINARIES / arm

    def install(self) -> None:
        if not self.binary.exists():
            raise Failure(f"{relative(self.binary)} is not built; build it with: make build")

    def version(self) -> str:
        import subprocess

        told = subprocess.run([self.binary, "--version"], capture_output=True, text=True, check=True)
        return told.stdout.strip().splitlines()[0]

    def variables(self) -> dict[str, str]:
        return own_variables()

    def command(self, level: Level, servers: list[str], folder: Path) -> list[str]:
        places = [word for server in servers for word in ("--server", server)]
        return [
            *[relative(self.binary), *places, "--server-kind", "sim", "--model", MODEL, "--client", self.client],
            *["--agents", str(level.streams), "--tokens", str(level.tokens), "--cache", "none"],
        ]

    def outcome(self, level: Level, folder: Path, streams: list[Stream]) -> Outcome:
        try:
            report = json.loads(last_line(folder / "output"))
        except ValueError as error:
            raise Unreadable(f"no report: {last_line(folder / 'output')[:200]}") from error
        rows = [row for row in report["requests"] if row["phase"] == "concurrent"]
        ok = [row for row in rows if row["status"] == "ok"]
        seen = [
            Seen(
                start_ns=row["start_ns"],
                end_ns=row["start_ns"] + row["e2e_ns"],
                ttft_ns=row["ttft_ns"],
                tokens=row["output_tokens"],
                key=row["digest"],
            )
            for row in ok
        ]
        # The solo phase has the same digests as the concurrent one: the moment tells them apart.
        began = min((row["start_ns"] for row in rows), default=0)
        failed = [row for row in rows if row["status"] != "ok"]
        return Outcome(
            seen=seen,
            streams=[stream for stream in streams if stream.request_ns >= began],
            gap_error_p99_ns=(report.get("delays") or {}).get("gap_error_p99_ns"),
            problem="; ".join(sorted({f"{row['status']}: {row['error']}"[:120] for row in failed})[:2]),
        )
