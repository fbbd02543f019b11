"""Reads one response stream: bytes in, pieces into the recorder, until the stream says that it is whole.

Strict where something is measured (the text), lenient everywhere else. The rules are those of the other arms; what ends a
stream is the table in shared/core/src/wire/ending.rs.
"""

import contextlib
from typing import Any

import json_text
from content import functions, message
from event_stream import DONE, Event, EventStream, Lines
from fault import Fault, error_text, excerpt, no_done, reported, server_error, shortened
from json_text import count, dictionary, nanoseconds, whole_number
from recorder import Recorder

MOST_STRAY_BYTES = 16 * 1024
"""How much is kept of an object that stands outside of the stream, for the error that it may be."""


def decoder(api: str, recorder: Recorder) -> "Decoder":
    """The decoder for one response of this dialect."""
    return OllamaDecoder(recorder) if api == "ollama" else OpenaiDecoder(recorder)


class Decoder:
    """What both dialects have in common."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.stray = b""
        """An object under way that stands outside of the stream."""
        self.last_words = ""
        """The last words of the server that were none of the stream."""

    def push(self, chunk: bytes) -> bool:
        """Takes the next bytes of the body. True once the end marker has come: what follows does not count."""
        raise NotImplementedError

    def finish(self) -> None:
        """Takes the end of the stream, at its marker or at the end of the body."""
        raise NotImplementedError

    def must_be_whole(self) -> None:
        """Raises the fault of a stream that is not."""
        if not self.recorder.is_whole():
            raise no_done(len(self.recorder.seen_ns), self.last_words)

    def keep_stray(self, line: bytes) -> None:
        """Keeps a line of an object that stands outside of the stream, which may be an error over several lines."""
        if len(self.stray) + len(line) < MOST_STRAY_BYTES:
            self.stray += line + b"\n"
            self.last_words = shortened(self.stray.decode(errors="replace"))
        if not line.rstrip().endswith((b"}", b"]")):
            return
        try:
            value = json_text.read(self.stray)
        except ValueError:
            return
        self.raise_reported(value)
        if dictionary(value).get("choices"):
            raise Fault("malformed", "the server does not stream: it answered with one object in place of events")

    @staticmethod
    def raise_reported(value: Any) -> None:
        """Raises the error that an object reports, or one of a list."""
        for each in value if isinstance(value, list) else [value]:
            if error := reported(dictionary(each)):
                raise error


class OllamaDecoder(Decoder):
    """One object a line, from /api/generate and /api/chat alike."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self.lines = Lines()

    def push(self, chunk: bytes) -> bool:
        return any(self._read(line) for line in self.lines.push(chunk))

    def finish(self) -> None:
        if not self.recorder.done:
            for line in self.lines.finish():
                is_cut = line.lstrip().startswith(b"{") and not json_text.is_object(line)
                if is_cut and not self.stray:  # by the end of the body
                    self.last_words = shortened(line.decode(errors="replace"))
                else:
                    self._read(line)
        self.must_be_whole()

    def _read(self, line: bytes) -> bool:
        if not line.strip():
            return False
        if line.strip() == b"{" or self.stray:  # only an error is written over several lines
            self.keep_stray(line)
            return False
        try:
            value = json_text.read(line)
        except ValueError as error:
            raise Fault("malformed", f"not an object of Ollama's stream ({error}): {excerpt(line)}") from error
        if not isinstance(value, dict):
            raise Fault("malformed", f"not an object of Ollama's stream: {excerpt(line)}")
        if value.get("error"):
            raise server_error(value)
        return self._read_object(value, line)

    def _read_object(self, value: dict[str, Any], line: bytes) -> bool:
        inner = dictionary(value.get("message"))
        has_own = value.get("response") is not None or value.get("thinking") is not None
        if not has_own and inner.get("content") is None and inner.get("thinking") is None and value.get("done") is None:
            if error := reported(value):
                raise error
            return False
        thought, answer = (value, value.get("response")) if has_own else (inner, inner.get("content"))
        text = message([thought.get("thinking")], [answer], functions(inner.get("tool_calls")), line)
        self.recorder.on_piece(text.thinking, text.answer, count(value.get("sim_write_ns")))
        if value.get("done") is not True:
            return False
        self.recorder.tell(
            prompt_tokens=whole_number(value.get("prompt_eval_count")),
            load_ns=whole_number(value.get("load_duration")),
            prompt_eval_ns=whole_number(value.get("prompt_eval_duration")),
            eval_ns=whole_number(value.get("eval_duration")),
            server_total_ns=whole_number(value.get("total_duration")),
        )
        self.recorder.on_count(value.get("eval_count"))
        self.recorder.on_reason(value.get("done_reason"), beside_text=True)
        self.recorder.done = True
        return True


