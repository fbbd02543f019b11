"""oha, a load generator for HTTP: whole requests and their first byte, no tokens."""

import csv
import json
import subprocess
from pathlib import Path

from install import OHA, build_oha
from load import MODEL, Level, Outcome, Seen, Stream

from .tool import Unreadable, last_line, own_variables, relative

NS = 1_000_000_000


class Oha:
    """Two requests per connection: the first opens it, the second is measured."""

    name = "oha"
    about = (
        "counts bytes, not tokens: its time to the first byte of the body stands for TTFT, gaps it has none; the "
        "first request of each connection is the warm-up, as long as the measured second, which begins when the first "
        "ends; port and prompt drawn at random; no names of requests, so medians are compared"
    )

    def install(self) -> None:
        build_oha()

    def version(self) -> str:
        return subprocess.run([OHA, "--version"], capture_output=True, text=True, check=True).stdout.strip()

    def variables(self) -> dict[str, str]:
        return own_variables()

    def command(self, level: Level, servers: list[str], folder: Path) -> list[str]:
        urls, bodies = folder / "urls", folder / "bodies"
        urls.write_text("".join(f"{server}/api/generate\n" for server in servers))
        # One prompt each, as the other tools have: equal prompts would get equal schedules, and bursts.
        options = {"num_predict": level.tokens, "seed": 1}
        body = {"model": MODEL, "stream": True, "options": options}
        bodies.write_text(
            "".join(json.dumps(body | {"prompt": f"stream {number}"}) + "\n" for number in range(level.streams))
        )
        return [
            *[relative(OHA), "--no-tui", "--no-color", "-c", str(level.streams), "-n", str(2 * level.streams)],
            *["-m", "POST", "-T", "application/json", "-Z", relative(bodies), "--redirect", "0"],
            *["--output-format", "csv", "--output", relative(folder / "requests.csv"), "--urls-from-file"],
            relative(urls),
        ]

    def outcome(self, level: Level, folder: Path, streams: list[Stream]) -> Outcome:
        file = folder / "requests.csv"
        if not file.exists():
            raise Unreadable(last_line(folder / "output")[:200] or "it wrote nothing")
        with open(file, newline="") as lines:
            # A request with a dial-up time opened its connection.
            rows = [row for row in csv.DictReader(lines) if float(row["DNS+dialup"]) == 0]
        ok = [row for row in rows if row["status"] == "200"]
        measured = streams[-len(rows) :] if rows else []
        return Outcome(seen=[seen(row, level) for row in ok], streams=measured)


def seen(row: dict[str, str], level: Level) -> Seen:
    """One line of its export, in seconds after its start."""
    start = round(float(row["request-start"]) * NS)
    return Seen(
        start_ns=start,
        end_ns=start + round(float(row["request-duration"]) * NS),
        ttft_ns=round(float(row["Response-delay"]) * NS),
        tokens=level.tokens,
    )
