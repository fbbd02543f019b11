"""From what a tool told and what the simulator's log says to the figures of one run."""

import math
from dataclasses import asdict, dataclass, fields
from statistics import median

from load import Level, Outcome, Seen, Stream
from process_tree import Usage

MS = 1e6


@dataclass
class Figures:
    """One line of results.csv: one process of one tool at one level. None where there is nothing to tell."""

    tool: str
    streams: int
    gap_ms: float
    tokens: int
    repetition: int
    position: int
    status: str
    """`ok`, `failed requests`, `timeout`, `failed`, or `not installed`."""
    problem: str = ""
    ok_requests: int | None = None
    failed_requests: int | None = None
    ttft_bias_ms: float | None = None
    """Median over requests of the tool's time to first token minus the server's own."""
    gap_error_p99_ms: float | None = None
    """99th percentile over all tokens of |gap that the tool tells - gap between the writes|."""
    share_of_ideal: float | None = None
    """Tokens received per second of the tool's time, as a share of what the load would give if nothing was late."""
    streams_at_once: int | None = None
    """Most measured streams that the servers had open at once."""
    cpu_s_per_1000_tokens: float | None = None
    """CPU time of the tool's process tree while the measured streams ran."""
    cpu_total_s: float | None = None
    """CPU time of the whole life of the process tree: start, warm-up and its own report included."""
    peak_rss_mib: float | None = None
    """Largest sum of the processes' resident memory."""
    simulator_late_p99_ms: float | None = None
    """How late the simulator itself wrote."""
    wall_s: float | None = None
    """Start to end of the process."""

    @staticmethod
    def columns() -> list[str]:
        return [field.name for field in fields(Figures)]

    def row(self) -> dict[str, str]:
        """As CSV cells: six significant digits, nothing where there is nothing."""
        return {name: cell(value) for name, value in asdict(self).items()}

    @staticmethod
    def from_row(row: dict[str, str]) -> "Figures":
        """The opposite of `row`."""

        def value(name: str, kind: str) -> str | int | float | None:
            if "str" in kind:
                return row[name]
            if row[name] == "":
                return None
            return int(row[name]) if "int" in kind else float(row[name])

        return Figures(**{name: value(name, str(kind)) for name, kind in Figures.__annotations__.items()})


def cell(value: str | int | float | None) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def fill(figures: Figures, level: Level, outcome: Outcome, usage: Usage) -> None:
    """Computes what can be computed."""
    seen, streams = outcome.seen, outcome.streams
    figures.ok_requests = len(seen)
    figures.failed_requests = level.streams - len(seen)
    figures.problem = outcome.problem
    figures.streams_at_once = most_at_once(streams)
    if not seen or not streams:
        figures.status = "failed"
        return
    figures.status = "ok" if len(seen) == level.streams else "failed requests"
    pairs = joined(seen, streams)
    figures.ttft_bias_ms = scaled(ttft_bias_ns(seen, streams, pairs))
    gap_error = outcome.gap_error_p99_ns
    figures.gap_error_p99_ms = scaled(gap_error_p99_ns(pairs) if gap_error is None else gap_error)
    span = max(one.end_ns for one in seen) - min(one.start_ns for one in seen)
    received = sum(one.tokens for one in seen)
    figures.share_of_ideal = received / (level.streams * level.tokens) * level.ideal_ns / span
    # The tool's clock may be another one: its first request is taken for the first that the server saw.
    first = min(stream.request_ns for stream in streams)
    last = max(first + span, *(stream.end_ns for stream in streams))
    spent = usage.cpu_at(last) - usage.cpu_at(first)
    figures.cpu_s_per_1000_tokens = spent / 1e9 / sum(stream.tokens for stream in streams) * 1000


def scaled(value_ns: float | None) -> float | None:
    return None if value_ns is None else value_ns / MS


def joined(seen: list[Seen], streams: list[Stream]) -> list[tuple[Seen, Stream]]:
    """Each request with its stream, where both carry a name."""
    by_key = {name: stream for stream in streams for name in (stream.digest, stream.request_id) if name}
    return [(one, by_key[one.key]) for one in seen if one.key in by_key]


def ttft_bias_ns(seen: list[Seen], streams: list[Stream], pairs: list[tuple[Seen, Stream]]) -> float | None:
    """Median difference; without names the difference of the medians."""
    differences = [
        one.ttft_ns - stream.ttft_ns
        for one, stream in pairs
        if one.ttft_ns is not None and stream.ttft_ns is not None
    ]
    if differences:
        return median(differences)
    told = [one.ttft_ns for one in seen if one.ttft_ns is not None]
    true = [stream.ttft_ns for stream in streams if stream.ttft_ns is not None]
    return median(told) - median(true) if told and true else None


def gap_error_p99_ns(pairs: list[tuple[Seen, Stream]]) -> float | None:
    """Over all tokens whose gap is known on both sides; a response whose token counts differ tells nothing."""
    errors = [
        abs(told - (later - earlier))
        for one, stream in pairs
        if one.gaps_ns is not None and len(one.gaps_ns) + 1 == len(stream.token_writes_ns)
        for told, earlier, later in zip(one.gaps_ns, stream.token_writes_ns, stream.token_writes_ns[1:])
    ]
    return quantile(errors, 0.99)


def quantile(values: list[float], q: float) -> float | None:
    """Type 7 of Hyndman and Fan (1996)."""
    if not values:
        return None
    ascending = sorted(values)
    place = q * (len(ascending) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ascending) - 1)
    return ascending[below] + (ascending[above] - ascending[below]) * (place - below)


def most_at_once(streams: list[Stream]) -> int:
    """An end counts before a beginning at the same moment."""
    changes = sorted([(s.request_ns, 1) for s in streams] + [(s.end_ns, -1) for s in streams])
    most = now = 0
    for _, change in changes:
        now += change
        most = max(most, now)
    return most
