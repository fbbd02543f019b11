"""Tests of the comparison with other tools: python3 tools/peers/test_peers.py

What needs no package runs everywhere; the runs against target/release/ollama-sim are skipped, with the reason, where
the packages of the two Python clients are not installed (make peers installs them).
"""

import json
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # no __pycache__ beside the sources
sys.path[:0] = [str(HERE), str(HERE.parent)]
import byte_tokenizer  # noqa: E402
import http_rate  # noqa: E402
import report  # noqa: E402
from adapters.aiperf import Aiperf  # noqa: E402
from adapters.arm import Arm  # noqa: E402
from adapters.oha import Oha  # noqa: E402
from adapters.python_client import PythonClient  # noqa: E402
from adapters.tool import Unreadable  # noqa: E402
from figures import Figures, fill, gap_error_p99_ns, joined, most_at_once, quantile, ttft_bias_ns  # noqa: E402
from install import CLIENTS  # noqa: E402
from load import MS, Level, Outcome, Seen, Stream  # noqa: E402
from process_tree import Usage, run  # noqa: E402
from simulator import ROOT, read_log, simulator  # noqa: E402

LEVEL = Level(2, 10 * MS, 3)


def stream(name: str, request_ms: int, writes_ms: list[int], digest: str = "") -> Stream:
    """A line of the log; its final record 10 ms after the last token."""
    writes = [at * MS for at in writes_ms]
    last = writes[-1] + 10 * MS
    return Stream(name, request_ms * MS, writes[0], last, last, len(writes), digest, writes)


def told(key: str | None, start_ms: int, ttft_ms: int, gaps_ms: list[int], end_ms: int) -> Seen:
    gaps = [gap * MS for gap in gaps_ms]
    return Seen(start_ms * MS, end_ms * MS, ttft_ms * MS, len(gaps) + 1, key, gaps)


class Folder(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)


class Joining(unittest.TestCase):
    def setUp(self) -> None:
        self.streams = [stream("a", 1000, [1070, 1080, 1090]), stream("b", 1001, [1080, 1091, 1100])]

    def test_each_request_is_compared_with_its_own_stream(self) -> None:
        seen = [told("b", 1000, 84, [11, 9], 1111), told("a", 1000, 73, [10, 10], 1101)]
        pairs = joined(seen, self.streams)
        self.assertEqual([pair[1].request_id for pair in pairs], ["b", "a"])
        self.assertEqual(ttft_bias_ns(seen, self.streams, pairs), 4 * MS)  # 5 and 3
        self.assertEqual(gap_error_p99_ns(pairs), 0)

    def test_a_digest_names_a_stream_too(self) -> None:
        streams = [stream("", 5, [70], "cafe")]
        self.assertEqual(len(joined([told("cafe", 0, 70, [], 90)], streams)), 1)

    def test_without_names_medians_are_compared(self) -> None:
        seen = [Seen(0, 200 * MS, ttft * MS, 3) for ttft in (80, 90)]
        self.assertEqual(ttft_bias_ns(seen, self.streams, joined(seen, self.streams)), 10.5 * MS)
        self.assertIsNone(gap_error_p99_ns(joined(seen, self.streams)))

    def test_a_gap_told_wrong_is_an_error_of_that_size(self) -> None:
        pairs = joined([told("a", 1000, 73, [17, 3], 1101)], self.streams)
        self.assertEqual(gap_error_p99_ns(pairs), 7 * MS)

    def test_a_response_that_lacks_tokens_tells_nothing_of_gaps(self) -> None:
        self.assertIsNone(gap_error_p99_ns(joined([told("a", 1000, 73, [10], 1101)], self.streams)))

    def test_quantiles_and_concurrency(self) -> None:
        self.assertEqual(quantile(list(range(101)), 0.99), 99)
        self.assertIsNone(quantile([], 0.5))
        self.assertEqual(most_at_once(self.streams), 2)
        self.assertEqual(most_at_once([stream("a", 0, [10]), stream("b", 20, [30])]), 1)


