"""Why a request failed, in the terms of the status column, and the words of a server that reports an error."""

import json
from typing import Any

from server_text import server_text

NAMES_OF_WORDS = ("message", "error", "detail", "details", "errors", "msg", "description", "reason")
"""Where servers put their words, the most telling first."""

LONGEST_TEXT = 400


class Fault(Exception):
    """Why a request failed: the status of its row, and one line for the column `error`. It may hold a server's words, which come in
    here."""

    def __init__(self, status: str, message: str) -> None:
        message = server_text(message)
        super().__init__(message)
        self.status = status
        self.message = message


def no_done(pieces: int, last_words: str) -> Fault:
    """A stream that ended in good order, but without saying that it is whole."""
    said = f"; the server's last words: {last_words}" if last_words else ""
    return Fault("no_done", f"the stream ended after {pieces} pieces without a final record{said}")


def refusal(http_status: int, body: bytes, location: str | None) -> Fault:
    """A response that is no stream, told by its head and the start of its body."""
    text = error_text(body)
    status = {429: "busy", 503: "busy"}.get(http_status, "http_error")
    if http_status == 404 and "model" in text:
        status = "model_missing"
    moved = f"moved to {location}; name the server by that address" if location is not None else ""
    return Fault(status, ": ".join(part for part in (f"http {http_status}", moved, text) if part))


def error_text(body: bytes) -> str:
    """The error text inside an error body of any dialect; the start of the body where it has none."""
    text = body[: 64 * 1024].decode(errors="replace")
    try:
        return words(json.loads(text)) or shortened(text)
    except (ValueError, RecursionError):
        return shortened(text)


def reported(value: Any) -> Fault | None:
    """The error that an object reports which is no event of a stream; None where it reports none."""
    if not isinstance(value, dict):
        return None
    kind = value.get("object", value.get("type"))
    says_so = isinstance(kind, str) and "error" in kind
    has_words = any(isinstance(value.get(name), (str, list, dict)) and value[name] for name in NAMES_OF_WORDS)
    return server_error(value) if says_so or has_words else None


def server_error(value: Any) -> Fault:
    """The error that this object is."""
    return Fault("server_error", words(value) or shortened(json.dumps(value, ensure_ascii=False)))


def words(value: Any) -> str | None:
    """The words of an object, however deep they lie."""
    if isinstance(value, str):
        return shortened(value) or None
    if isinstance(value, list):
        return shortened("; ".join(found for item in value if (found := words(item)))) or None
    if not isinstance(value, dict):
        return None
    found = next((text for name in NAMES_OF_WORDS if (text := words(value.get(name)))), None)
    if found and isinstance(value.get("loc"), list):  # FastAPI names the field that it does not like beside the text
        return shortened(f"{'.'.join(map(str, value['loc']))}: {found}")
    return found


def shortened(text: str) -> str:
    """One line of limited length."""
    line = " ".join(part.strip() for part in text.strip().replace("\r", "\n").split("\n"))
    return line if len(line) <= LONGEST_TEXT else line[:LONGEST_TEXT] + "…"


def excerpt(data: bytes) -> str:
    """A short piece of bad bytes for an error message."""
    return repr(data[:80].decode(errors="replace"))
