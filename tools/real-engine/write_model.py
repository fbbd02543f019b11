"""Write a tiny random-weight model that llama.cpp loads: llama architecture, made-up words, no download.

    python write_model.py OUT.gguf [--seed N] [--layers N] [--hidden N]

The same arguments give the same bytes. The default is 2 layers of width 64: 0.6 MB, under 1 ms a token on one core.

All weights are 32-bit floats: with 16-bit ones the engine rounds differently when it computes several streams at once,
and a request then gives another text in company than alone (serve.py keeps its cache in 32 bits for that reason).
"""

import argparse
import os
from pathlib import Path

import gguf
import numpy as np

CONTEXT_TOKENS = 32_768  # what the model claims to be trained for: the server never grants a slot more
HEAD_WIDTH = 16
WORDS = 400
SPECIAL = ["<unk>", "<s>", "</s>"]
BYTE_TOKENS = [f"<0x{byte:02X}>" for byte in range(256)]  # the tokenizer falls back to them: all must exist

# Special and byte tokens must never be sampled: a response would end early or hold half a UTF-8 character. The first
# dimension of the residual stream is a constant that no layer writes to; after the last norm it is between 2 and 4, so
# this weight puts their logits some 60 below those of the words, at any temperature and without top-k.
ANCHOR = 4.0
FORBIDDEN_WEIGHT = -30.0

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)


def made_up_words(rng: np.random.RandomState, count: int) -> list[str]:
    """Distinct words of one to three open syllables, drawn from `rng`."""
    consonants, vowels = "bcdfghlmnprstvz", "aeiou"
    words: dict[str, None] = {}  # a dict keeps the order of drawing
    while len(words) < count:
        syllables = rng.randint(1, 4)
        word = "".join(
            consonants[rng.randint(len(consonants))] + vowels[rng.randint(len(vowels))] for _ in range(syllables)
        )
        words[word] = None
    return list(words)


def uniform(rng: np.random.RandomState, rows: int, columns: int, deviation: float) -> np.ndarray:
    """A matrix of the given standard deviation.

    Uniform, from RandomState: its stream is frozen, and no libm function rounds differently on another machine.
    """
    half_width = deviation * 3.0**0.5
    return ((rng.random_sample((rows, columns)) * 2.0 - 1.0) * half_width).astype(np.float32)


def tensors(
    rng: np.random.RandomState, layers: int, hidden: int, vocabulary: int, forbidden: int
) -> dict[str, np.ndarray]:
    """All weights by llama.cpp's names, matrices as [outputs, inputs].

    The first `forbidden` tokens of the vocabulary are never sampled.
    """
    feed_forward = 2 * hidden
    inverse_root = hidden**-0.5

    embedding = uniform(rng, vocabulary, hidden, 1.0)
    embedding[:, 0] = ANCHOR
    weights = {"token_embd.weight": embedding}
    for layer in range(layers):
        block = {
            "attn_norm": np.ones(hidden, dtype=np.float32),
            "attn_q": uniform(rng, hidden, hidden, inverse_root),
            "attn_k": uniform(rng, HEAD_WIDTH, hidden, inverse_root),  # one key/value head: 128 bytes of cache a token
            "attn_v": uniform(rng, HEAD_WIDTH, hidden, inverse_root),
            "attn_output": uniform(rng, hidden, hidden, inverse_root),
            "ffn_norm": np.ones(hidden, dtype=np.float32),
            "ffn_gate": uniform(rng, feed_forward, hidden, inverse_root),
            "ffn_up": uniform(rng, feed_forward, hidden, inverse_root),
            "ffn_down": uniform(rng, hidden, feed_forward, inverse_root),
        }
        for writes_to_the_stream in ("attn_output", "ffn_down"):
            block[writes_to_the_stream][0, :] = 0.0
        weights |= {f"blk.{layer}.{name}.weight": weight for name, weight in block.items()}

    output = uniform(rng, vocabulary, hidden, 2.0 * inverse_root)  # logits of words: standard deviation about 2
    output[:, 0] = 0.0
    output[:forbidden, 1:] = 0.0
    output[:forbidden, 0] = FORBIDDEN_WEIGHT
    return weights | {"output_norm.weight": np.ones(hidden, dtype=np.float32), "output.weight": output}


def write_model(path: Path, seed: int = 1, layers: int = 2, hidden: int = 64) -> None:
    """Write the model to `path`, beside it first, so that a file at `path` is always whole."""
    rng = np.random.RandomState(seed)
    words = made_up_words(rng, WORDS)
    tokens = SPECIAL + BYTE_TOKENS + ["\u2581" + word for word in words]  # U+2581 is the tokenizer's leading space
    normal, unknown, control, byte = 1, 2, 3, 6  # llama.cpp's token types
    types = [unknown, control, control] + [byte] * len(BYTE_TOKENS) + [normal] * len(words)
    forbidden = len(SPECIAL) + len(BYTE_TOKENS)
    # Earlier words merge first; the score of the other tokens is never looked at.
    scores = [0.0] * forbidden + [-float(rank) for rank in range(len(words))]

    unfinished = path.with_name(path.name + ".unfinished")
    writer = gguf.GGUFWriter(unfinished, "llama")
    writer.add_name("tiny")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(hidden)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(2 * hidden)
    writer.add_head_count(hidden // HEAD_WIDTH)
    writer.add_head_count_kv(1)
    writer.add_rope_dimension_count(HEAD_WIDTH)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)
    for name, weight in tensors(rng, layers, hidden, len(tokens), forbidden).items():
        writer.add_tensor(name, weight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(unfinished, path)


def main() -> None:
    parser = argparse.ArgumentParser(description="write a tiny random-weight model in llama.cpp's format")
    parser.add_argument("out", type=Path, help="file to write")
    parser.add_argument("--seed", type=int, default=1, help="seed of the weights and words (default 1)")
    parser.add_argument("--layers", type=int, default=2, help="more = slower tokens (default 2)")
    parser.add_argument("--hidden", type=int, default=64, help=f"width, a multiple of {HEAD_WIDTH} (default 64)")
    options = parser.parse_args()
    if options.hidden < HEAD_WIDTH or options.hidden % HEAD_WIDTH:
        parser.error(f"--hidden {options.hidden}: give a multiple of {HEAD_WIDTH}")
    if options.layers < 1:
        parser.error(f"--layers {options.layers}: give 1 or more")
    write_model(options.out, options.seed, options.layers, options.hidden)


if __name__ == "__main__":
    main()
