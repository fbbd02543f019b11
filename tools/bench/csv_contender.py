"""Summarise one CSV file with polars or duckdb, each time that a line arrives on standard input.

    python tools/bench/csv_contender.py polars|duckdb FILE

One JSON line per call: wall and CPU seconds of the query alone, the process's peak memory, and the result.
"""

import json
import resource
import sys
import time

FILE = sys.argv[2]


def by_polars():
    value = pl.col("value_ns")
    table = pl.scan_csv(FILE).group_by("cell", "arm").agg(
        value.len().alias("n"),
        value.mean().alias("mean"),
        value.std().alias("sd"),
        value.min().alias("min"),
        value.max().alias("max"),
        value.median().alias("median"),
        value.quantile(0.95, "linear").alias("p95"),
    )
    return table.collect().rows()


def by_duckdb():
    return duckdb.execute(
        """select cell, arm, count(value_ns), avg(value_ns), stddev_samp(value_ns), min(value_ns), max(value_ns),
           quantile_cont(value_ns, 0.5), quantile_cont(value_ns, 0.95) from read_csv(?) group by all""",
        [FILE],
    ).fetchall()


if sys.argv[1] == "polars":
    import polars as pl

    query = by_polars
else:
    import duckdb

    query = by_duckdb


def peak_mib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


for _ in sys.stdin:
    cpu, start = cpu_seconds(), time.perf_counter()
    rows = query()
    seconds, cpu = time.perf_counter() - start, cpu_seconds() - cpu
    answer = {"seconds": seconds, "cpu": cpu, "peak_mib": peak_mib(), "rows": rows}
    print(json.dumps(answer), flush=True)
