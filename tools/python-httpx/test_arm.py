"""Tests of the arm python-httpx: python3 tools/python-httpx/test_arm.py (after install.py)

The trials run against target/release/ollama-sim beside target/release/tokio-default: equal work must give equal text.
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

from dialect import Fault, Lines, read_line  # noqa: E402
from exchange import Exchange, pooled_delays, type7  # noqa: E402

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
    command = [*program, *addresses, "--model", "sim", "--cache", "none", "--tokens", "12", "--seed", "77", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60)
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
            return Exchange(0, seen_ns=[a + d for a, d in zip(wrote, delays)], written_ns=list(wrote))

        # R 4: d <- c(1:40, (1:60)^2); quantile(d, c(.5, .9, .99, .999), type = 7) = 110.5 2510.1 3482.19 3588.219
        agents = [response(list(range(1, 41))), response([k * k for k in range(1, 61)])]
        wanted = {"tokens": 100, "p50_ns": 111, "p90_ns": 2510, "p99_ns": 3482, "p999_ns": 3588, "max_ns": 3600}
        found = pooled_delays(agents)
        self.assertEqual({key: found[key] for key in wanted}, wanted)
        self.assertEqual(pooled_delays([response([500, 200]), response([9000, 9200])])["gap_error_p99_ns"], 299)
        agents[0].written_ns[3] = None
        self.assertEqual(pooled_delays(agents), {"source": "none"})
        self.assertEqual(pooled_delays([]), {"source": "none"})


class Wire(unittest.TestCase):
    def test_cuts_do_not_matter(self) -> None:
        dice = random.Random(115)
        for _ in range(200):
            data = bytes(dice.choice(b"ab\n") for _ in range(dice.randrange(60)))
            lines, found, at = Lines(), [], 0
            while at < len(data):
                size = dice.randrange(1, 9)
                found += lines.push(data[at : at + size])
                at += size
            found += lines.finish()
            # What splitlines gives where only line feeds end a line.
            self.assertEqual(found, data.splitlines())

    def test_a_line_without_end_is_refused(self) -> None:
        lines = Lines()
        with self.assertRaises(Fault) as caught:
            for _ in range(100):
                lines.push(b"x" * 65536)
        self.assertEqual(caught.exception.status, "too_large")

    def test_lines_of_both_dialects(self) -> None:
        for api, line, texts in [
            ("ollama", b'{"response":"a","done":false}', ["a"]),
            ("ollama", b'{"message":{"role":"assistant","content":"b"},"done":false}', ["b"]),
            ("ollama", b'{"response":"","done":true,"done_reason":"stop"}', []),
            ("openai", b'data: {"choices":[{"delta":{"content":"c"}}]}\r', ["c"]),
            ("openai", b'data: {"choices":[{"text":"d","finish_reason":null}]}', ["d"]),
            ("openai", b": keep-alive", []),
            ("openai", b"data: [DONE]", []),
        ]:
            self.assertEqual(read_line(api, line).texts, texts, line)
        for api, line, status in [
            ("ollama", b'{"error":"out of memory"}', "server_error"),
            ("ollama", b"<html>", "malformed"),
            ("ollama", b"[1]", "malformed"),
            ("ollama", b'{"model":"m"}', "malformed"),
            ("ollama", b"[" * 100_000, "malformed"),
            ("openai", b'data: {"error":{"message":"x"}}', "server_error"),
            ("openai", b'data: {"choices":[1]}', "malformed"),
            ("openai", b"hello", "malformed"),
        ]:
            with self.assertRaises(Fault) as caught:
                read_line(api, line)
            self.assertEqual(caught.exception.status, status, line[:40])


class Trials(unittest.TestCase):
    def test_equal_work_gives_the_text_and_the_rows_of_the_other_arms(self) -> None:
        with simulator("--ttft-ms", "20", "--itl-ms", "4") as servers:
            for extra in (["--endpoint", "chat"], ["--api", "openai"], ["--agents", "5", "--connection", "fresh"]):
                rust = [BINARIES / "tokio-default", "--client", "hyper"]
                (code, ours), (_, theirs) = here(servers, *extra), run(rust, servers, *extra)
                self.assertEqual((code, ours["status"], ours["error"]), (0, "ok", ""))
                work = ("phase", "agent", "call", "stage", "server", "output_tokens", "digest", "done_reason")
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