class OpenaiDecoder(Decoder):
    """Server-sent events, one object each, ended by [DONE], by a reason, or by both."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self.events = EventStream()

    def push(self, chunk: bytes) -> bool:
        return any(self._read(event) for event in self.events.push(chunk))

    def finish(self) -> None:
        if not self.recorder.done:
            any(self._read(event) for event in self.events.finish())
        self.must_be_whole()

    def _read(self, event: Event) -> bool:
        if event.kind == b"line":
            self._read_line(event.data)
            return False
        self.stray = b""
        data = event.data.strip()
        if event.kind.strip() == b"error":
            raise Fault("server_error", error_text(data) or "an error event without a text")
        if data.upper() in DONE:
            self.recorder.done = True
        elif not data.startswith(b"{"):
            if data.startswith(b"["):
                with contextlib.suppress(ValueError):
                    self.raise_reported(json_text.read(data))
            self._keep_words(data)
        else:
            try:
                value = json_text.read(data)
            except ValueError as error:
                raise Fault("malformed", f"not an event of OpenAI's stream ({error}): {excerpt(data)}") from error
            self._read_object(value, data)
        return self.recorder.done

    def _read_line(self, line: bytes) -> None:
        """A line that is no field of the standard means nothing, unless it is an error or of an object."""
        name, _, value = line.partition(b":")
        if name == b"error":
            raise Fault("server_error", error_text(value) or "an error line without a text")
        if self.stray or line.lstrip().startswith((b"{", b"[")):
            self.keep_stray(line)
        elif name not in (b"id", b"retry") and not self.last_words:  # perhaps the first line of a page for people
            self.last_words = shortened(line.decode(errors="replace"))

    def _keep_words(self, data: bytes) -> None:
        if data != b"null":
            self.last_words = shortened(data.decode(errors="replace"))

    def _read_object(self, value: dict[str, Any], data: bytes) -> None:
        kind = value.get("object")
        if value.get("error") or (isinstance(kind, str) and "error" in kind):
            raise server_error(value)
        if all(value.get(name) is None for name in ("choices", "usage", "timings")):
            if error := reported(value):
                raise error
            self._keep_words(data)
            return
        choices = value.get("choices")
        for choice in map(dictionary, choices if isinstance(choices, list) else []):
            if whole_number(choice.get("index")):
                self.recorder.several_responses = True  # one response is measured: the first
            else:
                self._read_choice(choice, count(value.get("sim_write_ns")), data)
        usage, timings = dictionary(value.get("usage")), dictionary(value.get("timings"))
        self.recorder.on_count(usage.get("completion_tokens"))
        # The engine's own count, where a gateway before it may have counted anew with another tokenizer.
        self.recorder.on_count(timings.get("predicted_n"))
        self.recorder.tell(
            prompt_tokens=count(usage.get("prompt_tokens")),
            prompt_eval_ns=nanoseconds(timings.get("prompt_ms")),
            eval_ns=nanoseconds(timings.get("predicted_ms")),
        )

    def _read_choice(self, choice: dict[str, Any], written_ns: int | None, data: bytes) -> None:
        delta = dictionary(choice.get("delta"))
        thoughts = [delta.get(name) for name in ("reasoning_content", "reasoning", "thinking", "reasoning_details")]
        answers = [choice.get("text"), delta.get("content"), delta.get("refusal")]
        text = message(thoughts, answers, [*functions(delta.get("tool_calls")), delta.get("function_call")], data)
        has_text = self.recorder.on_piece(text.thinking, text.answer, written_ns)
        self.recorder.on_reason(choice.get("finish_reason"), beside_text=has_text)
