"""Reads one response stream: bytes in, pieces into the recorder, until the stream says that it is whole.

Strict where something is measured (the text), lenient everywhere else.
"""

from typing import Any

import json_text
from event_stream import DONE, Event, EventStream, Lines
from fault import Fault, excerpt, is_failure, no_done, one_line, told_error, words_of_body
from json_text import count, dictionary, nanoseconds, whole_number
from recorder import Recorder

MOST_STRAY_BYTES = 64 * 1024
"""How much is kept of a body that is no stream, for the error that it may hold."""


def decoder(api: str, endpoint: str, recorder: Recorder) -> "Decoder":
    """The decoder for one response of this dialect."""
    return OllamaDecoder(recorder) if api == "ollama" else OpenaiDecoder(recorder, endpoint)


class Decoder:
    """What both dialects have in common."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.is_stream = False
        """Whether an object of the stream has come."""
        self.stray: list[bytes] = []
        """Lines that belong to no stream."""

    def push(self, chunk: bytes) -> bool:
        """Takes the next bytes of the body. True once the end marker has come: what follows does not count."""
        raise NotImplementedError

    def finish(self) -> None:
        """Takes the end of the body, where no end marker has come."""
        raise NotImplementedError

    def keep_stray(self, line: bytes) -> None:
        """Keeps a line that belongs to no stream. It may be an error, or with others be the object of one."""
        try:
            raise_error(json_text.read(line))
        except ValueError:
            pass
        if sum(map(len, self.stray)) < MOST_STRAY_BYTES:
            self.stray.append(line)

    def judge_stray(self) -> None:
        """What a body means that is no stream."""
        if not self.stray or self.is_stream:
            return
        body = b"\n".join(self.stray)
        try:
            value = json_text.read(body)
            raise_error(value)
        except ValueError:
            value = None
        if isinstance(value, dict):
            what = "the server answered with one object and does not stream; use a server or a path that does"
            raise Fault("malformed", f"{what}: {excerpt(body)}")
        raise Fault("malformed", f"not a stream of this dialect: {excerpt(body)}")


def raise_error(value: Any) -> None:
    """Raises the error that an object, or a list of objects, tells."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and (error := told_error(item)):
            raise error


