"""Tests of the arm python-httpx: python3 tools/python-httpx/test_arm.py (after install.py)

The trials run against target/release/ollama-sim beside target/release/tokio-default: equal work must give equal text.
The streams of tests/cases/wire are played to this arm as to all others, by the tests of the folder tests.
"""

import contextlib
import json
import os
import random
import socket
import socketserver
import subprocess
import sys
import threading
import unittest
from collections.abc import Iterator
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ beside the sources
import install  # noqa: E402

interpreter, variables = install.PACKAGES.command()
if (Path(sys.executable), os.environ.get("PYTHONPATH")) != (interpreter, variables.get("PYTHONPATH")):
    os.execve(interpreter, [interpreter, "-s", *sys.argv], variables)  # with the packages of the arm

from check import alone  # noqa: E402
from decoder import decoder  # noqa: E402
from event_stream import EventStream, Lines  # noqa: E402
from exchange import Exchange, pooled_delays, type7  # noqa: E402
from fault import Fault, error_text  # noqa: E402
from recorder import MOST_PIECES, Recorder  # noqa: E402
from request import body  # noqa: E402
from server_text import server_text  # noqa: E402
from spec import agents, parse  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BINARIES = ROOT / "target" / "release"
ARM = Path(__file__).resolve().parent / "arm.py"


