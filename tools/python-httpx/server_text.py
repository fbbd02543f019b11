"""A server's words as they may be kept and shown: without the key, and not long. The rules are those of the other arms
(shared/records/src/text.rs and api_key/mask.rs)."""

import os
import re

KEY = os.environ.get("TANDEM_API_KEY", "").strip()

PART = 8
"""Shortest part of a key that is masked: servers repeat the beginning or the end of one, as a hint."""

LONGEST, NOTE = 800, 60
"""Characters that are kept of a text, and those of the note that it was cut."""

LETTER = re.compile(r"%([0-7][0-9a-fA-F])|\\u00([0-7][0-9a-fA-F])|\\([\"\\/])|(.)", re.DOTALL)
"""A character as it is, or escaped for a URL or for JSON."""


def server_text(text: str, key: str = KEY) -> str:
    """The text with the key masked and its end cut. Twice does no more than once."""
    text = masked(text, key) if key else text
    if len(text) <= LONGEST + NOTE:
        return text
    return f"{text[:LONGEST]}… (cut: {len(text)} characters)"


def masked(text: str, key: str) -> str:
    """The text without the key or any larger part of it, as it is or escaped."""
    key, part = key.lower(), min(PART, len(key))
    letters = list(LETTER.finditer(text))
    plain = "".join(map(letter, letters))
    kept, end, at = "", 0, 0
    while at + part <= len(plain):
        length = part
        while at + length < len(plain) and plain[at : at + length + 1] in key:
            length += 1
        is_inside = len(key) < PART and (plain[max(at - 1, 0) : at].isalnum() or plain[at + length : at + length + 1].isalnum())
        if plain[at : at + length] not in key or is_inside:
            at += 1
            continue
        before = text[end : letters[at].start()]
        # Of two parts side by side, one mask tells as much.
        kept += before + ("" if end and not before else "(key)")
        end, at = letters[at + length - 1].end(), at + length
    return kept + text[end:]


def letter(match: re.Match[str]) -> str:
    """The character that stands there."""
    url, unicode, escaped, plain = match.groups()
    found = chr(int(url or unicode, 16)) if url or unicode else escaped or plain
    return found.lower() if found.isascii() else found
