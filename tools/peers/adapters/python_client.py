"""httpx and aiohttp, each as a plain asyncio program: tools/peers/stream_client.py."""

import json
from itertools import pairwise
from pathlib import Path

from install import CLIENTS, version_of
from load import MODEL, WARM_UP_TOKENS, Level, Outcome, Seen, Stream

from .tool import ROOT, Unreadable, last_line, own_variables, relative

SCRIPT = ROOT / "tools" / "peers" / "stream_client.py"


class PythonClient:
    """One of the two HTTP libraries."""

    about = (
        "an asyncio program of some 100 lines (`tools/peers/stream_client.py`): one client with its limits lifted, "
        "connections opened by requests of 2 tokens, then all streams together; stamps of every token"
    )

    def __init__(self, name: str) -> None:
        self.name = name

    def install(self) -> None:
        CLIENTS.ensure()

    def version(self) -> str:
        return f"{self.name} {version_of(CLIENTS, self.name)}"

    def variables(self) -> dict[str, str]:
        return own_variables() | CLIENTS.extra_variables()

    def command(self, level: Level, servers: list[str], folder: Path) -> list[str]:
        numbers = [str(level.streams), str(level.tokens), str(WARM_UP_TOKENS)]
        script = [CLIENTS.python(), "-s", "-B", relative(SCRIPT), self.name]
        return [*script, *numbers, MODEL, relative(folder / "tokens.jsonl"), *servers]

    def outcome(self, level: Level, folder: Path, streams: list[Stream]) -> Outcome:
        file = folder / "tokens.jsonl"
        if not file.exists():
            raise Unreadable(last_line(folder / "output")[:200] or "it wrote nothing")
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        seen = [
            Seen(
                start_ns=row["start_ns"],
                end_ns=row["end_ns"],
                ttft_ns=row["seen_ns"][0] - row["start_ns"],
                tokens=len(row["seen_ns"]),
                key=row["id"],
                gaps_ns=[later - earlier for earlier, later in pairwise(row["seen_ns"])],
            )
            for row in rows
            if not row["error"] and row["seen_ns"]
        ]
        measured = [stream for stream in streams if stream.request_id.startswith("m-")]
        problem = "; ".join(sorted({row["error"][:120] for row in rows if row["error"]})[:2])
        return Outcome(seen=seen, streams=measured, problem=problem)