class OllamaDecoder(Decoder):
    """One object a line, from /api/generate and /api/chat alike."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder)
        self.lines = Lines()

    def push(self, chunk: bytes) -> bool:
        return any(self._read(line) for line in self.lines.push(chunk))

    def finish(self) -> None:
        for line in self.lines.finish():
            # The stream was cut inside an object that is none.
            if (json_text.is_object(line) or not self.is_stream) and self._read(line):
                return
        self.judge_stray()
        raise no_done(len(self.recorder.seen_ns))

    def _read(self, line: bytes) -> bool:
        if not line.strip():
            return False
        try:
            value = json_text.read(line)
        except ValueError as error:
            if self.is_stream:
                raise Fault("malformed", f"not an object of Ollama's stream ({error}): {excerpt(line)}") from error
            self.keep_stray(line)
            return False
        raise_error(value)
        if not isinstance(value, dict) or self.stray:
            raise Fault("malformed", f"not an object of Ollama's stream: {excerpt([*self.stray, line][0])}")
        self.is_stream = True
        message = dictionary(value.get("message"))
        thinking = text_of(value.get("thinking") or message.get("thinking"), "thinking", line)
        answer = text_of(value.get("response") or message.get("content"), "answer", line)
        thinking, answer = thinking[0] + answer[0], thinking[1] + answer[1] + calls_of(message)
        self.recorder.on_piece(thinking, answer, count(value.get("sim_write_ns")))
        return value.get("done") is True and self._finish(value)

    def _finish(self, value: dict[str, Any]) -> bool:
        reason = value.get("done_reason")
        if isinstance(reason, str) and is_failure(reason):
            raise Fault("server_error", f"the server ended the stream with done_reason {one_line(reason)}")
        self.recorder.told_tokens = count(value.get("eval_count"))
        self.recorder.tell(
            done_reason=reason if isinstance(reason, str) else None,
            prompt_tokens=whole_number(value.get("prompt_eval_count")),
            load_ns=whole_number(value.get("load_duration")),
            prompt_eval_ns=whole_number(value.get("prompt_eval_duration")),
            eval_ns=whole_number(value.get("eval_duration")),
            server_total_ns=whole_number(value.get("total_duration")),
        )
        self.recorder.done = True
        return True


class OpenaiDecoder(Decoder):
    """Server-sent events, one object each, ended by [DONE], by a reason, or by both."""

    def __init__(self, recorder: Recorder, endpoint: str) -> None:
        super().__init__(recorder)
        self.events = EventStream()
        self.endpoint = endpoint
        self.reason: str | None = None
        self.meaningless: set[str] = set()
        """Reasons after which more text came: this server writes them into any event."""
        self.many_choices = False

    def push(self, chunk: bytes) -> bool:
        return any(self._read(event) for event in self.events.push(chunk))

    def finish(self) -> None:
        if any(self._read(event) for event in self.events.finish()):
            return
        if self.reason is None:
            self.judge_stray()
            raise no_done(len(self.recorder.seen_ns))
        self._finish()

    def _read(self, event: Event) -> bool:
        if event.kind == b"line":
            self._read_line(event.data)
            return False
        data = event.data.strip()
        if event.kind.strip() == b"error":
            raise Fault("server_error", words_of_body(data) or "an error event without a text")
        if data in DONE:
            return self._finish()
        try:
            value = json_text.read(data)
        except ValueError as error:
            raise Fault("malformed", f"not an event of OpenAI's stream ({error}): {excerpt(data)}") from error
        raise_error(value)
        if isinstance(value, dict):
            self.is_stream = True
            self._read_object(value, data)
        elif value is not None:
            raise Fault("malformed", f"not an event of OpenAI's stream: {excerpt(data)}")
        return False

    def _read_line(self, line: bytes) -> None:
        """A field that the standard does not know means nothing, unless it is an error or the body is no stream."""
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"error":
            raise Fault("server_error", words_of_body(value) or "an error line without a text")
        self.keep_stray(line)

    def _read_object(self, value: dict[str, Any], data: bytes) -> None:
        choices = value.get("choices")
        for choice in choices if isinstance(choices, list) else []:
            choice = dictionary(choice)
            if choice.get("index") in (None, 0):
                self._read_choice(choice, count(value.get("sim_write_ns")), data)
            else:
                self.many_choices = True
        usage, timings = dictionary(value.get("usage")), dictionary(value.get("timings"))
        told = count(usage.get("completion_tokens")) or count(timings.get("predicted_n"))
        self.recorder.told_tokens = told or self.recorder.told_tokens
        self.recorder.tell(
            prompt_tokens=whole_number(usage.get("prompt_tokens")),
            prompt_eval_ns=nanoseconds(timings.get("prompt_ms")),
            eval_ns=nanoseconds(timings.get("predicted_ms")),
        )

    def _read_choice(self, choice: dict[str, Any], written_ns: int | None, data: bytes) -> None:
        if choice.get("error"):
            raise_error({"error": choice["error"]})
        if self.endpoint == "generate":
            thinking, answer = text_of(choice.get("text"), "answer", data)
        else:
            thinking, answer = text_of_delta(dictionary(choice.get("delta")), data)
        if self.recorder.on_piece(thinking, answer, written_ns) and self.reason is not None:
            self.meaningless.add(self.reason)
            self.reason = None
        reason = choice.get("finish_reason")
        if not isinstance(reason, str) or reason.strip().lower() in ("", "null", "none"):
            return
        if is_failure(reason):
            raise Fault("server_error", f"the server ended the stream with finish_reason {one_line(reason)}")
        if reason not in self.meaningless:
            self.reason = reason

    def _finish(self) -> bool:
        if self.many_choices:
            self.recorder.told_tokens = None  # the server counts those of all choices
        self.recorder.tell(done_reason=self.reason)
        self.recorder.done = True
        return True


def text_of_delta(delta: dict[str, Any], data: bytes) -> tuple[str, str]:
    """Thinking and answer of one delta. Servers that send both fields of thinking send the same in both."""
    thinking = text_of(delta.get("reasoning_content") or delta.get("reasoning"), "thinking", data)
    content = text_of(delta.get("content"), "answer", data)
    refusal = text_of(delta.get("refusal"), "answer", data)
    return thinking[0] + content[0], thinking[1] + content[1] + refusal[1] + calls_of(delta)


def text_of(value: Any, kind: str, data: bytes) -> tuple[str, str]:
    """Thinking and answer in a text, or in a list of typed parts."""
    if value is None:
        return "", ""
    if isinstance(value, str):
        return (json_text.text(value), "") if kind == "thinking" else ("", json_text.text(value))
    if isinstance(value, list):
        parts = [text_of(part, kind, data) for part in value]
        return "".join(part[0] for part in parts), "".join(part[1] for part in parts)
    if isinstance(value, dict):
        told = value.get("type")
        if isinstance(told, str) and ("think" in told or "reason" in told):
            kind = "thinking"
        names = ("text", "thinking", "reasoning", "content")
        return text_of(next((value[name] for name in names if value.get(name)), None), kind, data)
    raise Fault("malformed", f"text that is neither a string nor a list: {excerpt(data)}")


def calls_of(message: dict[str, Any]) -> str:
    """What a model writes to call functions is generated text, too."""
    calls = message.get("tool_calls")
    functions = [dictionary(call).get("function") for call in calls] if isinstance(calls, list) else []
    arguments = [dictionary(function).get("arguments") for function in [*functions, message.get("function_call")]]
    return "".join(json_text.text(argument) for argument in arguments if isinstance(argument, str))
