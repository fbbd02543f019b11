"""Time the bootstrap of the mean here and in scipy, taking turns in one run on the same values.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1
    venv/bin/python tools/bench/bootstrap_scipy.py [--n 1000] [--resamples 10000] [--rounds 21]

scipy: stats.bootstrap(method="BCa"), vectorized as it is by default for numpy's mean, one thread. Ours: the percentile and
the BCa interval together, on two threads and on one. Only the calls are timed: both processes run, hold the values and
have been called once before the first round. A round is one call of each, in shuffled order. On a busy machine the best
third of the rounds is nearer to what the code costs than all of them.
"""

import argparse
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

try:
    import numpy as np
    import scipy
    from scipy import stats
except ImportError as missing:
    sys.exit(f"{missing}: install it with: pip install numpy==2.4.6 scipy==1.17.1")

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ["cargo", "run", "--release", "--quiet", "--locked", "-p", "analyzer", "--example", "time_bootstrap"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1000, help="values in the sample")
    parser.add_argument("--resamples", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=21)
    return parser.parse_args()


def by_scipy(values, resamples):
    start = time.perf_counter()
    result = stats.bootstrap((values,), np.mean, method="BCa", n_resamples=resamples, rng=1)
    seconds = time.perf_counter() - start
    return seconds, tuple(result.confidence_interval)


def by_example(example, threads, values, resamples):
    print(threads, resamples, *values.tolist(), file=example.stdin, flush=True)
    answer = example.stdout.readline().split()
    if not answer:
        sys.exit("the example time_bootstrap ended early; what it said is above")
    seconds, low, high = map(float, answer)
    return seconds, (low, high)


def main():
    args = arguments()
    values = np.random.default_rng(1).normal(100.0, 5.0, args.n)
    example = subprocess.Popen(EXAMPLE, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    contenders = {
        "scipy": lambda: by_scipy(values, args.resamples),
        "ours, 2 threads": lambda: by_example(example, 2, values, args.resamples),
        "ours, 1 thread": lambda: by_example(example, 1, values, args.resamples),
    }
    intervals = {name: call()[1] for name, call in contenders.items()}
    seconds = {name: [] for name in contenders}
    shuffled = random.Random(1)
    for _ in range(args.rounds):
        for name in shuffled.sample(list(contenders), len(contenders)):
            seconds[name].append(contenders[name]()[0])
    example.stdin.close()
    example.wait()

    print(f"mean of {args.n} values, {args.resamples} resamples, {args.rounds} rounds, scipy {scipy.__version__}")
    print(f"{'':16} {'median':>9} {'quartiles':>17} {'best third':>11} {'x faster':>17}   95 % BCa interval")
    best_third = {name: statistics.median(sorted(times)[: max(1, len(times) // 3)]) for name, times in seconds.items()}
    for name, times in seconds.items():
        q1, median, q3 = (1e3 * q for q in np.quantile(times, [0.25, 0.5, 0.75]))
        faster = statistics.median(seconds["scipy"]) / statistics.median(times)
        faster_at_best = best_third["scipy"] / best_third[name]
        print(
            f"{name:16} {median:6.2f} ms {q1:6.2f} to {q3:6.2f} {1e3 * best_third[name]:8.2f} ms "
            f"{faster:6.1f} (best {faster_at_best:4.1f})   {intervals[name][0]:.4f} to {intervals[name][1]:.4f}"
        )


main()