@contextlib.contextmanager
def simulator(*arguments: str) -> Iterator[list[str]]:
    """Two simulated servers, and their addresses."""
    ports = ["--listen", "127.0.0.1:0"] * 2
    command = [BINARIES / "ollama-sim", *ports, "--exit-with-parent", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield json.loads(process.stdout.readline())["listening"]
        finally:
            process.terminate()
            process.communicate()


@contextlib.contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """A server that answers HEAD well and everything else with these bytes, then closes."""

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while request := self.request.recv(65536):
                if not request.startswith(b"HEAD"):
                    self.request.sendall(answer)
                    break
                self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def run(program: list[str | Path], servers: list[str], *arguments: str) -> tuple[int, dict]:
    """One trial: exit code and report."""
    addresses = [part for url in servers for part in ("--server", url)]
    usual = ["--model", "sim", "--cache", "none", "--tokens", "12", "--seed", "77"]
    done = subprocess.run([*program, *addresses, *usual, *arguments], stdout=subprocess.PIPE, text=True, timeout=60)
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def here(servers: list[str], *arguments: str) -> tuple[int, dict]:
    """One trial of this arm."""
    return run([sys.executable, "-s", "-B", ARM], servers, *arguments)


class Formulas(unittest.TestCase):
    def test_values_of_r_quantile_type_7(self) -> None:
        # R 4: quantile(c(1, 2, 4, 8, 16) * 100, c(0, .25, .5, .9, .99, 1)) = 100 200 400 1280 1568 1600
        values = [100, 200, 400, 800, 1600]
        self.assertEqual([type7(values, q) for q in (0, 0.25, 0.5, 0.9, 0.99, 1)], [100, 200, 400, 1280, 1568, 1600])
        self.assertIsNone(type7([], 0.5))

    def test_delays_are_pooled_over_all_tokens(self) -> None:
        def response(delays: list[int]) -> Exchange:
            wrote = [1000 * (k + 1) for k in range(len(delays))]
            return Exchange(0, got=Recorder(seen_ns=[a + d for a, d in zip(wrote, delays)], written_ns=list(wrote)))

        # R 4: d <- c(1:40, (1:60)^2); quantile(d, c(.5, .9, .99, .999), type = 7) = 110.5 2510.1 3482.19 3588.219
        exchanges = [response(list(range(1, 41))), response([k * k for k in range(1, 61)])]
        wanted = {"tokens": 100, "p50_ns": 111, "p90_ns": 2510, "p99_ns": 3482, "p999_ns": 3588, "max_ns": 3600}
        found = pooled_delays(exchanges)
        self.assertEqual({key: found[key] for key in wanted}, wanted)
        self.assertEqual(pooled_delays([response([500, 200]), response([9000, 9200])])["gap_error_p99_ns"], 299)
        exchanges[0].got.written_ns[3] = None
        self.assertEqual(pooled_delays(exchanges), {"source": "none"})
        self.assertEqual(pooled_delays([]), {"source": "none"})


def outcome(api: str, stream: bytes, cut_every: int = 0) -> tuple[str, str, Recorder]:
    """Status and error of a body, cut into chunks of so many bytes, and what was recorded of it."""
    got = Recorder()
    reader = decoder(api, got)
    size = cut_every or len(stream)
    try:
        for at in range(0, len(stream), size):
            if reader.push(stream[at : at + size]):
                break
        reader.finish()
    except Fault as fault:
        return fault.status, fault.message, got
    return "ok", "", got


def events(*values: str) -> bytes:
    """A body of these events."""
    return "".join(f"data: {value}\n\n" for value in values).encode()


def delta(text: str, reason: str = "null") -> str:
    return f'{{"choices":[{{"delta":{text},"finish_reason":{reason}}}]}}'


class Wire(unittest.TestCase):
    def test_cuts_do_not_matter(self) -> None:
        dice = random.Random(115)
        for _ in range(400):
            data = bytes(dice.choice(b"ab\r\n") for _ in range(dice.randrange(60)))
            lines, found, at = Lines(), [], 0
            while at < len(data):
                size = dice.randrange(1, 9)
                found += lines.push(data[at : at + size])
                at += size
            found += lines.finish()
            self.assertEqual(found, data.splitlines())

    def test_a_line_or_an_event_without_end_is_refused(self) -> None:
        lines, stream = Lines(), EventStream()
        for push in (lambda: lines.push(b"x" * 65536), lambda: list(stream.push(b"data: " + b"x" * 65536 + b"\n"))):
            with self.assertRaises(Fault) as caught:
                for _ in range(100):
                    push()
            self.assertEqual(caught.exception.status, "too_large")

    def test_a_response_without_end_is_refused(self) -> None:
        for got in (Recorder(seen_ns=[0] * (MOST_PIECES + 1)), Recorder(text_length=17 << 20)):
            with self.assertRaises(Fault) as caught:
                got.check_length(64)
            self.assertEqual(caught.exception.status, "too_large")
            got.check_length(MOST_PIECES)

    def test_a_servers_words_are_kept_without_the_key_and_short(self) -> None:
        # The same table is that of shared/records/src/api_key/mask.rs.
        key = "sk-tandem/01+23456789"
        for text, kept in [
            (f"bad key {key}", "bad key (key)"),
            (f"Bearer {key}, Bearer {key.upper()}!", "Bearer (key), Bearer (key)!"),
            (r'{"error":"sk-tandem\/01\u002b23456789"}', '{"error":"(key)"}'),
            ("/login?key=sk-tandem%2F01%2b23456789&x=1", "/login?key=(key)&x=1"),
            ("sk-tande…, ends with …23456789", "(key)…, ends with …(key)"),
            (key + key, "(key)"),
            (f"größer {key}größer", "größer (key)größer"),
            ("sk-tand, 3456789, \\ % \\u %zz", "sk-tand, 3456789, \\ % \\u %zz"),
        ]:
            self.assertEqual(server_text(text, key), kept)
        self.assertEqual(server_text("none, nonetheless", "none"), "(key), nonetheless")
        long = server_text("é" * 1_000_000)
        self.assertTrue(long.endswith("é… (cut: 1000000 characters)") and len(long) < 850)
        self.assertEqual(server_text(long), long)

    def test_lines_make_events_as_the_standard_says(self) -> None:
        for stream, wanted in [
            (b"data: a\n\ndata:b\n\n", [(b"", b"a"), (b"", b"b")]),
            (b"\xef\xbb\xbfdata: a\r\rdata: b\r\n\r\n", [(b"", b"a"), (b"", b"b")]),
            (b"event: x\ndata: a\ndata:  b\ndata\n\ndata: c\n\n", [(b"x", b"a\n b\n"), (b"", b"c")]),
            (b"data: a\nevent: x\nid: 7\nretry: 9\n\n", [(b"x", b"a")]),
            (b": comment\n\ndata\n\ndata:\n\nevent: x\n\n", []),
            (b"data: a", []),
            (b'data: {"a":1}', [(b"", b'{"a":1}')]),
            (b"data: [DONE]", [(b"", b"[DONE]")]),
            (b'data: {"a":1}\ndata: {"b":2}\n', [(b"", b'{"a":1}'), (b"", b'{"b":2}')]),
            (b'data: {"a":\ndata: 1}\n\n', [(b"", b'{"a":\n1}')]),
            (b"field: a\nfield\n", [(b"line", b"field: a"), (b"line", b"field")]),
        ]:
            for size in (1, 2, 3, len(stream)):
                parser = EventStream()
                found = [one for at in range(0, len(stream), size) for one in parser.push(stream[at : at + size])]
                self.assertEqual([tuple(one) for one in [*found, *parser.finish()]], wanted, (stream, size))

    def test_an_object_does_not_wait_for_its_empty_line(self) -> None:
        stream = EventStream()
        self.assertEqual(len(list(stream.push(b'data: {"a":1}\n'))), 1)
        self.assertEqual(len(list(stream.push(b'\ndata: {"a":2}'))), 0)

    def test_kinds_of_text(self) -> None:
        done = events(delta("{}", '"stop"'), "[DONE]")
        for text, thinking, answer in [
            ('{"content":"a"}', "", "a"),
            ('{"reasoning_content":"t","content":null}', "t", ""),
            ('{"reasoning_content":"t","reasoning":"t"}', "t", ""),
            ('{"reasoning":"t","content":"a"}', "t", "a"),
            ('{"content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]},{"type":"text","text":"a"}]}', "t", "a"),
            ('{"refusal":"no"}', "", "no"),
            ('{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{1"}}]}', "", "f{1"),
            ('{"function_call":{"arguments":"2}"}}', "", "2}"),
            ('{"content":"","refusal":"no","reasoning_content":""}', "", "no"),
            ('{"content":"\\ud83d"}', "", "\ufffd"),
        ]:
            status, error, got = outcome("openai", events(delta(text)) + done)
            self.assertEqual((status, error), ("ok", ""), text)
            self.assertEqual(("".join(got.thinking), "".join(got.answer)), (thinking, answer), text)
            self.assertEqual((len(got.seen_ns), got.thinking_pieces), (1, 0 if answer else 1), text)
        line = b'{"message":{"thinking":"t","content":""},"done":false}\n{"message":{"content":"a"},"done":true}\n'
        status, _, got = outcome("ollama", line)
        self.assertEqual((status, got.thinking, got.answer), ("ok", ["t", ""], ["", "a"]))

    def test_the_digest_tells_thinking_from_answer(self) -> None:
        def digest(*pieces: tuple[str, str]) -> str:
            got = Recorder()
            for thinking, answer in pieces:
                got.on_piece(thinking, answer, None)
            return got.digest()

        # python3 -c 'import xxhash; print(xxhash.xxh3_64_hexdigest(b"a"), xxhash.xxh3_64_hexdigest(b"t\0a"))'
        self.assertEqual(digest(("", "a")), "e6c632b61e964e1f")
        self.assertEqual(digest(("t", ""), ("", "a")), digest(("t", "a")))
        self.assertEqual(len({digest(), digest(("", "a")), digest(("a", "")), digest(("t", "a")), digest(("", "ta"))}), 5)

    def test_who_counts_the_tokens(self) -> None:
        two = events(delta('{"content":"a b"}'), delta('{"content":"c"}', '"length"'))
        for figures, wanted in [
            ('{"choices":[],"usage":{"completion_tokens":5}}', (5, "server")),
            ('{"choices":null,"usage":{"completion_tokens":5.0}}', (5, "server")),
            ('{"usage":{"completion_tokens":0},"timings":{"predicted_n":4}}', (4, "server")),
            ('{"usage":{"completion_tokens":0}}', (2, "pieces")),
            ('{"usage":{"completion_tokens":"5"}}', (2, "pieces")),
            ('{"usage":[]}', (2, "pieces")),
            ('{"choices":[{"index":1,"delta":{"content":"x"}}],"usage":{"completion_tokens":5}}', (2, "pieces")),
        ]:
            status, error, got = outcome("openai", two + events(figures, "[DONE]"))
            self.assertEqual((status, error, got.tokens()), ("ok", "", wanted), figures)
        self.assertEqual(Recorder().tokens(), (0, None))

    def test_the_end_of_a_stream(self) -> None:
        a = delta('{"content":"a"}')
        for parts, status in [
            ((a, delta("{}", '"stop"')), "ok"),
            ((a, delta("{}", '"stop"'), "[DONE]"), "ok"),
            ((a, "[DONE]", delta('{"content":"late"}')), "ok"),
            ((a,), "no_done"),
            ((delta('{"content":"a"}', '""'), delta('{"content":"a"}', '"null"')), "no_done"),
            ((delta('{"content":"a"}', '"stop"'),) * 3, "no_done"),
            ((delta('{"content":"a"}', '"stop"'), a, delta("{}", '"length"')), "ok"),
            ((a, delta("{}", '"abort"'), "[DONE]"), "server_error"),
            ((a, '{"error":{"message":"gone"}}'), "server_error"),
            ((a, '{"error":null}', delta("{}", '"stop"')), "ok"),
            ((a, "null", delta("[]", '"stop"')), "ok"),
            ((delta('{"content":"a"}', '"stop"'), delta('{"content":"a"}', '"length"'), "[DONE]"), "ok"),
            (("[DONE]",), "no_done"),
            ((a, "oops"), "no_done"),
            ((a, "{oops}"), "malformed"),
            ((a, '{"choices":[null,1]}', delta("{}", '"stop"')), "ok"),
            ((delta('{"content":5}'),), "malformed"),
        ]:
            body_of = events(*parts)
            for cut in (1, 7, 0):
                seen, error, got = outcome("openai", body_of, cut)
                self.assertEqual(seen, status, (parts, error))
                self.assertNotIn("late", got.answer)

    def test_ollamas_lines(self) -> None:
        for line, status in [
            (b'{"response":"a","done":false}', "no_done"),
            (b'{"response":"a","done":true,"done_reason":"stop"}', "ok"),
            (b'{"error":"out of memory"}', "server_error"),
            (b'{"error":{"message":"out of memory"}}', "server_error"),
            (b'{\n  "error": "out of memory"\n}\n', "server_error"),
            (b'{"response":"a","done":false}\n{"respon', "no_done"),
            (b"<html>", "malformed"),
            (b'{\n "a": 1\n}\n', "no_done"),
            (b"[1]\n", "malformed"),
            (b"[" * 100_000 + b"\n", "malformed"),
        ]:
            seen, error, _ = outcome("ollama", line)
            self.assertEqual(seen, status, line[:40])
            if status == "server_error":
                self.assertEqual(error, "out of memory")

    def test_errors_keep_the_servers_words(self) -> None:
        for text, wanted in [
            ('{"error":"a b"}', "a b"),
            ('{"error":{"message":"a","code":5}}', "a"),
            ('{"object":"error","message":"a"}', "a"),
            ('{"detail":[{"loc":["body","x",1],"msg":"a"},{"msg":"b"}]}', "body.x.1: a; b"),
            ('{"message":{"detail":"a"}}', "a"),
            ("plain\n text", "plain text"),
            ('{"code":5}', '{"code":5}'),
        ]:
            self.assertEqual(error_text(text.encode()), wanted)


class Requests(unittest.TestCase):
    def sent(self, *arguments: str) -> dict:
        spec = parse(["--server", "http://127.0.0.1:1", "--model", "m", "--tokens", "9", *arguments])
        return json.loads(body(spec, agents(spec)[0], "p", 9))

    def test_options_stand_where_the_server_reads_them(self) -> None:
        options = ["--options-a", '{"think":false,"num_ctx":512}']
        sent = self.sent(*options)
        self.assertEqual((sent["think"], sent["options"]["num_ctx"]), (False, 512))
        self.assertNotIn("think", sent["options"])
        self.assertEqual(self.sent("--api", "openai", "--options-a", '{"reasoning_effort":"low"}')["reasoning_effort"], "low")

    def test_what_is_left_out_is_not_sent(self) -> None:
        left = ["--leave-out", "seed", "--leave-out", "stream_options"]
        whole, rest = self.sent("--api", "openai"), self.sent("--api", "openai", *left)
        self.assertEqual(set(whole) - set(rest), {"seed", "stream_options"})
        self.assertNotIn("temperature", self.sent("--leave-out", "temperature")["options"])


class Check(unittest.TestCase):
    def test_a_stream_that_does_not_say_why_it_ends_must_have_its_length(self) -> None:
        def wrong(length: str, tokens: int, reason: str, api: str = "openai") -> str | None:
            words = ["--server", "http://127.0.0.1:1", "--model", "m", "--tokens", "8", "--length", length]
            spec = parse([*words, "--api", api, "--server-kind", api])
            row = {"agent": 0, "output_tokens": tokens, "pieces": tokens, "done_reason": reason}
            found = alone(spec, agents(spec), row)
            return found and found[0]

        self.assertEqual([wrong("fixed", 8, ""), wrong("fixed", 7, ""), wrong("free", 8, "")], [None, "no_done", "no_done"])
        self.assertEqual([wrong("fixed", 4, "length"), wrong("fixed", 7, "stop")], [None, "length_mismatch"])
        self.assertEqual([wrong("free", 8, "stop"), wrong("free", 8, "", "ollama")], [None, None])


class Trials(unittest.TestCase):
    def test_equal_work_gives_the_text_and_the_rows_of_the_other_arms(self) -> None:
        with simulator("--ttft-ms", "20", "--itl-ms", "4") as servers:
            for extra in (["--endpoint", "chat"], ["--api", "openai"], ["--agents", "5", "--connection", "fresh"]):
                rust = [BINARIES / "tokio-default", "--client", "hyper"]
                (code, ours), (_, theirs) = here(servers, *extra), run(rust, servers, *extra)
                self.assertEqual((code, ours["status"], ours["error"]), (0, "ok", ""))
                work = ("phase", "agent", "call", "stage", "server", "pieces", "output_tokens", "tokens_from",
                        "digest", "done_reason")
                for name, columns in (("requests", work), ("agents", ("phase", "agent", "role", "server"))):
                    mine, other = ([[row[c] for c in columns] for row in r[name]] for r in (ours, theirs))
                    self.assertEqual(mine, other)
                    # Columns that this arm leaves out are those that stay empty.
                    for one in ours[name]:
                        self.assertLessEqual(set(one), set(theirs[name][0]))
                self.assertLessEqual(set(ours), set(theirs))

    def test_times_are_within_physical_bounds(self) -> None:
        with simulator("--ttft-ms", "50", "--itl-ms", "20") as servers:
            _, report = here(servers)
            alone = [row["end_ns"] - row["start_ns"] for row in report["agents"] if row["phase"] == "solo"]
            planned_ns = (50 + 12 * 20) * 1_000_000
            self.assertTrue(all(ns >= planned_ns for ns in alone), alone)
            self.assertGreaterEqual(report["makespan_ns"], planned_ns)
            self.assertLess(report["makespan_ns"], sum(alone), "the agents ran together")
            _, serial = here(servers, "--permits", "1")
            self.assertGreaterEqual(serial["makespan_ns"], 2 * planned_ns)

    def test_what_goes_wrong_has_a_status(self) -> None:
        with simulator("--profile", "instant") as servers:
            code, report = here(servers, "--model", "nope")
            self.assertEqual((code, report["status"]), (4, "model_missing"))
        self.assertEqual(here(["http://127.0.0.1:1"])[1]["status"], "refused")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n"
        for answer, status in [
            (head + b'{"response":"a","done":false}\n', "no_done"),
            (head + b'{"error":"broken"}\n', "server_error"),
            (head + b"garbage\n", "malformed"),
            (b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\n{}", "busy"),
            (b"HTTP/1.1 429 Slow\r\nContent-Length: 2\r\n\r\n{}", "busy"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{}", "reset"),
            (b"no http at all\r\n\r\n", "malformed"),
            (b"", "reset"),
        ]:
            with answering(answer) as server:
                code, report = here([server, server])
                self.assertEqual((code, report["status"]), (4, status), report["error"])

    def test_a_server_that_says_nothing_is_a_timeout(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"http://127.0.0.1:{silent.getsockname()[1]}"
            code, report = here([address], "--timeout-ms", "200")
            self.assertEqual((code, report["status"]), (4, "timeout"))

    def test_a_wrong_command_line_is_one_line_and_exit_2(self) -> None:
        for wrong in (["--tokens", "1"], ["--workload", "report"], ["--options-a", "[]"], ["--read-cap", "9"],
                      ["--rate", "5"], ["--token-stamps", "f"]):
            command = [sys.executable, ARM, "--server", "http://127.0.0.1:1", "--model", "m", *wrong]
            done = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)
            self.assertIn(wrong[0], done.stderr)


if __name__ == "__main__":
    unittest.main()
