"""Writes series.json, the fixed numbers that tests/series_vectors.rs compares with.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0
    venv/bin/python make_series.py > series.json

Everything comes from scipy, statsmodels or numpy as they are; what they answer with NaN is null.
"""

import json
import math
import warnings

import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.sandbox.stats.runs import runstest_1samp
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW, ttost_ind
from statsmodels.tsa.stattools import acf

LEVELS = [0.95, 0.9, 0.5]
MARGINS = [0.1, 0.5, 2.0]
RESAMPLES = 200_000


def drawn(seed, n, round_to=None, drift=0.0, memory=0.0):
    """Normal noise, on request with a drift per step and first-order dependence."""
    values = np.random.default_rng(seed).normal(0.0, 1.0, n)
    for t in range(1, n):
        values[t] += memory * values[t - 1]
    values += drift * np.arange(n)
    return [float(v) for v in (values if round_to is None else np.round(values, round_to))]


def skewed(seed, n, most=100.0):
    """Bounded above, with a long tail below: the shape of an efficiency."""
    return [float(v) for v in most - np.random.default_rng(seed).gamma(0.8, 0.6, n)]


SERIES = {
    "two": [1.5, -0.25],
    "three": [0.1, 0.4, 0.2],
    "four_ties": [1.0, 2.0, 2.0, 1.0],
    "five": [3.0, 1.0, 4.0, 1.5, 9.0],
    "ten": drawn(1, 10),
    "eleven": drawn(2, 11),
    "eleven_with_an_outlier": drawn(3, 10) + [25.0],
    "constant": [0.1] * 15,
    "half_equal": [5.0] * 7 + [5.5, 6.0, 4.0, 90.0, 5.0],
    "least_is_the_median": [1.0, 3.0, 1.0, 1.0, 2.0, 1.0, 7.0],
    "rising": [float(t) for t in range(12)],
    "falling_but_for_one_pair": [float(40 - t) for t in range(38)] + [1.0, 2.0],
    "rising_forty": [float(t) ** 1.5 for t in range(40)],
    "thirty_three": drawn(4, 33, drift=0.03),
    "thirty_four": drawn(5, 34, drift=0.03),
    "thirty_three_ties": drawn(6, 33, round_to=0),
    "drift": drawn(7, 60, drift=0.05),
    "memory": drawn(8, 80, memory=0.6),
    "alternating": drawn(9, 50, memory=-0.7),
    "ties": drawn(10, 120, round_to=1),
    "skewed": skewed(11, 45),
    "outliers": drawn(12, 40) + [8.0, -9.0, 5.0],
    "offset": [1e4 + v for v in drawn(13, 30)],
    "tiny": [1e-100 * v for v in drawn(14, 30)],
    "large": drawn(15, 400, drift=0.001),
    "two_thousand_ties": drawn(16, 2000, round_to=1, drift=0.0001),
    "over_two_thousand": drawn(17, 2001, round_to=2),
}

PAIRS = {
    "two_two": ([1.0, 2.0], [1.5, 3.0]),
    "three_five": ([1.5, 0.25, 3.0], [2.0, 2.5, 0.5, 1.75, 4.0]),
    "one_constant": ([2.0] * 4, [2.0, 2.5, 3.0]),
    "constants": ([1.0] * 6, [1.5] * 7),
    "equal": (drawn(21, 25), drawn(22, 25)),
    "unequal_spread": (drawn(23, 9), [20 * v for v in drawn(24, 14)]),
    "times": ([abs(v) + 0.2 for v in drawn(25, 12)], [2 * abs(v) + 0.3 for v in drawn(26, 9)]),
    "with_a_zero": ([0.0, 1.0, 2.0], [1.0, 2.0, 4.0]),
    "log_normal": ([math.exp(v) for v in drawn(27, 40)], [math.exp(v + 0.3) for v in drawn(28, 30)]),
}

BOOTSTRAPPED = {
    "five": [3.0, 1.0, 4.0, 1.5, 9.0],
    "eight": drawn(31, 8),
    "skewed_ten": skewed(32, 10),
    "skewed_thirty": skewed(33, 30),
    "lattice": [1.0, 2.0, 2.0, 3.0, 1.0, 4.0, 2.0, 5.0, 3.0],
    "one_apart": [1.0] * 19 + [2.0],
    "hundred": drawn(34, 100),
    "heavy_tail": drawn(35, 30) + [15.0],
    "offset": [1e9 + v for v in drawn(36, 12)],
}


