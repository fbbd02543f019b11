"""Time `analyzer stats --summary` beside polars and duckdb: the same seven numbers of the same CSV file, taking turns.

    python3 tools/bench/csv_summary.py [--rows 1000000] [--rounds 9] [--no-scaling]

ours: the whole process, from its start to its end. polars (lazy) and duckdb: the query alone, in a process that runs
already and has made the same query once. Peak memory: each in a fresh process that makes one query. A round is one call
of each in shuffled order; all results must agree. On a busy machine the best third of the rounds is nearer to what the
code costs, and so is CPU time. Then ours alone on 100,000, 1,000,000 and 10,000,000 rows. Files and packages stay
under target/. Standard library only.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # no __pycache__ beside the sources
sys.path.insert(0, str(HERE))
import packages  # noqa: E402

ROOT = HERE.parents[1]
ANALYZER = ROOT / "target" / "release" / "analyzer"
CELLS = 60
ARMS = ["tokio-default", "tokio-current", "smol", "async-std"]
NUMBERS = ["n", "mean", "sd", "min", "max", "median", "p95"]
OTHERS = ["polars", "duckdb"]


def csv_file(rows: int) -> Path:
    """Eight columns, about 80 bytes a row, the cells in random order."""
    path = ROOT / "target" / "bench" / f"trials-{rows}.csv"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    dice = random.Random(115)
    unfinished = path.with_suffix(".part")
    with open(unfinished, "w") as file:
        file.write("run,cell,arm,block,trial,status,value_ns,share\n")
        for trial in range(rows):
            cell, arm = dice.randrange(CELLS), dice.choice(ARMS)
            value, share = dice.lognormvariate(16, 0.4), dice.random()
            file.write(
                f"20260101-000000-quick,agents-{cell:02}-native,{arm},{trial // 240},{trial},ok,{value:.3f},{share:.6f}\n"
            )
    return unfinished.rename(path)


def ours(path: Path) -> dict:
    """One run of the analyzer. The kernel counts this small process's own memory as the least of its child's peak."""
    command = [ANALYZER, "stats", path, "--value", "value_ns", "--group", "arm", "--by", "cell", "--summary", "--json"]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit("the analyzer failed; what it said is above")
    rows = [
        [cell["by"]["cell"], arm, *(group[number] for number in NUMBERS)]
        for cell in json.loads(text)["cells"]
        for arm, group in cell["groups"].items()
    ]
    return {
        "seconds": seconds,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss / 1024,
        "rows": rows,
    }


class Other:
    """polars or duckdb in a process of its own."""

    def __init__(self, name: str, path: Path) -> None:
        interpreter, variables = packages.interpreter()
        self.process = subprocess.Popen(
            [interpreter, HERE / "csv_contender.py", name, path],
            env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def call(self) -> dict:
        print(file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            sys.exit("a contender ended early; what it said is above")
        return json.loads(line)

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def check_agreement(results: dict[str, dict]) -> None:
    """The same groups with the same seven numbers, but for rounding."""
    expected = {tuple(row[:2]): row[2:] for row in results["ours"]["rows"]}
    for name, result in results.items():
        found = {tuple(row[:2]): row[2:] for row in result["rows"]}
        if found.keys() != expected.keys():
            sys.exit(f"{name} finds other groups")
        for key, numbers in found.items():
            for number, a, b in zip(NUMBERS, numbers, expected[key], strict=True):
                if abs(a - b) > 1e-9 * abs(b):
                    sys.exit(f"{name} disagrees on {number} of {key}: {a} and {b}")


def best_third(times: list[float]) -> float:
    return statistics.median(sorted(times)[: max(1, len(times) // 3)])


def side_by_side(rows: int, rounds: int) -> None:
    path = csv_file(rows)
    peaks = {"ours": ours(path)["peak_mib"]}
    contenders = {"ours": lambda: ours(path)}
    others = {name: Other(name, path) for name in OTHERS}
    for name, other in others.items():
        peaks[name] = other.call()["peak_mib"]
        contenders[name] = other.call
    calls = {name: [] for name in contenders}
    shuffled = random.Random(1)
    for _ in range(rounds):
        for name in shuffled.sample(list(contenders), len(contenders)):
            calls[name].append(contenders[name]())
        check_agreement({name: results[-1] for name, results in calls.items()})
    for other in others.values():
        other.end()

    size = path.stat().st_size / rows
    print(f"{rows} rows of {size:.0f} bytes, {CELLS} cells x {len(ARMS)} arms, {rounds} rounds, results agree")
    print(f"{'':8} {'median':>9} {'quartiles':>18} {'best third':>12} {'CPU':>9} {'peak':>11}   ours takes: time, best, CPU, memory")
    times = {name: [call["seconds"] for call in results] for name, results in calls.items()}
    cpu = {name: statistics.median(call["cpu"] for call in results) for name, results in calls.items()}
    for name, taken in times.items():
        q1, median, q3 = (1e3 * q for q in statistics.quantiles(taken, n=4))
        ratios = (
            statistics.median(times["ours"]) / statistics.median(taken),
            best_third(times["ours"]) / best_third(taken),
            cpu["ours"] / cpu[name],
            peaks["ours"] / peaks[name],
        )
        print(
            f"{name:8} {median:6.0f} ms {q1:6.0f} to {q3:5.0f} ms {1e3 * best_third(taken):9.0f} ms {1e3 * cpu[name]:6.0f} ms "
            f"{peaks[name]:7.0f} MiB   " + " ".join(f"{ratio:.2f}x" for ratio in ratios)
        )


def scaling() -> None:
    print("ours alone, 5 runs each")
    for rows in [100_000, 1_000_000, 10_000_000]:
        path = csv_file(rows)
        calls = [ours(path) for _ in range(5)]
        cpu = statistics.median(call["cpu"] for call in calls)
        seconds = statistics.median(call["seconds"] for call in calls)
        print(
            f"{rows:9} rows: {1e3 * seconds:6.0f} ms, {1e9 * seconds / rows:4.0f} ns a row, "
            f"CPU {1e9 * cpu / rows:4.0f} ns a row, peak {calls[0]['peak_mib']:.0f} MiB"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--no-scaling", action="store_true", help="leave out the file of 10,000,000 rows, 800 MB")
    args = parser.parse_args()
    if not ANALYZER.exists():
        sys.exit("no target/release/analyzer; build it with: cargo build --release -p analyzer")
    side_by_side(args.rows, args.rounds)
    if not args.no_scaling:
        scaling()


if __name__ == "__main__":
    try:
        main()
    except (packages.Failure, OSError) as failure:
        sys.exit(f"bench: {failure}")
