"""The same load from Tandem's arms and from other tools, judged by the simulator's own log -> reports/peers.

    python3 tools/peers/peers.py [--repeats N] [--levels 2,16,128,512,2048] [--tools NAME,…] [--seed N] [--out FOLDER]

One process per tool, level and repetition; their order is shuffled inside each repetition. A tool that does not
install is skipped with its reason; one that meets the time limit at a level is not tried there again.
"""

import argparse
import csv
import json
import random
import resource
import shutil
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # no __pycache__ beside the sources
sys.path[:0] = [str(HERE), str(HERE.parent)]
import machine  # noqa: E402
import report  # noqa: E402
from adapters.aiperf import Aiperf  # noqa: E402
from adapters.arm import Arm  # noqa: E402
from adapters.oha import Oha  # noqa: E402
from adapters.python_client import PythonClient  # noqa: E402
from adapters.tool import Tool, Unreadable  # noqa: E402
from figures import Figures, fill  # noqa: E402
from install import FOLDER  # noqa: E402
from load import LEVELS, Level  # noqa: E402
from pinned_packages import Failure  # noqa: E402
from process_tree import run  # noqa: E402
from simulator import BINARY, ROOT, read_log, simulator  # noqa: E402

TOOLS: list[Tool] = [
    Arm("tokio-localset", "hyper"),
    Arm("tokio-default", "hyper"),
    Arm("tokio-localset", "lean"),
    Arm("epoll-floor", "epoll"),
    PythonClient("aiohttp"),
    PythonClient("httpx"),
    Aiperf(),
    Oha(),
]
LIMIT_S = 90
"""Time that one process may take; the longest ideal run of all takes under 10 s, a slow start of aiperf half a minute."""


def main() -> None:
    args = parse()
    tools, levels = chosen(args)
    # Each stream is a socket here and one in the simulator, which raises its own limit.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    missing = install(tools)
    facts = machine.facts()
    facts["tools"] = {tool.name: {"about": tool.about} for tool in tools}
    for tool in tools:
        facts["tools"][tool.name]["version"] = "" if tool.name in missing else tool.version()
    rows = [
        Figures(tool.name, level.streams, level.gap_ns / 1e6, level.tokens, 0, 0, "not installed", missing[tool.name])
        for tool in tools
        if tool.name in missing
        for level in levels
    ]
    rows += measure([tool for tool in tools if tool.name not in missing], levels, args, facts)
    facts |= {"repeats": args.repeats, "seed": args.seed, "load_average_after": machine.load_average()}
    write(args.out, rows, facts)
    report.main(args.out)
    print(f"peers: {args.out / 'README.md'}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--levels", default=",".join(map(str, LEVELS)), help="streams at once")
    parser.add_argument("--tools", default="", help="names as in the table, separated by semicolons; all by default")
    parser.add_argument("--seed", type=int, default=1, help="of the order")
    parser.add_argument("--out", type=Path, default=ROOT / "reports" / "peers")
    return parser.parse_args()


def chosen(args: argparse.Namespace) -> tuple[list[Tool], list[Level]]:
    """What the command line names, or exit 2."""
    names = [name.strip() for name in args.tools.split(";") if name.strip()]
    known = {tool.name: tool for tool in TOOLS}
    levels = [level.strip() for level in args.levels.split(",")]
    if unknown := [name for name in names if name not in known]:
        sys.exit(usage(f"no tool {unknown[0]}; the tools are: {'; '.join(known)}"))
    if unknown := [level for level in levels if not (level.isdigit() and int(level) in LEVELS)]:
        sys.exit(usage(f"no level {unknown[0]!r}; the levels are: {', '.join(map(str, LEVELS))}"))
    if args.repeats < 1:
        sys.exit(usage("--repeats must be at least 1"))
    return [known[name] for name in names] or TOOLS, [LEVELS[int(level)] for level in levels]


def usage(message: str) -> int:
    print(f"peers: {message}", file=sys.stderr)
    return 2


def install(tools: list[Tool]) -> dict[str, str]:
    """Makes the tools runnable; the reasons of those that are not, by name."""
    if not BINARY.exists():
        sys.exit(f"peers: {BINARY.relative_to(ROOT)} is not built; build it with: make build")
    missing = {}
    for tool in tools:
        try:
            tool.install()
        except (Failure, OSError) as failure:
            missing[tool.name] = str(failure)
            print(f"peers: {tool.name} is skipped: {failure}", file=sys.stderr)
    return missing


def measure(tools: list[Tool], levels: list[Level], args: argparse.Namespace, facts: dict) -> list[Figures]:
    """Every tool at every level, as often as asked for."""
    order = random.Random(args.seed)
    given_up: set[tuple[str, int]] = set()
    rows: list[Figures] = []
    for repetition in range(1, args.repeats + 1):
        turns = [(tool, level) for tool in tools for level in levels]
        order.shuffle(turns)
        for position, (tool, level) in enumerate(turns, 1):
            if (tool.name, level.streams) in given_up:
                continue
            figures = Figures(
                tool.name, level.streams, level.gap_ns / 1e6, level.tokens, repetition, position, status="failed"
            )
            command = one_run(tool, level, figures)
            facts["tools"][tool.name].setdefault("commands", {})[str(level.streams)] = command
            rows.append(figures)
            if figures.status == "timeout":
                given_up.add((tool.name, level.streams))
            about = f"{tool.name}, {level.streams} streams: {figures.status} {figures.problem}".rstrip()
            print(f"peers: {repetition}/{args.repeats} {position}/{len(turns)} {about}", flush=True)
    return rows


def one_run(tool: Tool, level: Level, figures: Figures) -> str:
    """One process of one tool; fills its figures and returns its command line."""
    folder = FOLDER / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    log = folder / "streams.csv"
    began = time.monotonic()
    with simulator(level, log) as servers:
        command = tool.command(level, servers.servers, folder)
        usage = run(command, tool.variables(), folder / "output", LIMIT_S, ROOT)
    figures.wall_s = time.monotonic() - began
    figures.cpu_total_s = usage.cpu_ns / 1e9
    figures.peak_rss_mib = usage.peak_rss_bytes / 2**20
    late = servers.report.get("late_p99_ns")
    figures.simulator_late_p99_ms = None if late is None else late / 1e6
    try:
        fill(figures, level, tool.outcome(level, folder, read_log(log)), usage)
    except Unreadable as why:
        figures.problem = str(why)
    except (KeyError, TypeError, ValueError) as error:
        figures.problem = f"its figures have another shape than expected: {error!r}"
    if usage.exit_code is None:
        figures.status, figures.problem = "timeout", f"not finished within {LIMIT_S} s"
    elif usage.exit_code != 0 and figures.status == "ok":
        figures.problem = f"exit code {usage.exit_code}"
    return machine.as_text(command, servers.servers)


def write(out: Path, rows: list[Figures], facts: dict) -> None:
    """results.csv and run.json, which the report is made from."""
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "results.csv", "w", newline="") as file:
        table = csv.DictWriter(file, Figures.columns(), lineterminator="\n")
        table.writeheader()
        table.writerows(row.row() for row in rows)
    (out / "run.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
