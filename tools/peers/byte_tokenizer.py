"""A tokenizer with one token per byte, as files that Hugging Face's libraries read: aiperf wants one to make prompts
with, and its built-in one is fetched from the network. Token counts then come from the server."""

import json
from pathlib import Path


def byte_letters() -> list[str]:
    """The letter that stands for each byte in GPT-2's vocabulary: printable bytes for themselves, others from 256 on."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


def write(folder: Path) -> None:
    """Writes the tokenizer's two files."""
    folder.mkdir(parents=True, exist_ok=True)
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    model = {"type": "BPE", "vocab": {letter: place for place, letter in enumerate(byte_letters())}, "merges": []}
    tokenizer = {"version": "1.0", "added_tokens": [], "pre_tokenizer": level, "decoder": level, "model": model}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 1_000_000}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