class Filling(unittest.TestCase):
    def figures(self, outcome: Outcome) -> Figures:
        usage = Usage(0, samples=[(900 * MS, 1000 * MS), (1000 * MS, 1100 * MS), (1110 * MS, 1210 * MS)])
        figures = Figures("t", 2, 10, 3, 1, 1, "failed")
        fill(figures, LEVEL, outcome, usage)
        return figures

    def test_a_perfect_tool_reads_one(self) -> None:
        streams = [stream(name, 1000, [1065, 1075, 1085]) for name in "ab"]
        seen = [told(name, 50, 65, [10, 10], 50 + LEVEL.ideal_ns // MS) for name in "ab"]
        figures = self.figures(Outcome(seen, streams))
        self.assertEqual((figures.status, figures.share_of_ideal, figures.ttft_bias_ms), ("ok", 1.0, 0.0))
        # Between the samples CPU time grows as time does: 95 ms for six tokens.
        self.assertAlmostEqual(figures.cpu_s_per_1000_tokens, 0.095 / 6 * 1000)

    def test_what_was_not_received_lowers_the_share(self) -> None:
        streams = [stream(name, 1000, [1065, 1075, 1085]) for name in "ab"]
        figures = self.figures(Outcome([told("a", 0, 65, [10, 10], 95)], streams, problem="reset"))
        self.assertEqual((figures.status, figures.failed_requests), ("failed requests", 1))
        self.assertAlmostEqual(figures.share_of_ideal, 0.5)

    def test_nothing_seen_is_a_failure_without_figures(self) -> None:
        figures = self.figures(Outcome([], []))
        self.assertEqual(figures.status, "failed")
        self.assertIsNone(figures.ttft_bias_ms)

    def test_rows_read_back(self) -> None:
        figures = Figures("t", 2, 20.0, 64, 1, 3, "ok", ttft_bias_ms=0.125, failed_requests=0)
        self.assertEqual(Figures.from_row(figures.row()), figures)


class Reading(Folder):
    """Each tool's own export, from small pieces of real ones."""

    def test_the_log(self) -> None:
        (self.folder / "log").write_text(
            "stream,port,request_id,request_ns,first_write_ns,last_write_ns,end_ns,status,tokens,late_max_ns,digest,"
            "token_writes_ns\n4,80,,200,290,310,320,done,2,5,ab,290 300\n3,80,m-0,100,,,150,cancelled,0,,cd,\n"
        )
        gone, whole = read_log(self.folder / "log")
        self.assertEqual((whole.ttft_ns, whole.token_writes_ns, whole.request_id), (90, [290, 300], ""))
        self.assertEqual((gone.ttft_ns, gone.token_writes_ns), (None, []))

    def test_an_arms_report(self) -> None:
        def row(phase: str, start: int, status: str = "ok") -> dict:
            figures = {"start_ns": start, "ttft_ns": 70, "e2e_ns": 100, "output_tokens": 3, "digest": "ab"}
            return {"phase": phase, "status": status, "error": "" if status == "ok" else "cut"} | figures

        rows = [row("solo", 100), row("concurrent", 1000), row("concurrent", 1001, "reset")]
        report = {"requests": rows, "delays": {"gap_error_p99_ns": 7}}
        (self.folder / "output").write_text("a line\n" + json.dumps(report) + "\n")
        streams = [Stream("", at, at + 60, None, at + 90, 3, "ab", []) for at in (101, 1002)]
        outcome = Arm("x", "hyper").outcome(LEVEL, self.folder, streams)
        self.assertEqual(([one.end_ns for one in outcome.seen], outcome.gap_error_p99_ns), ([1100], 7))
        self.assertEqual([one.request_ns for one in outcome.streams], [1002])
        self.assertEqual(outcome.problem, "reset: cut")

    def test_aiperfs_records(self) -> None:
        def record(name: str, phase: str, error: dict | None = None) -> str:
            about = {"request_start_ns": 5, "request_end_ns": 9, "x_request_id": name, "benchmark_phase": phase}
            values = {"time_to_first_token": 77.5, "output_sequence_length": 3, "inter_chunk_latency": [19.25, 20.0]}
            metrics = {key: {"value": value, "unit": "ms"} for key, value in values.items()}
            return json.dumps({"metadata": about, "metrics": {} if error else metrics, "error": error})

        lines = [record("w", "warmup"), record("m", "profiling"), record("f", "profiling", {"type": "Cut"})]
        (self.folder / "artifacts").mkdir()
        (self.folder / "artifacts" / "profile_export.jsonl").write_text("\n".join(lines) + "\n")
        streams = [stream(name, 0, [1]) for name in "wmf"]
        outcome = Aiperf().outcome(LEVEL, self.folder, streams)
        self.assertEqual(outcome.seen, [Seen(5, 9, 77_500_000, 3, "m", [19_250_000, 20_000_000])])
        self.assertEqual([one.request_id for one in outcome.streams], ["m", "f"])
        self.assertIn("Cut", outcome.problem)

    def test_ohas_rows(self) -> None:
        (self.folder / "requests.csv").write_text(
            "request-start,DNS,DNS+dialup,Response-delay,request-duration,bytes,status\n"
            "0.001,0.0001,0.0002,0.09,0.1,500,200\n0.101,0,0,0.07,0.1,500,200\n"
        )
        streams = [stream("", at, [at + 70]) for at in (1, 101)]
        outcome = Oha().outcome(LEVEL, self.folder, streams)
        self.assertEqual(outcome.seen, [Seen(101 * MS, 201 * MS, 70 * MS, LEVEL.tokens)])
        self.assertEqual(outcome.streams, streams[1:])

    def test_a_client_that_failed_in_part(self) -> None:
        rows = [
            {"id": "m-0", "start_ns": 10, "end_ns": 90, "seen_ns": [40, 60], "error": ""},
            {"id": "m-1", "start_ns": 10, "end_ns": 50, "seen_ns": [], "error": "ReadError: cut"},
        ]
        (self.folder / "tokens.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        outcome = PythonClient("httpx").outcome(LEVEL, self.folder, [])
        self.assertEqual(outcome.seen, [Seen(10, 90, 30, 2, "m-0", [20])])
        self.assertEqual(outcome.problem, "ReadError: cut")

    def test_a_tool_that_wrote_nothing_says_its_last_words(self) -> None:
        (self.folder / "output").write_text("starting\nout of memory\n\n")
        for tool in (Arm("x", "hyper"), PythonClient("aiohttp"), Aiperf(), Oha()):
            with self.assertRaisesRegex(Unreadable, "out of memory"):
                tool.outcome(LEVEL, self.folder, [])


class Watching(Folder):
    def test_the_whole_tree_is_counted(self) -> None:
        burn = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"
        parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])\n"
        usage = run([sys.executable, "-c", parent], {}, self.folder / "output", 60, self.folder)
        self.assertEqual(usage.exit_code, 0)
        self.assertGreater(usage.cpu_ns, 300 * MS)
        self.assertGreater(usage.peak_rss_bytes, 2**20)
        self.assertEqual(usage.cpu_at(usage.samples[-1][0] + 1), usage.cpu_ns)
        self.assertEqual(usage.cpu_at(usage.samples[0][0] - 1), 0)

    def test_the_time_limit_ends_the_children_too(self) -> None:
        script = ["/bin/sh", "-c", "sleep 60 & echo $!; wait"]
        usage = run(script, {"PATH": "/usr/bin:/bin"}, self.folder / "output", 2, self.folder)
        self.assertIsNone(usage.exit_code)
        state = Path(f"/proc/{int((self.folder / 'output').read_text())}/stat")
        until = time.monotonic() + 20  # it is told to end, and ends when the kernel gets to it
        while state.exists() and ") Z " not in state.read_text():
            self.assertLess(time.monotonic(), until, "the child of the ended process goes on")
            time.sleep(0.01)


class Reporting(unittest.TestCase):
    FACTS = {
        **{"date": "2026-01-01 00:00 UTC", "cpu": "c", "cpus": 2, "memory_gib": 1, "kernel": "k", "python": "3"},
        **{"revision": "r", "repeats": 2, "seed": 1, "load_average_before": "0", "load_average_after": "1"},
        "tools": {
            "x": {"about": "an x", "version": "x 1", "commands": {"2": "x -n 2", "16": "x -n 16"}},
            "y": {"about": "a y", "version": ""},
        },
    }

    def test_the_first_sentence_and_the_table_say_what_the_rows_say(self) -> None:
        rows = [
            Figures("x", 2, 20.0, 64, 1, 1, "ok", ttft_bias_ms=0.5, ok_requests=2, failed_requests=0),
            Figures("x", 2, 20.0, 64, 2, 1, "failed requests", ttft_bias_ms=1.5, ok_requests=1, failed_requests=1),
            Figures("y", 2, 20.0, 64, 0, 0, "not installed", "no <b>network</b> | `none`"),
        ]
        page = report.page(rows, self.FACTS)
        self.assertIn("With 2 streams at once and a gap of 20 ms", page)
        self.assertIn("by: x +1.00 ms.", page)
        self.assertIn("| x | +1.00 [+0.50 to +1.50] | n/a |", page)
        self.assertIn("1 of 4 requests", page)
        self.assertIn("not installed; no &#60;b&#62;network", page)
        self.assertNotIn("<b>", page)
        self.assertIn("    x -n 16\n", page)

    def test_without_figures_the_page_says_so(self) -> None:
        rows = [Figures("y", 2, 20.0, 64, 0, 0, "not installed", "why")]
        self.assertIn("No tool gave figures", report.page(rows, self.FACTS))

    def test_the_tokenizer_has_a_letter_for_each_byte(self) -> None:
        self.assertEqual(len(set(byte_tokenizer.byte_letters())), 256)

    def test_wrong_options_name_the_valid_ones(self) -> None:
        for option, valid in (["--levels", "2,3"], "2, 16, 128"), (["--tools", "curl"], "aiperf"):
            done = subprocess.run([sys.executable, HERE / "peers.py", *option], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn(valid, done.stderr)


@unittest.skipUnless(CLIENTS.is_installed(), "the packages of the Python clients are not installed; run: make peers")
class Running(Folder):
    def test_two_streams_of_each_python_client(self) -> None:
        level = Level(2, 10 * MS, 20)
        for name in ("httpx", "aiohttp"):
            with self.subTest(client=name):
                tool, folder = PythonClient(name), self.folder / name
                folder.mkdir()
                with simulator(level, folder / "log") as servers:
                    command = tool.command(level, servers.servers, folder)
                    usage = run(command, tool.variables(), folder / "output", 60, ROOT)
                self.assertEqual(usage.exit_code, 0, (folder / "output").read_text())
                figures = Figures(name, 2, 10, 20, 1, 1, "failed")
                fill(figures, level, tool.outcome(level, folder, read_log(folder / "log")), usage)
                self.assertEqual((figures.status, figures.streams_at_once, figures.failed_requests), ("ok", 2, 0))
                self.assertGreater(figures.ttft_bias_ms, 0)
                self.assertIsNotNone(figures.gap_error_p99_ms)
                self.assertLessEqual(figures.share_of_ideal, 1.0)
                self.assertGreater(usage.cpu_ns, 0)


class Rates(Folder):
    """Requests a second, by an arm's own batches and by oha's export."""

    def test_an_arm_tells_the_median_of_its_batches(self) -> None:
        batch = {"operations": 1000, "cpu_ns": 20_000_000}
        batches = [batch | {"case": "hyper/16", "elapsed_ns": ns} for ns in (10_000_000, 50_000_000, 20_000_000)]
        report = {"status": "ok", "micro": [batch | {"case": "empty", "elapsed_ns": 30}, *batches]}
        (rate,) = http_rate.arm_rates("smol", report)
        self.assertEqual((rate.connections, rate.per_s, rate.cpu_us), (16, 50_000, 20))
        with self.assertRaises(Unreadable):
            http_rate.arm_rates("smol", {"status": "refused", "error": "nobody there", "micro": []})

    def test_oha_is_read_from_its_first_start_to_its_last_end(self) -> None:
        file = self.folder / "requests.csv"
        count = http_rate.OHA_REQUESTS
        rows = [f"{1 + number / count},{1 / count},200" for number in range(count)]
        file.write_text("\n".join(["request-start,request-duration,status", *rows]) + "\n")
        rate = http_rate.oha_rate(64, file, Usage(exit_code=0, cpu_ns=count * 5_000))
        self.assertAlmostEqual(rate.per_s, count)
        self.assertEqual(rate.cpu_us, 5)
        file.write_text("\n".join(["request-start,request-duration,status", *rows[1:], "2,0.1,500"]) + "\n")
        with self.assertRaises(Unreadable):
            http_rate.oha_rate(64, file, Usage())

    def test_the_page_has_a_column_for_each_tool_that_ran(self) -> None:
        rates = [
            http_rate.Rate(tool, connections, 1000.0 * connections, 9.5)
            for tool in ("smol", "oha")
            for connections in http_rate.CONNECTIONS
        ]
        facts = {"date": "", "cpu": "", "cpus": 2, "kernel": "", "revision": ""}
        page = http_rate.page(rates, facts, "command", "")
        self.assertIn("| connections | smol | oha |", page)
        self.assertIn("| 64 | 64,000 [64,000, 64,000] | 64,000 [64,000, 64,000] |", page)


if __name__ == "__main__":
    unittest.main()
