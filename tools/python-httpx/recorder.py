"""What is kept of a response while it arrives: two stamps a piece, the text, the server's figures."""

from dataclasses import dataclass, field
from time import monotonic_ns
from typing import Any

import xxhash


@dataclass
class Recorder:
    """One response."""

    first_chunk_ns: int | None = None
    chunks: int = 0
    seen_ns: list[int] = field(default_factory=list)
    written_ns: list[int | None] = field(default_factory=list)
    thinking_pieces: int = 0
    first_answer_ns: int | None = None
    thinking: list[str] = field(default_factory=list)
    answer: list[str] = field(default_factory=list)
    done: bool = False
    """Whether the stream has said that it is whole."""
    figures: dict[str, Any] = field(default_factory=dict)
    """What the server tells, by the names of the columns."""
    told_tokens: int | None = None
    """Tokens as the server counts them."""

    def on_chunk(self) -> None:
        """Notes a body chunk."""
        self.chunks += 1
        if self.first_chunk_ns is None:
            self.first_chunk_ns = monotonic_ns()

    def on_piece(self, thinking: str, answer: str, written_ns: int | None) -> bool:
        """Notes what one message brings, at this moment. Without text it is no piece. A message with both thinking and
        answer is one piece of the answer."""
        if not thinking and not answer:
            return False
        self.seen_ns.append(monotonic_ns())
        self.written_ns.append(written_ns)
        self.thinking.append(thinking)
        self.answer.append(answer)
        if not answer:
            self.thinking_pieces += 1
        elif self.first_answer_ns is None:
            self.first_answer_ns = self.seen_ns[-1]
        return True

    def tell(self, **figures: Any) -> None:
        """Keeps the figures that the server tells; a missing one replaces nothing."""
        self.figures |= {name: value for name, value in figures.items() if value is not None}

    def tokens(self) -> tuple[int, str | None]:
        """Tokens generated, and who counted them."""
        if self.told_tokens:
            return self.told_tokens, "server"
        return len(self.seen_ns), "pieces" if self.seen_ns else None

    def digest(self) -> str:
        """XXH3-64 of the text in hexadecimal; empty where there was none."""
        thinking, answer = "".join(self.thinking), "".join(self.answer)
        if not thinking and not answer:
            return ""
        return xxhash.xxh3_64_hexdigest((f"{thinking}\0{answer}" if thinking else answer).encode())
