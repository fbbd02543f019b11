"""NVIDIA's aiperf, over the simulator's OpenAI endpoint."""

import json
from pathlib import Path

import byte_tokenizer
from install import AIPERF, FOLDER, version_of
from load import MODEL, MS, Level, Outcome, Seen, Stream

from .tool import Unreadable, last_line, own_variables, relative

TOKENIZER = FOLDER / "byte-tokenizer"
PROMPT_TOKENS = "16"


class Aiperf:
    """The benchmark as its guide starts it, without what it would ask of a graphics card or of a real server."""

    name = "aiperf"
    about = (
        "its own figures per request (`profile_export.jsonl`, export level `records`), with its own number of worker "
        "processes; OpenAI's chat dialect; its warm-up requests are as long as the measured ones"
    )

    def install(self) -> None:
        AIPERF.ensure()
        byte_tokenizer.write(TOKENIZER)

    def version(self) -> str:
        return f"aiperf {version_of(AIPERF, 'aiperf')}"

    def variables(self) -> dict[str, str]:
        return own_variables() | AIPERF.extra_variables() | {"COLUMNS": "120"}

    def command(self, level: Level, servers: list[str], folder: Path) -> list[str]:
        places = [word for server in servers for word in ("--url", server)]
        count = str(level.streams)
        return [
            *[AIPERF.python(), "-s", "-B", "-m", "aiperf", "profile", "--model", MODEL, *places],
            *["--endpoint-type", "chat", "--streaming", "--tokenizer", relative(TOKENIZER), "--use-server-token-count"],
            *["--concurrency", count, "--request-count", count, "--warmup-request-count", count],
            *["--isl", PROMPT_TOKENS, "--isl-stddev", "0", "--osl", str(level.tokens), "--osl-stddev", "0"],
            *["--export-level", "records", "--random-seed", "1", "--ui", "none", "--no-gpu-telemetry"],
            *["--no-server-metrics", "--artifact-dir", relative(folder / "artifacts")],
        ]

    def outcome(self, level: Level, folder: Path, streams: list[Stream]) -> Outcome:
        file = folder / "artifacts" / "profile_export.jsonl"
        if not file.exists():
            raise Unreadable(last_line(folder / "output")[:200] or "it wrote nothing")
        records = [json.loads(line) for line in file.read_text().splitlines()]
        warm_up = {r["metadata"]["x_request_id"] for r in records if r["metadata"]["benchmark_phase"] == "warmup"}
        measured = [record for record in records if record["metadata"]["x_request_id"] not in warm_up]
        failed = [record for record in measured if record.get("error")]
        problem = "; ".join(sorted({str(record["error"])[:120] for record in failed})[:2])
        return Outcome(
            seen=[seen(record) for record in measured if not record.get("error")],
            streams=[stream for stream in streams if stream.request_id and stream.request_id not in warm_up],
            problem=problem,
        )


def seen(record: dict) -> Seen:
    """One line of its export; times in it are wall-clock nanoseconds, metrics are milliseconds."""
    about, metrics = record["metadata"], record["metrics"]

    def value(name: str) -> float | list[float] | None:
        return metrics[name]["value"] if name in metrics else None

    ttft, gaps = value("time_to_first_token"), value("inter_chunk_latency")
    return Seen(
        start_ns=about["request_start_ns"],
        end_ns=about["request_end_ns"],
        ttft_ns=None if ttft is None else round(ttft * MS),
        tokens=int(value("output_sequence_length") or 0),
        key=about["x_request_id"],
        gaps_ns=None if gaps is None else [round(gap * MS) for gap in gaps],
    )
