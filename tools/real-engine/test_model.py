"""Tests of the models and of the servers: python3 tools/real-engine/test_model.py (installs the engines if need be)."""

import contextlib
import hashlib
import json
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ beside the sources
import with_servers  # noqa: E402
from engines import ENGINES, PACKAGES, WORKING_FOLDER, prepare  # noqa: E402
from pinned_packages import Failure, only_one_at_a_time, run_quietly  # noqa: E402

HERE = Path(__file__).resolve().parent


def digest_of_a_model(folder: Path, *arguments: str) -> str:
    """Write a model with the installed packages and hash it."""
    interpreter, _ = PACKAGES.command()
    path = folder / "model.gguf"
    problem = run_quietly([interpreter, HERE / "write_model.py", path, *arguments])
    if problem is not None:
        raise AssertionError(problem)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass
class Answer:
    """One streamed chat."""

    thinking: list[str]
    answer: list[str]
    usage: dict
    """As the last event that is JSON tells it."""


def stream(address: str, prompt: str, tokens: int, **options: object) -> Answer:
    """One streamed chat, to its end."""
    body = {
        "model": "tiny",
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    request = urllib.request.Request(
        f"{address}/v1/chat/completions", json.dumps(body | options).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as response:
        lines = [line.decode().removeprefix("data: ").strip() for line in response if line.startswith(b"data: ")]
    if lines.pop() != "[DONE]":
        raise AssertionError("the stream did not end with [DONE]")
    events = [json.loads(line) for line in lines]
    deltas = [choice["delta"] for event in events for choice in event["choices"]]

    def pieces(field: str) -> list[str]:
        return [delta[field] for delta in deltas if delta.get(field)]

    return Answer(pieces("reasoning_content"), pieces("content"), events[-1]["usage"])


class Model(unittest.TestCase):
    def test_the_same_seed_gives_the_same_file_and_another_seed_another(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            first = digest_of_a_model(Path(folder))
            self.assertEqual(first, digest_of_a_model(Path(folder)))
            others = [digest_of_a_model(Path(folder), *other) for other in (["--seed", "2"], ["--thinking"])]
            self.assertEqual(len({first, *others}), 3)


class Servers:
    """Two servers of an engine, for the tests of a class."""

    engine: str
    addresses: list[str]

    @classmethod
    def setUpClass(cls) -> None:
        with contextlib.ExitStack() as stack:
            running = stack.enter_context(with_servers.servers(ENGINES[cls.engine], count=2, parallel=8))
            cls.addresses = [address for address, _ in running]
            cls.addClassCleanup(stack.pop_all().close)

    def check_alone_and_in_company(self) -> None:
        """A seeded request gives the same text on both servers, and beside others."""

        def text(seed: int, server: int) -> str:
            told = stream(self.addresses[server], f"question {seed}", 100, seed=seed, temperature=0.8)
            return "".join([*told.thinking, "|", *told.answer])

        alone = [text(seed, 0) for seed in range(24)]
        self.assertEqual(len(set(alone)), len(alone), "seeds must matter")
        self.assertEqual(alone, [text(seed, 1) for seed in range(24)])
        with ThreadPoolExecutor(8) as pool:
            self.assertEqual(alone, list(pool.map(lambda seed: text(seed, 0), range(24))))


class LlamaCpp(Servers, unittest.TestCase):
    engine = "llamacpp"

    def test_no_stream_ends_early_or_holds_a_broken_character(self) -> None:
        for seed in range(60):
            tokens, temperature = 2 + seed, (0.0, 0.8, 2.0)[seed % 3]
            prompt = f"prompt {seed} \N{SNOWMAN}"
            told = stream(self.addresses[0], prompt, tokens, seed=seed, temperature=temperature)
            self.assertEqual((len(told.answer), told.thinking), (tokens, []))
            self.assertEqual(told.usage["completion_tokens"], tokens)
            self.assertNotIn("\N{REPLACEMENT CHARACTER}", "".join(told.answer))

    def test_a_seeded_request_gives_the_same_text_on_both_servers_and_in_company(self) -> None:
        self.check_alone_and_in_company()


class Thinking(Servers, unittest.TestCase):
    engine = "thinking"

    def test_it_thinks_then_answers_in_pieces_of_one_and_of_three_tokens(self) -> None:
        for seed in range(30):
            told = stream(self.addresses[0], "prompt", 400, seed=seed, temperature=(0.8, 1.0)[seed % 2])
            characters = [piece for piece in told.answer if "\u4e00" <= piece <= "\u9fff"]
            words = [piece for piece in [*told.thinking, *told.answer] if piece.startswith(" ")]
            self.assertEqual(told.usage["completion_tokens"], 400)
            self.assertEqual(len(characters) + len(words), len(told.thinking) + len(told.answer))
            # One token ends the thinking, and up to two at the end are bytes of a character that is not whole.
            hidden = 400 - len(words) - 3 * len(characters)
            self.assertIn(hidden, (0, 1, 2, 3))
            if len(told.answer) > 50:
                self.assertGreater(len(characters), 0)

    def test_most_streams_both_think_and_answer(self) -> None:
        both = [stream(self.addresses[0], "prompt", 400, seed=seed, temperature=0.8) for seed in range(30)]
        self.assertGreater(sum(bool(told.thinking and told.answer) for told in both), 20)

    def test_thinking_can_be_turned_off(self) -> None:
        told = stream(self.addresses[0], "prompt", 50, seed=1, reasoning_effort="none")
        self.assertEqual(told.thinking, [])
        self.assertGreater(len(told.answer), 10)

    def test_a_seeded_request_gives_the_same_text_on_both_servers_and_in_company(self) -> None:
        self.check_alone_and_in_company()


class Gateway(Servers, unittest.TestCase):
    engine = "gateway"

    def test_it_refuses_a_seed_and_says_so(self) -> None:
        with self.assertRaises(urllib.error.HTTPError) as caught:
            stream(self.addresses[0], "prompt", 9, seed=1)
        self.assertEqual(caught.exception.code, 400)
        self.assertIn("does not support parameters: ['seed']", json.load(caught.exception)["error"]["message"])

    def test_without_one_it_passes_thinking_answer_and_counts_on(self) -> None:
        for address in self.addresses:
            told = [stream(address, "prompt", 100, temperature=0.8) for _ in range(5)]
            self.assertEqual({one.usage["completion_tokens"] for one in told}, {100})
            self.assertTrue(any(one.thinking for one in told) and any(one.answer for one in told))


if __name__ == "__main__":
    try:
        with only_one_at_a_time(WORKING_FOLDER):
            # `test_model.py Thinking` runs, and installs, no other.
            for test in Servers.__subclasses__():
                if not sys.argv[1:] or test.__name__ in sys.argv[1:]:
                    prepare(ENGINES[test.engine])
    except Failure as failure:
        sys.exit(f"real-engine: {failure}")
    unittest.main()
