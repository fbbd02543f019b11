"""The two wire dialects: request bodies, and lines of a response turned into text, write stamps and final records."""

import json
from argparse import Namespace
from dataclasses import dataclass, field
from typing import Any

from spec import AgentPlan

KEEP_ALIVE = "30m"
"""How long a server is asked to keep its model loaded, so that no trial of a sweep meets a reload."""

TEMPERATURE = 0.8
"""Sent when the plan names no temperature: Ollama's own default, made explicit."""

LONGEST_LINE_BYTES = 1024 * 1024


class Fault(Exception):
    """Why a request failed: the status of its row, and one line for the column `error`."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass
class Piece:
    """What one line says."""

    texts: list[str] = field(default_factory=list)
    written_ns: int | None = None
    final: dict[str, Any] | None = None


PATHS = {
    ("ollama", "generate"): "/api/generate",
    ("ollama", "chat"): "/api/chat",
    ("openai", "generate"): "/v1/completions",
    ("openai", "chat"): "/v1/chat/completions",
}


def body(spec: Namespace, agent: AgentPlan, prompt: str, tokens: int | None) -> bytes:
    """The JSON body of a streaming request; without `tokens` the model decides its length. Options of the plan win."""
    request: dict[str, Any] = {"model": spec.model, "stream": True}
    if spec.endpoint == "generate":
        request["prompt"] = prompt
    else:
        request["messages"] = [{"role": "user", "content": prompt}]
    sampling: dict[str, Any] = {"temperature": TEMPERATURE, "seed": agent.seed}
    if spec.api == "ollama":
        sampling |= {"num_predict": tokens} if tokens else {}
        request |= {"keep_alive": KEEP_ALIVE, "options": sampling | agent.options}
    else:
        sampling |= {"max_tokens": tokens} if tokens else {}
        request |= sampling | {"stream_options": {"include_usage": True}} | agent.options
    return json.dumps(request).encode()


class Lines:
    """Cuts a body into lines, wherever its chunks were cut."""

    def __init__(self) -> None:
        self.partial = b""

    def push(self, chunk: bytes) -> list[bytes]:
        """The lines that this chunk completes."""
        *whole, self.partial = (self.partial + chunk).split(b"\n")
        if len(self.partial) > LONGEST_LINE_BYTES or any(len(line) > LONGEST_LINE_BYTES for line in whole):
            raise Fault("too_large", f"a line of over {LONGEST_LINE_BYTES} bytes")
        return whole

    def finish(self) -> list[bytes]:
        """A last line without a line feed is a line."""
        rest, self.partial = self.partial, b""
        return [rest] if rest else []


def read_line(api: str, line: bytes) -> Piece:
    """What one line of a response says."""
    try:
        return read_ollama(line) if api == "ollama" else read_openai(line)
    except (AttributeError, TypeError) as error:
        raise Fault("malformed", f"not an object of the stream's shape ({error}): {line[:80]!r}") from error


def read_object(data: bytes) -> dict[str, Any]:
    """A JSON object, or the fault of a line that is none."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Fault("malformed", f"not an object of the stream ({error}): {data[:80]!r}") from error
    if not isinstance(value, dict):
        raise Fault("malformed", f"not an object of the stream: {data[:80]!r}")
    return value


def read_ollama(line: bytes) -> Piece:
    """One object a line, from /api/generate and /api/chat alike."""
    if not line.strip():
        return Piece()
    value = read_object(line)
    if "error" in value:
        raise Fault("server_error", str(value["error"]))
    message = value.get("message")
    text = value.get("response", message.get("content") if isinstance(message, dict) else None)
    done = value.get("done") is True
    if not isinstance(text, str) and not done:
        raise Fault("malformed", f"an object without text, done or error: {line[:80]!r}")
    final = None
    if done:
        final = {
            "done_reason": value.get("done_reason", ""),
            "prompt_tokens": value.get("prompt_eval_count"),
            "load_ns": value.get("load_duration"),
            "prompt_eval_ns": value.get("prompt_eval_duration"),
            "eval_ns": value.get("eval_duration"),
            "server_total_ns": value.get("total_duration"),
        }
    return Piece([text] if text else [], value.get("sim_write_ns"), final)


def read_openai(line: bytes) -> Piece:
    """Server-sent events: one object a `data:` line, closed by [DONE]; other fields carry no tokens."""
    data = line.removesuffix(b"\r")
    if not data.startswith(b"data:"):
        if data and not data.startswith((b":", b"event:", b"id:", b"retry:")):
            raise Fault("malformed", f"not a line of server-sent events: {data[:80]!r}")
        return Piece()
    data = data[len(b"data:") :].strip()
    if data == b"[DONE]":
        return Piece()
    value = read_object(data)
    if "error" in value:
        raise Fault("server_error", error_text(data))
    piece = Piece(written_ns=value.get("sim_write_ns"))
    final: dict[str, Any] = {}
    for choice in value.get("choices") or []:
        text = choice.get("text") or (choice.get("delta") or {}).get("content")
        if text:
            piece.texts.append(text)
        if choice.get("finish_reason"):
            final["done_reason"] = choice["finish_reason"]
    # Usage and timings come with the finishing event or after it.
    if value.get("usage"):
        final["prompt_tokens"] = value["usage"].get("prompt_tokens")
    if value.get("timings"):
        final["prompt_eval_ns"] = nanoseconds(value["timings"].get("prompt_ms"))
        final["eval_ns"] = nanoseconds(value["timings"].get("predicted_ms"))
    piece.final = final or None
    return piece


def nanoseconds(milliseconds: object) -> int | None:
    """A figure that is not a duration is missing, not zero."""
    if isinstance(milliseconds, (int, float)) and 0 <= milliseconds < 1e12:
        return round(milliseconds * 1e6)
    return None


def error_text(data: bytes) -> str:
    """The error text inside an error body of either dialect; the start of the body where it has none."""
    try:
        error = json.loads(data)["error"]
    except (ValueError, KeyError, TypeError):
        return data[:200].decode(errors="replace").strip()
    return str(error["message"] if isinstance(error, dict) and "message" in error else error)
