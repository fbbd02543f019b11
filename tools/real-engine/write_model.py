"""Write a tiny random-weight model that llama.cpp loads: llama architecture, made-up words, no download.

    python write_model.py OUT.gguf [--thinking] [--seed N] [--layers N] [--hidden N]

The same arguments give the same bytes. The default is 2 layers of width 64: 0.6 MB, under 1 ms a token on one core.
With --thinking it thinks in words of their own for some 20 tokens, and answers in words and in characters of three tokens
each, which a server sends in one piece.

All weights are 32-bit floats: with 16-bit ones the engine rounds differently when it computes several streams at once,
and a request then gives another text in company than alone (serve.py keeps its cache in 32 bits for that reason).
"""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

CONTEXT_TOKENS = 32_768  # what the model claims to be trained for: the server never grants a slot more
HEAD_WIDTH = 16
WORDS = 400

# llama.cpp's token types. A user-defined token is found in templates and stands in the output.
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6

# What may come next depends on the kind of the last token alone. The first dimensions of the residual stream are constants
# that no layer writes to: one for every token, and one for its kind. After the last norm they are equal and between 2 and
# 4, so FORBIDDEN_WEIGHT on the first puts the logits of all tokens some 60 below those of words, at any temperature and
# without top-k, and its opposite on the dimension of a kind lifts those that may follow this kind back to 0.
ANCHOR = 4.0
FORBIDDEN_WEIGHT = -30.0

THOUGHT, ANSWER, LEAD, MIDDLE = range(4)  # kinds: a word of thinking; the end of a part of the answer; bytes of a character

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)

# llama.cpp finds out how a model thinks by rendering its template with and without `reasoning_content`.
THINKING_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ message['role'] }}: "
    "{% if message['reasoning_content'] %}<think>{{ message['reasoning_content'] }}</think>{% endif %}"
    "{{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:<think>"
    "{% if enable_thinking is defined and enable_thinking is false %}</think>{% endif %}{% endif %}"
)


@dataclass(frozen=True)
class Token:
    """One token of the vocabulary."""

    text: str
    type: int
    kind: int = ANSWER
    after: tuple[int, ...] = ()
    """The kinds after which it may come; special tokens never do, or a response would end early."""
    lift: float = 0.0
    """How much likelier it is than a word of the same logit."""


def vocabulary(rng: np.random.RandomState, thinking: bool) -> list[Token]:
    """All tokens, in the order of their numbers."""
    special = [Token("<unk>", UNKNOWN), Token("<s>", CONTROL), Token("</s>", CONTROL)]
    if thinking:
        special += [Token("<think>", USER_DEFINED, THOUGHT), Token("</think>", USER_DEFINED, ANSWER, (THOUGHT,), 1.5)]
    # The tokenizer falls back to bytes: all must exist.
    tokens = special + [byte_token(byte, thinking) for byte in range(256)]
    for rank, word in enumerate(made_up_words(rng, WORDS)):
        kind = THOUGHT if thinking and rank < WORDS // 2 else ANSWER
        tokens.append(Token("\u2581" + word, NORMAL, kind, (kind,)))  # U+2581 is the tokenizer's leading space
    return tokens


def byte_token(byte: int, thinking: bool) -> Token:
    """A byte of text; with thinking, some are the three bytes of a Chinese character (U+4E00 and up, in UTF-8)."""
    text = f"<0x{byte:02X}>"
    if thinking and 0xE5 <= byte <= 0xE8:
        return Token(text, BYTE, LEAD, (ANSWER,), 1.6)
    if thinking and 0xA0 <= byte <= 0xBF:
        return Token(text, BYTE, MIDDLE, (LEAD,))
    if thinking and 0x80 <= byte <= 0x9F:
        return Token(text, BYTE, ANSWER, (MIDDLE,))
    return Token(text, BYTE)


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


def tensors(rng: np.random.RandomState, layers: int, hidden: int, tokens: list[Token]) -> dict[str, np.ndarray]:
    """All weights by llama.cpp's names, matrices as [outputs, inputs]."""
    feed_forward = 2 * hidden
    inverse_root = hidden**-0.5

    kinds = 1 + max(token.kind for token in tokens)
    constants = 1 + kinds
    embedding = uniform(rng, len(tokens), hidden, 1.0)
    embedding[:, 0] = ANCHOR
    embedding[:, 1:constants] = 0.0
    embedding[range(len(tokens)), [1 + token.kind for token in tokens]] = ANCHOR
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
            block[writes_to_the_stream][:constants, :] = 0.0
        weights |= {f"blk.{layer}.{name}.weight": weight for name, weight in block.items()}

    output = uniform(rng, len(tokens), hidden, 2.0 * inverse_root)  # logits of words: standard deviation about 2
    output[:, 0] = FORBIDDEN_WEIGHT
    output[:, 1:constants] = 0.0
    for number, token in enumerate(tokens):
        for kind in token.after:
            output[number, 1 + kind] = token.lift - FORBIDDEN_WEIGHT
        if not token.after or token.lift:
            output[number, constants:] = 0.0
    return weights | {"output_norm.weight": np.ones(hidden, dtype=np.float32), "output.weight": output}


def write_model(path: Path, thinking: bool = False, seed: int = 1, layers: int = 2, hidden: int = 64) -> None:
    """Write the model to `path`, beside it first, so that a file at `path` is always whole."""
    rng = np.random.RandomState(seed)
    tokens = vocabulary(rng, thinking)
    # Earlier words merge first; the score of the other tokens is never looked at.
    ranks = iter(range(WORDS))
    scores = [-float(next(ranks)) if token.type == NORMAL else 0.0 for token in tokens]

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
    writer.add_token_list([token.text for token in tokens])
    writer.add_token_scores(scores)
    writer.add_token_types([token.type for token in tokens])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_chat_template(THINKING_TEMPLATE if thinking else CHAT_TEMPLATE)
    for name, weight in tensors(rng, layers, hidden, tokens).items():
        writer.add_tensor(name, weight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(unfinished, path)


def main() -> None:
    parser = argparse.ArgumentParser(description="write a tiny random-weight model in llama.cpp's format")
    parser.add_argument("out", type=Path, help="file to write")
    parser.add_argument("--thinking", action="store_true", help="thinks before it answers, in characters of several tokens")
    parser.add_argument("--seed", type=int, default=1, help="seed of the weights and words (default 1)")
    parser.add_argument("--layers", type=int, default=2, help="more = slower tokens (default 2)")
    parser.add_argument("--hidden", type=int, default=64, help=f"width, a multiple of {HEAD_WIDTH} (default 64)")
    options = parser.parse_args()
    if options.hidden < HEAD_WIDTH or options.hidden % HEAD_WIDTH:
        parser.error(f"--hidden {options.hidden}: give a multiple of {HEAD_WIDTH}")
    if options.layers < 1:
        parser.error(f"--layers {options.layers}: give 1 or more")
    write_model(options.out, options.thinking, options.seed, options.layers, options.hidden)


if __name__ == "__main__":
    main()
