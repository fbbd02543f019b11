"""What is kept of a response while it arrives: two stamps a piece, the text, the server's figures."""

from dataclasses import dataclass, field
from time import monotonic_ns
from typing import Any

import xxhash
from fault import Fault, shortened
from json_text import count
from server_text import server_text

NO_REASONS = ("", "null", "none", "unfinished")
"""Words that stand where no reason is."""

FAILURES = (
    *("abort", "cancel", "disconnect", "error", "exception", "fail", "insufficient", "interrupt", "overload"),
    *("timeout", "unavailable"),
)
"""Parts of words that tell of a failure. Any other word ends a response."""

MOST_PIECES = 256 * 1024
"""Most pieces of a response whose request asks for no more, and most bytes of its text; of a longer one, most bytes a token."""
MOST_TEXT = 16 * 1024 * 1024
MOST_TEXT_A_TOKEN = 1024


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
    text_length: int = 0
    """Characters of both."""
    done: bool = False
    """Whether the end marker has come: nothing after it counts."""
    gave_reason: bool = False
    """Whether a reason has come, and no text after it."""
    reasons_are_doubtful: bool = False
    """Whether a reason came and text after it: reasons beside text mean nothing then."""
    several_responses: bool = False
    """Whether the server wrote more than one response into the stream: its count is of all of them."""
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
        self.text_length += len(thinking) + len(answer)
        if not answer:
            self.thinking_pieces += 1
        elif self.first_answer_ns is None:
            self.first_answer_ns = self.seen_ns[-1]
        if self.gave_reason:
            self.gave_reason, self.reasons_are_doubtful = False, True
            self.figures.pop("done_reason", None)
        return True

    def check_length(self, asked: int) -> None:
        """Raises the fault of a response that is far longer than anyone would want: a server that never ends must not
        fill the memory."""
        most_pieces, most_text = max(MOST_PIECES, 2 * asked), max(MOST_TEXT, MOST_TEXT_A_TOKEN * asked)
        if len(self.seen_ns) > most_pieces or self.text_length > most_text:
            raise Fault("too_large", f"a response of over {most_pieces} pieces or {most_text} bytes of text")

    def on_reason(self, word: Any, beside_text: bool) -> None:
        """Notes why the server stopped, by the word that it wrote beside text or without."""
        meaning = word.strip().lower() if isinstance(word, str) else ""
        if meaning in NO_REASONS:
            return
        if any(part in meaning for part in FAILURES):
            raise Fault("server_error", f"the server gave up after {len(self.seen_ns)} pieces: {shortened(word)}")
        self.tell(done_reason=server_text(word))
        self.gave_reason = self.gave_reason or not (self.reasons_are_doubtful and beside_text)

    def on_count(self, tokens: Any) -> None:
        """Notes the server's count of generated tokens so far."""
        self.told_tokens = count(tokens) or self.told_tokens

    def is_whole(self) -> bool:
        """Whether the stream is whole, as far as it tells by itself."""
        return self.gave_reason or (self.done and (bool(self.seen_ns) or "done_reason" in self.figures))

    def tell(self, **figures: Any) -> None:
        """Keeps the figures that the server tells; a missing one replaces nothing."""
        self.figures |= {name: value for name, value in figures.items() if value is not None}

    def tokens(self) -> tuple[int, str | None]:
        """Tokens generated, and who counted them."""
        if self.told_tokens and not self.several_responses:
            return self.told_tokens, "server"
        return len(self.seen_ns), "pieces" if self.seen_ns else None

    def digest(self) -> str:
        """XXH3-64 of the text in hexadecimal; empty where there was none."""
        thinking, answer = "".join(self.thinking), "".join(self.answer)
        if not thinking and not answer:
            return ""
        return xxhash.xxh3_64_hexdigest((f"{thinking}\0{answer}" if thinking else answer).encode())
