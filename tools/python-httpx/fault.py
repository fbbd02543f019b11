"""Why a request failed, in the terms of the status column."""

import json
from typing import Any

NAMES_OF_WORDS = ("message", "detail", "details", "msg", "error_message", "error", "errors", "reason")
"""Where the servers' error objects keep what they say, the clearest first."""

FAILED = ("abort", "cancel", "error", "fail", "timeout")
"""Parts of the reasons with which servers end a stream that they could not finish."""


class Fault(Exception):
    """Why a request failed: the status of its row, and one line for the column `error`."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def no_done(pieces: int) -> Fault:
    """A stream that ended in good order, but without saying that it is whole."""
    return Fault("no_done", f"the stream ended after {pieces} pieces without a final record")


def refusal(http_status: int, body: bytes, location: str | None) -> Fault:
    """A response that is no stream, told by its HTTP status and its body."""
    text = words_of_body(body)
    if location is not None:
        text = f"redirects to {location}; give that address as the server if it is plain http. {text}".rstrip(". ")
    status = {429: "busy", 503: "busy"}.get(http_status, "http_error")
    if http_status == 404 and "model" in text:
        status = "model_missing"
    return Fault(status, f"http {http_status}: {text}")


def words_of_body(body: bytes) -> str:
    """The error text inside an error body of any dialect; the start of the body where it has none."""
    text = body.decode(errors="replace")
    try:
        return words(json.loads(text)) or one_line(text)
    except (ValueError, RecursionError):
        return one_line(text)


def words(value: Any) -> str | None:
    """What an error object says, whatever its shape: a text, a list of objects, one object inside another."""
    if isinstance(value, str):
        return one_line(value) or None
    if isinstance(value, list):
        return "; ".join(found for item in value if (found := words(item))) or None
    if isinstance(value, dict):
        return next((found for name in NAMES_OF_WORDS if (found := words(value.get(name)))), None)
    return None


def told_error(value: dict[str, Any]) -> Fault | None:
    """The error that an object of a stream tells, and None for an object that tells none."""
    told = value.get("error") or (value if value.get("object") == "error" or value.get("type") == "error" else None)
    # An object with neither text nor figures that says something says why there are none.
    if told is None and not value.keys() & {"choices", "usage", "timings", "response", "done"}:
        told = value if words(value) else None
    if not told:
        return None
    return Fault("server_error", words(told) or words(value) or one_line(json.dumps(told, ensure_ascii=False)))


def is_failure(reason: str) -> bool:
    """Whether a reason says that the server gave up."""
    return any(part in reason.lower() for part in FAILED)


def one_line(text: str) -> str:
    """The start of a text, fit for the column `error`."""
    return " ".join(text[:500].split())


def excerpt(data: bytes) -> str:
    """A short piece of bad bytes for an error message."""
    return repr(data[:80].decode(errors="replace"))
