"""The fields that hold generated text, in every shape that servers give them."""

import json
from typing import Any, NamedTuple

import json_text
from fault import Fault, excerpt
from json_text import dictionary


class Text(NamedTuple):
    """Generated text by its kind."""

    thinking: str = ""
    answer: str = ""

    def __add__(self, other: "Text") -> "Text":  # type: ignore[override]
        return Text(self.thinking + other.thinking, self.answer + other.answer)


def text_of(value: Any) -> Text:
    """A string is an answer; a list, or a typed part of one, may hold both kinds. Anything else holds none."""
    if isinstance(value, str):
        return Text(answer=json_text.text(value))
    if isinstance(value, list):
        return sum(map(text_of, value), Text())
    if not isinstance(value, dict):
        return Text()
    thinking = whole(text_of(value.get("thinking"))) + whole(text_of(value.get("reasoning")))
    plain = whole(text_of(value.get("text"))) + whole(text_of(value.get("content")))
    kind = value.get("type")
    if isinstance(kind, str) and ("think" in kind or "reason" in kind):
        return Text(thinking + plain)
    return Text(thinking, plain)


def whole(text: Text) -> str:
    """The whole text, whatever its kind."""
    return text.thinking + text.answer


def is_odd(value: Any) -> bool:
    """A number or a truth value, where text must be, or parts that hold one."""
    if isinstance(value, list):
        return any(map(is_odd, value))
    if isinstance(value, dict):
        return any(is_odd(value.get(name)) for name in ("text", "content", "thinking", "reasoning"))
    return isinstance(value, (bool, int, float))


def message(thoughts: list[Any], answers: list[Any], calls: list[Any], data: bytes) -> Text:
    """What one message brings. Of fields that mean the same, servers may fill two: the first one counts."""
    thought = next((whole(text) for value in thoughts if not is_odd(value) and whole(text := text_of(value))), "")
    answer = next((value for value in answers if is_odd(value) or whole(text_of(value))), None)
    if is_odd(answer):
        raise Fault("malformed", f"text that is no text: {excerpt(data)}")
    return Text(thought) + text_of(answer) + Text(answer="".join(map(called, calls)))


def called(function: Any) -> str:
    """What a model writes to call a function is generated text, too."""
    function = dictionary(function)
    name, arguments = function.get("name"), function.get("arguments")
    text = name if isinstance(name, str) else ""
    if isinstance(arguments, str):
        text += arguments
    elif arguments is not None:
        text += json.dumps(arguments, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    return json_text.text(text)


def functions(calls: Any) -> list[Any]:
    """The functions of a list of calls."""
    return [dictionary(call).get("function") for call in calls] if isinstance(calls, list) else []
