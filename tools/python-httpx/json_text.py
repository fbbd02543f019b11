"""JSON as servers write it: bad UTF-8 and halves of characters are replaced, figures may be of any type."""

import json
import re
from typing import Any

LONE_SURROGATE = re.compile("[\ud800-\udfff]")

NO_NUMBER = re.compile(r'"(?:\\.|[^"\\])*"|(-?(?:None|nan|inf)\b)')
"""Strings, to skip them, and numbers as programs in Python write them beside NaN and Infinity."""

LARGEST = 2**64 - 1


def read(data: bytes) -> Any:
    """The value, with control characters inside its strings, and with numbers that are none: nobody measures those.
    Raises ValueError for what is no JSON."""
    text = data.decode(errors="replace")
    try:
        try:
            return json.loads(text, strict=False)
        except ValueError:
            return json.loads(NO_NUMBER.sub(lambda found: "null" if found[1] else found[0], text), strict=False)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def is_object(data: bytes) -> bool:
    """Whether this is one whole object."""
    try:
        return isinstance(read(data), dict)
    except ValueError:
        return False


def text(value: str) -> str:
    """A text that can be encoded: the halves of a character that was cut in two are replaced one by one."""
    return LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)


def whole_number(value: Any) -> int | None:
    """A figure that counts something; None for everything else. JSON knows no integers: 9.0 is 9."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value <= LARGEST and value == int(value) else None


def count(value: Any) -> int | None:
    """A count that says something: servers write 0 where they do not count."""
    return whole_number(value) or None


def nanoseconds(milliseconds: Any) -> int | None:
    """A figure that is not a duration is missing, not zero."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, (int, float)):
        return None
    return round(milliseconds * 1e6) if 0 <= milliseconds < 1e12 else None


def dictionary(value: Any) -> dict[str, Any]:
    """An object, and an empty one for everything else."""
    return value if isinstance(value, dict) else {}
