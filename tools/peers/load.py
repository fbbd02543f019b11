"""The load that every tool is given, and what is seen of it from both ends. All times in nanoseconds."""

from dataclasses import dataclass

MS = 1_000_000
TTFT_NS = 65 * MS
"""From a request to the earliest first token: the simulator's profile `fast`, rounded."""
JITTER = 0.1
"""Largest random delay of a token as a share of the gap."""
WARM_UP_TOKENS = 2
"""Length of the request that opens a connection, where the tool lets it differ from the measured ones."""
MODEL = "sim"


@dataclass(frozen=True)
class Level:
    """So many streams at once, each `tokens` tokens with a gap of `gap_ns` between them."""

    streams: int
    gap_ns: int
    tokens: int

    @property
    def ideal_ns(self) -> int:
        """From a request to its final record when nothing is ever late."""
        return TTFT_NS + self.tokens * self.gap_ns


LEVELS = {
    level.streams: level
    for level in (
        Level(2, 20 * MS, 64),
        Level(16, 20 * MS, 64),
        Level(128, 20 * MS, 64),
        Level(512, 20 * MS, 64),
        Level(2048, 100 * MS, 24),
    )
}


@dataclass(frozen=True)
class Stream:
    """One line of the simulator's log: the truth."""

    request_id: str
    request_ns: int
    first_write_ns: int | None
    last_write_ns: int | None
    end_ns: int
    tokens: int
    digest: str
    token_writes_ns: list[int]

    @property
    def ttft_ns(self) -> int | None:
        """What the server itself took to the first token."""
        return None if self.first_write_ns is None else self.first_write_ns - self.request_ns


@dataclass(frozen=True)
class Seen:
    """One measured request as the tool tells it. `start_ns` and `end_ns` are on any one clock of the tool's."""

    start_ns: int
    end_ns: int
    ttft_ns: int | None
    tokens: int
    key: str | None = None
    """The request id or the digest of a stream in the log; None where the tool exports neither."""
    gaps_ns: list[int] | None = None
    """Between its tokens; None where the tool exports none."""


@dataclass
class Outcome:
    """What a tool tells of its measured requests, and which streams of the log they were."""

    seen: list[Seen]
    streams: list[Stream]
    gap_error_p99_ns: int | None = None
    """The tool's own figure, where it exports that instead of its gaps."""
    problem: str = ""
    """Why requests failed."""
