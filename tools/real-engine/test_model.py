"""Tests of the model and of the servers: python3 tools/real-engine/test_model.py (installs the engine if need be)."""

import contextlib
import hashlib
import json
import sys
import tempfile
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ beside the sources
import with_servers  # noqa: E402
from pinned_packages import run_quietly  # noqa: E402

HERE = Path(__file__).resolve().parent


def digest_of_a_model(folder: Path, *arguments: str) -> str:
    """Write a model with the installed packages and hash it."""
    interpreter, _ = with_servers.PACKAGES.command()
    path = folder / "model.gguf"
    problem = run_quietly([interpreter, HERE / "write_model.py", path, *arguments])
    if problem is not None:
        raise AssertionError(problem)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def stream(address: str, prompt: str, tokens: int, seed: int, temperature: float) -> tuple[list[str], dict]:
    """One streamed chat: the non-empty pieces, and the last event that is JSON."""
    body = {
        "model": "tiny",
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": tokens,
        "seed": seed,
        "temperature": temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    request = urllib.request.Request(
        f"{address}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as response:
        lines = [line.decode().removeprefix("data: ").strip() for line in response if line.startswith(b"data: ")]
    if lines.pop() != "[DONE]":
        raise AssertionError("the stream did not end with [DONE]")
    events = [json.loads(line) for line in lines]
    deltas = [choice["delta"] for event in events for choice in event["choices"]]
    return [delta["content"] for delta in deltas if delta.get("content")], events[-1]


class Model(unittest.TestCase):
    def test_the_same_seed_gives_the_same_file_and_another_seed_another(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            first = digest_of_a_model(Path(folder))
            self.assertEqual(first, digest_of_a_model(Path(folder)))
            self.assertNotEqual(first, digest_of_a_model(Path(folder), "--seed", "2"))


class Servers(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        with contextlib.ExitStack() as stack:
            running = stack.enter_context(with_servers.servers(with_servers.write_model(), count=2, parallel=8))
            cls.addresses = [address for address, _ in running]
            cls.addClassCleanup(stack.pop_all().close)

    def test_no_stream_ends_early_or_holds_a_broken_character(self) -> None:
        for seed in range(60):
            tokens, temperature = 2 + seed, (0.0, 0.8, 2.0)[seed % 3]
            pieces, last = stream(self.addresses[0], f"prompt {seed} \N{SNOWMAN}", tokens, seed, temperature)
            self.assertEqual(len(pieces), tokens)
            self.assertEqual(last["usage"]["completion_tokens"], tokens)
            self.assertNotIn("\N{REPLACEMENT CHARACTER}", "".join(pieces))

    def test_a_seeded_request_gives_the_same_text_on_both_servers_and_in_company(self) -> None:
        def text(seed: int, server: int) -> str:
            return "".join(stream(self.addresses[server], f"question {seed}", 100, seed, 0.8)[0])

        alone = [text(seed, 0) for seed in range(24)]
        self.assertEqual(len(set(alone)), len(alone), "seeds must matter")
        self.assertEqual(alone, [text(seed, 1) for seed in range(24)])
        with ThreadPoolExecutor(8) as pool:
            self.assertEqual(alone, list(pool.map(lambda seed: text(seed, 0), range(24))))


if __name__ == "__main__":
    try:
        with with_servers.only_one_at_a_time(with_servers.WORKING_FOLDER):
            with_servers.install_engine()
    except with_servers.Failure as failure:
        sys.exit(f"real-engine: {failure}")
    unittest.main()
