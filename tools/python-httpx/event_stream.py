"""Lines of a body, and server-sent events made of lines (WHATWG, HTML Living Standard, section 9.2.6)."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from fault import Fault
from json_text import is_object

LONGEST_LINE_BYTES = 1024 * 1024

LINE_END = re.compile(rb"\r\n|\n|\r")

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

DONE = (b"[DONE]", b'"[DONE]"')
"""The data of the event that ends a stream; some gateways encode it once more."""


class Lines:
    """Cuts a body into lines, wherever its chunks were cut."""

    def __init__(self) -> None:
        self.partial = b""
        self.after_return = False
        self.at_start = True

    def push(self, chunk: bytes) -> list[bytes]:
        """The lines that this chunk completes."""
        if self.after_return:  # a line feed at the start of this chunk belongs to the line end of the last one
            chunk = chunk.removeprefix(b"\n")
        self.after_return = chunk.endswith(b"\r")
        *whole, self.partial = LINE_END.split(self.partial + chunk)
        if len(self.partial) > LONGEST_LINE_BYTES or any(len(line) > LONGEST_LINE_BYTES for line in whole):
            raise Fault("too_large", f"a line of over {LONGEST_LINE_BYTES} bytes")
        if self.at_start and whole:
            self.at_start = False
            whole[0] = whole[0].removeprefix(BYTE_ORDER_MARK)
        return whole

    def finish(self) -> list[bytes]:
        """A last line without a line end is a line."""
        rest, self.partial = self.partial, b""
        return [rest.removeprefix(BYTE_ORDER_MARK) if self.at_start else rest] if rest else []


class Event(NamedTuple):
    """One event of a stream."""

    kind: bytes
    """What the field `event` says; `line` for a line that is no field of an event."""
    data: bytes


class EventStream:
    """Makes events of a body. Two things go beyond the standard, because some servers leave empty lines out: an event
    of one whole object does not wait for its empty line, and at the end of the body a whole object is an event."""

    def __init__(self) -> None:
        self.lines = Lines()
        self.kind = b""
        self.data: list[bytes] = []
        self.data_bytes = 0

    def push(self, chunk: bytes) -> Iterator[Event]:
        """The events that this chunk completes."""
        for line in self.lines.push(chunk):
            yield from self._read(line)
        if self._is_whole():
            yield from self._dispatch()

    def finish(self) -> Iterator[Event]:
        """The events that the end of the body completes."""
        for line in self.lines.finish():
            yield from self._read(line)
        self.data = [b"\n".join(self.data)]
        if self._is_whole():
            yield from self._dispatch()

    def _read(self, line: bytes) -> Iterator[Event]:
        if not line:
            yield from self._dispatch()
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            if self._is_whole():
                yield from self._dispatch()
            self.data.append(value)
            self.data_bytes += len(value)
            if self.data_bytes > LONGEST_LINE_BYTES:
                raise Fault("too_large", f"an event of over {LONGEST_LINE_BYTES} bytes")
        elif name == b"event":
            self.kind = value
        elif name not in (b"", b"id", b"retry"):  # without a name it is a comment
            yield Event(b"line", line)

    def _is_whole(self) -> bool:
        # Only of a single line: trying again with each further line of a long event would take quadratic time.
        return len(self.data) == 1 and (self.data[0].strip().upper() in DONE or is_object(self.data[0]))

    def _dispatch(self) -> Iterator[Event]:
        kind, data = self.kind, b"\n".join(self.data)
        self.kind, self.data, self.data_bytes = b"", [], 0
        if data.strip() or kind == b"error":
            yield Event(kind, data)
