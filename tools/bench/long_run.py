"""How resuming and reporting grow with the length of a run: `python3 tools/bench/long_run.py 3000 10000 30000 100000`.

For each number of trials a run of plan quick is begun and killed after its first block; the rows of that block are
written again for all further blocks but the last trials, as if they had been measured. Then the run is resumed, which
measures what is left, and reported. Needs `make build`. Prints seconds, peak memory and both per 1,000 trials: they stay
the same where the cost grows with the length and no faster.
"""

import csv
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / "target/release"
PER_BLOCK = 35  # trials of plan quick in a block
LEFT = 3  # trials that are really measured after the resume


def begin(runs: Path, blocks: int) -> Path:
    """Starts a run and kills it after its first block."""
    folder = runs / "long"
    command = [BIN / "sweep", "--plan", "quick", "--blocks", str(blocks), "--runs-dir", runs, "--run", "long"]
    driver = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    trials = folder / "trials.csv"
    while not trials.exists() or trials.read_text().count("\n") <= PER_BLOCK:
        if driver.poll() is not None:
            sys.exit("error: the sweep ended early; run it by hand: target/release/sweep --plan quick")
        time.sleep(0.2)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    return folder


def fill(folder: Path) -> int:
    """Writes the rows of the first block again for every planned trial but the last ones."""
    with open(folder / "plan.csv", newline="") as file:
        plan = list(csv.DictReader(file))
    of_arm = {(row["cell"], row["arm"]): row["trial"] for row in plan[:PER_BLOCK]}
    for name in ["trials.csv", "agents.csv", "requests.csv"]:
        with open(folder / name, newline="") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or []
            rows: dict[str, list[dict[str, str]]] = {}
            for row in reader:
                rows.setdefault(row["trial"], []).append(row)
        shared = [column for column in ("trial", "block", "seed", "phase_order") if column in columns]
        with open(folder / name, "w", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            for planned in plan[:-LEFT]:
                for row in rows[of_arm[planned["cell"], planned["arm"]]]:
                    writer.writerow(row | {column: planned[column] for column in shared})
    return len(plan)


def timed(command: list[object]) -> tuple[float, float]:
    """Seconds and peak memory in MiB."""
    began = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr
    said = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 4):
        sys.exit(f"error: {command[0]} ended with {os.waitstatus_to_exitcode(status)}: {said}")
    return time.monotonic() - began, usage.ru_maxrss / 1024


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or [3000, 10000, 30000]
    print(f"{'trials':>8} {'resume s':>9} {'MiB':>6} {'report s':>9} {'MiB':>6}   per 1,000 trials: resume s, report s, report MiB")
    for size in sizes:
        runs = Path(tempfile.mkdtemp(prefix="long-run-", dir=ROOT / "target"))
        try:
            trials = fill(begin(runs, size // PER_BLOCK))
            resume = timed([BIN / "sweep", "--runs-dir", runs, "--run", "long"])
            report = timed([BIN / "analyzer", "report", "--runs-dir", runs, "--run", "long", "--out", runs / "reports"])
            k = trials / 1000
            print(
                f"{trials:8} {resume[0]:9.1f} {resume[1]:6.0f} {report[0]:9.1f} {report[1]:6.0f}"
                f"   {resume[0] / k:.3f}, {report[0] / k:.3f}, {report[1] / k:.1f}",
                flush=True,
            )
        finally:
            shutil.rmtree(runs)


main()