def number(x):
    """JSON has no NaN: what does not exist is null."""
    return None if x is None or not math.isfinite(x) else float(x)


def pair(lo, hi):
    return [number(lo), number(hi)]


def series(x):
    x = np.array(x, dtype=float)
    n, constant = len(x), len(set(x.tolist())) == 1
    box = None
    if n > 10 and not constant:
        row = acorr_ljungbox(x, lags=[10]).iloc[0]
        box = {"q": number(row["lb_stat"]), "p": number(row["lb_pvalue"])}
    tau = stats.kendalltau(np.arange(n), x)
    z, p = runstest_1samp(x, cutoff="median", correction=False)
    one_sided = len(set((x >= np.median(x)).tolist())) == 1
    q1, median, q3 = np.quantile(x, [0.25, 0.5, 0.75])
    mad = stats.median_abs_deviation(x)
    flagged = lambda rule: [int(i) for i in np.nonzero(rule)[0]]
    beyond = lambda k: flagged((x < q1 - k * (q3 - q1)) | (x > q3 + k * (q3 - q1)))
    return {
        "values": x.tolist(),
        "acf1": None if constant else number(acf(x, nlags=1, fft=False)[1]),
        "ljung_box": box,
        "kendall": None if constant else {"tau": number(tau.statistic), "p": number(tau.pvalue)},
        "theil_sen": number(stats.theilslopes(x, np.arange(n)).slope),
        "runs": None if one_sided or n < 3 else {"z": number(z), "p": number(p)},
        "tukey_1_5": beyond(1.5),
        "tukey_3": beyond(3),
        "modified_z_3_5": flagged(np.abs(0.6745 * (x - median) / mad) > 3.5) if mad > 0 else None,
    }


def two_groups(a, b):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    varies = len(set(a.tolist())) > 1 or len(set(b.tolist())) > 1
    ratio = None
    if min(a.min(), b.min()) > 0:
        logs = CompareMeans(DescrStatsW(np.log(b)), DescrStatsW(np.log(a)))
        value = stats.gmean(b) / stats.gmean(a)
        cis = [np.exp(logs.tconfint_diff(alpha=1 - level, usevar="unequal")) for level in LEVELS]
        ratio = {"value": number(value), "cis": [pair(*ci) if varies else pair(value, value) for ci in cis]}
    return {
        "a": a.tolist(),
        "b": b.tolist(),
        "tost": [number(ttost_ind(b, a, -m, m, usevar="unequal")[0]) if varies else None for m in MARGINS],
        "ratio": ratio,
    }


def bootstrapped(x):
    """Intervals of the mean from the same resamples of another generator."""
    x = np.array(x, dtype=float)
    result, intervals = None, {}
    for method in ("percentile", "BCa"):
        result = stats.bootstrap(
            (x,), np.mean, method=method, n_resamples=RESAMPLES if result is None else 0, batch=10_000,
            bootstrap_result=result, rng=np.random.default_rng(1),
        )
        intervals[method] = result.confidence_interval
    return {"values": x.tolist(), "percentile": pair(*intervals["percentile"]), "bca": pair(*intervals["BCa"])}


def one_entry_per_line(value, depth=0):
    """Readable in a diff: the two outer levels are broken up, an entry of the third is one line."""
    if depth == 2 or not isinstance(value, dict):
        return json.dumps(value, allow_nan=False)
    inner = (f"{json.dumps(key)}: {one_entry_per_line(entry, depth + 1)}" for key, entry in value.items())
    return "{\n" + ",\n".join(inner) + "\n}"


warnings.filterwarnings("ignore")  # divisions by zero, whose NaN becomes null
print(one_entry_per_line({
    "source": f"numpy {np.__version__}, scipy {scipy.__version__}, statsmodels {statsmodels.__version__}",
    "levels": LEVELS,
    "margins": MARGINS,
    "resamples": RESAMPLES,
    "series": {name: series(x) for name, x in SERIES.items()},
    "pairs": {name: two_groups(a, b) for name, (a, b) in PAIRS.items()},
    "bootstrapped": {name: bootstrapped(x) for name, x in BOOTSTRAPPED.items()},
}))
