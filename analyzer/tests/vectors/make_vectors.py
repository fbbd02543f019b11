"""Writes stats.json, the fixed numbers that tests/stats_vectors.rs compares with.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0
    venv/bin/python make_vectors.py > stats.json

What scipy or statsmodels can compute, they compute. The Hodges-Lehmann intervals are written out here from their
definition: every Walsh average (or difference), sorted, and the null distribution counted in unbounded integers.
"""

import json
import math

import numpy as np
import scipy
import statsmodels
from scipy import integrate, optimize, stats
from scipy.special import gammaln
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.oneway import anova_oneway
from statsmodels.stats.power import TTestPower
from statsmodels.stats.weightstats import DescrStatsW

LEVELS = [0.95, 0.9, 1 - 0.05 / 4, 0.5]
PS = [0.0, 0.05, 0.25, 0.5, 0.9, 0.95, 0.99, 1.0]
MARGIN = 0.5


def drawn(seed, n, round_to=None, shift=0.0):
    values = np.random.default_rng(seed).normal(shift, 1.0, n)
    return [float(v) for v in (values if round_to is None else np.round(values, round_to))]


SAMPLES = {
    "one": [3.25],
    "two": [1.5, -0.25],
    "three": [0.1, 0.2, 0.4],
    "four": [-1.0, 2.5, 0.75, 4.0],
    "five": [1.1, 2.3, 2.9, 4.7, 0.2],
    "six": [0.3, -0.1, 0.45, 0.2, 0.85, 0.61],
    "six_positive": [0.3, 0.1, 0.45, 0.2, 0.85, 0.61],
    "seven": [-3.0, -1.5, -2.25, 0.5, -0.125, -4.0, 1.0],
    "ties": [1, 1, 2, 2, 2, -1, 3, -2, 4, 1],
    "zeros": [0, 0, 0.5, -0.25, 1.5, 0.75, 0, 2.0, -1.0],
    "all_zero": [0, 0, 0, 0, 0, 0],
    "constant": [0.1] * 8,
    "negative_constant": [-2.5] * 6,
    "outlier": [0.1, 0.2, -0.1, 0.05, 0.15, -0.05, 0.12, 0.3, -0.2, 0.07, 0.02, 20.0],
    "two_outliers": [1e6, -1e6, 0.1, 0.3, 0.2, 0.25, -0.4, 0.35],
    "offset": [1e9 + v for v in (0.5, 0.25, 0.75, 1.5, -0.5, 0.125, 2.25)],
    "tiny": [3e-9, -1e-9, 4e-9, 1.5e-9, 9e-9, 2.6e-9, 5.3e-9],
    "twelve": drawn(12, 12),
    "twenty": drawn(20, 20, shift=0.6),
    "fifty": drawn(50, 50, shift=0.3),
    "fifty_one": drawn(51, 51, shift=0.3),
    "eighty_ties": drawn(80, 80, round_to=1),
}

PAIRS = {
    "separated": ([1, 2, 3], [11, 12, 13, 14, 15]),
    "separated_large_first": ([11, 12, 13, 14, 15], [1, 2, 3]),
    "three_three": ([1.5, 0.25, 3.0], [2.0, 2.5, 0.5]),
    "six_six": (drawn(1, 6), drawn(2, 6, shift=1.5)),
    "unequal": (drawn(3, 9), drawn(4, 14, shift=-0.5)),
    "ties": ([1, 2, 2, 3, 4, 4, 5], [2, 3, 3, 4, 6, 7, 7, 8]),
    "constants": ([1.0] * 6, [1.5] * 7),
    "same_constant": ([2.0] * 6, [2.0] * 6),
    "fifteen": (drawn(5, 15), drawn(6, 15, shift=0.4)),
    "sixty": (drawn(7, 60), drawn(8, 55, shift=0.2)),
    "over_200": (drawn(9, 201), drawn(10, 30, shift=0.2)),
    "outlier": ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 900.0], [0.15, 0.25, 0.35, 0.45, 0.55, -700.0]),
}

GROUPS = {
    "three": [drawn(21, 8), drawn(22, 12, shift=0.5), drawn(23, 5)],
    "two": [drawn(24, 9), drawn(25, 7, shift=1.0)],
    "four_alike": [drawn(seed, 30) for seed in (26, 27, 28, 29)],
    "apart": [drawn(30, 10), drawn(31, 10, shift=6.0), drawn(32, 10, shift=12.0)],
    "ties": [[1, 2, 2, 3, 4], [2, 2, 3, 3, 5, 6], [4, 4, 5, 7]],
    "unequal_spread": [drawn(33, 15), [20 * v for v in drawn(34, 6)], [0.01 * v for v in drawn(35, 40)]],
}

STRATA = {
    "equal_sizes": [(drawn(40 + k, 5, shift=3 * k), drawn(50 + k, 5, shift=3 * k + 0.5)) for k in range(6)],
    "unequal_sizes": [(drawn(60, 4), drawn(61, 9, shift=1.0)), (drawn(62, 7, shift=9.0), drawn(63, 3, shift=9.0))],
    "ties": [([1, 2, 2, 3], [2, 3, 3, 5]), ([10, 10, 11], [10, 12, 12, 12])],
}

P_VALUES = {
    "five": [0.01, 0.04, 0.03, 0.005, 0.2],
    "ties": [0.02, 0.02, 0.02, 0.5],
    "ends": [0.0, 1.0, 0.3, 1.0],
    "one": [0.04],
}


def number(x):
    """JSON has no NaN: what does not exist is null."""
    return None if x is None or not math.isfinite(x) else float(x)


def pair(lo, hi):
    return [number(lo), number(hi)]


def signed_rank_counts(n):
    counts = [1] + [0] * (n * (n + 1) // 2)
    for rank in range(1, n + 1):
        for t in range(len(counts) - 1, rank - 1, -1):
            counts[t] += counts[t - rank]
    return counts


def rank_sum_counts(n1, n2):
    """Coefficients of the Gaussian binomial, in unbounded integers."""
    counts = [1] + [0] * (n1 * n2)
    for i in range(1, n1 + 1):
        for u in range(len(counts) - 1, n2 + i - 1, -1):
            counts[u] -= counts[u - n2 - i]
        for u in range(i, len(counts)):
            counts[u] += counts[u - i]
    return counts


def rank_below(counts, tail):
    """Largest k with P(T <= k - 1) <= tail; equal but for the rounding of the level counts as equal."""
    total, so_far = sum(counts), 0
    for k, count in enumerate(counts):
        so_far += count
        if so_far > tail * (1 + 1e-12) * total:
            return k
    raise AssertionError


def order_interval(ordered, k):
    return None if k < 1 else pair(ordered[k - 1], ordered[len(ordered) - k])


def hodges_lehmann(d):
    n = len(d)
    walsh = sorted((d[i] + d[j]) / 2 for i in range(n) for j in range(i, n))
    intervals = []
    for level in LEVELS:
        tail = (1 - level) / 2
        if n <= 50:
            k = rank_below(signed_rank_counts(n), tail)
        else:
            sd = math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
            k = math.floor(n * (n + 1) / 4 + 0.5 + stats.norm.ppf(tail) * sd)
        intervals.append(order_interval(walsh, k))
    return {"value": float(np.median(walsh)), "cis": intervals}


def shift(a, b):
    ordered = sorted(y - x for x in a for y in b)
    together = list(a) + list(b)
    n1, n2, n = len(a), len(b), len(together)
    ties = sum(t**3 - t for t in np.unique(together, return_counts=True)[1].tolist())
    intervals = []
    for level in LEVELS:
        tail = (1 - level) / 2
        if ties == 0 and n1 <= 200 and n2 <= 200:
            k = rank_below(rank_sum_counts(n1, n2), tail)
        else:
            sd = math.sqrt(n1 * n2 / 12 * (n + 1 - ties / (n * (n - 1))))
            k = math.floor(n1 * n2 / 2 + 0.5 + stats.norm.ppf(tail) * sd)
        intervals.append(order_interval(ordered, k))
    return {"value": float(np.median(ordered)), "cis": intervals}


def median_interval(x, level):
    n = len(x)
    if n < 6:
        return None
    tail = (1 - level) / 2
    r = max((r for r in range(1, n + 1) if stats.binom.cdf(r - 1, n, 0.5) <= tail * (1 + 1e-12)), default=0)
    if r == 0:
        return None
    ordered = sorted(x)
    return {"ci": pair(ordered[r - 1], ordered[n - r]), "coverage": 1 - 2 * stats.binom.cdf(r - 1, n, 0.5)}


def quantile_interval(x, p, level):
    n = len(x)
    if n < 6:
        return None
    tail = (1 - level) / 2
    r = max((r for r in range(1, n + 1) if stats.binom.cdf(r - 1, n, p) <= tail), default=None)
    s = min((s for s in range(1, n + 1) if stats.binom.sf(s - 1, n, p) <= tail), default=None)
    if r is None and s is None:
        return None
    ordered = sorted(x)
    return {"lo": None if r is None else float(ordered[r - 1]), "hi": None if s is None else float(ordered[s - 1])}


def wilcoxon(d):
    kept = np.array([v for v in d if v != 0], dtype=float)
    if len(kept) == 0:
        return None
    ranks = stats.rankdata(np.abs(kept))
    ties = len(np.unique(np.abs(kept))) < len(kept)
    exact = None if ties or len(kept) > 50 else stats.wilcoxon(kept, method="exact").pvalue
    asymptotic = stats.wilcoxon(kept, method="asymptotic", correction=True).pvalue
    return {
        "n": len(kept),
        "w_plus": float(ranks[kept > 0].sum()),
        "w_minus": float(ranks[kept < 0].sum()),
        "p_exact": None if exact is None else number(exact),
        "p_asymptotic": number(asymptotic),
    }


def t_test(d):
    if len(d) < 2:
        return None
    if len(set(d)) == 1:
        return {"t": None, "p": None, "cis": [pair(d[0], d[0])] * len(LEVELS), "tost": None}
    result = stats.ttest_1samp(d, 0.0)
    cis = [result.confidence_interval(level) for level in LEVELS]
    return {
        "t": number(result.statistic),
        "p": number(result.pvalue),
        "cis": [pair(ci.low, ci.high) for ci in cis],
        "tost": number(DescrStatsW(np.array(d, dtype=float)).ttost_mean(-MARGIN, MARGIN)[0]),
    }


def permutation(d):
    if len(d) > 12:  # scipy writes all 2^n patterns down
        return None
    result = stats.permutation_test(
        (np.array(d, dtype=float),), np.mean, permutation_type="samples", n_resamples=np.inf
    ) if len(d) > 1 else None
    return 1.0 if result is None else number(result.pvalue)


def bootstrap_t(x):
    """Ends of the bootstrap-t interval, 95 %, from 400,000 resamples of another generator."""
    x = np.array(x, dtype=float)
    n = len(x)
    if n < 6 or len(set(x.tolist())) < n:
        return None
    drawn = np.random.default_rng(1).choice(x, (400_000, n))
    with np.errstate(divide="ignore"):  # a resample without variance has an infinite t
        t = (drawn.mean(axis=1) - x.mean()) / (drawn.std(axis=1, ddof=1) / math.sqrt(n))
    low, high = np.quantile(t, [0.025, 0.975])
    se = x.std(ddof=1) / math.sqrt(n)
    return pair(x.mean() - high * se, x.mean() - low * se)


def hedges(a, b):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    df = len(a) + len(b) - 2
    pooled = math.sqrt(((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / df)
    if pooled == 0:
        return None
    return math.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / math.sqrt(df / 2) * (b.mean() - a.mean()) / pooled


def sample(x):
    constant = len(set(x)) == 1
    return {
        "values": [float(v) for v in x],
        "mean": float(x[0] if constant else np.mean(x)),
        "sd": None if len(x) < 2 else (0.0 if constant else float(np.std(x, ddof=1))),
        "quantiles": [float(np.quantile(x, p, method="linear")) for p in PS],
        "median_intervals": [median_interval(x, level) for level in LEVELS],
        "p95_interval": quantile_interval(x, 0.95, 0.95),
        "p25_interval": quantile_interval(x, 0.25, 0.9),
        "hodges_lehmann": hodges_lehmann(x),
        "wilcoxon": wilcoxon(x),
        "t_test": t_test(x),
        "permutation": permutation(x),
        "bootstrap_t": bootstrap_t(x),
    }


def two_samples(a, b):
    ties = len(set(a) | set(b)) < len(a) + len(b)
    same = len(set(a) | set(b)) == 1
    exact = None if ties or max(len(a), len(b)) > 200 else stats.mannwhitneyu(b, a, method="exact").pvalue
    asymptotic = stats.mannwhitneyu(b, a, method="asymptotic")
    return {
        "a": [float(v) for v in a],
        "b": [float(v) for v in b],
        "u_b": float(asymptotic.statistic),
        "p_exact": None if exact is None else number(exact),
        "p_asymptotic": 1.0 if same else number(asymptotic.pvalue),
        "shift": shift(a, b),
        "cliffs_delta": float(np.mean(np.sign(np.subtract.outer(b, a)))),
        "hedges_g": hedges(a, b),
        "welch": welch(a, b),
    }


def welch(a, b):
    if min(len(a), len(b)) < 2:
        return None
    if len(set(a)) == len(set(b)) == 1:
        return {"t": None, "df": None, "p": None, "cis": [pair(b[0] - a[0], b[0] - a[0])] * len(LEVELS)}
    result = stats.ttest_ind(b, a, equal_var=False)
    cis = [result.confidence_interval(level) for level in LEVELS]
    return {
        "t": number(result.statistic),
        "df": number(result.df),
        "p": number(result.pvalue),
        "cis": [pair(ci.low, ci.high) for ci in cis],
    }


def several_groups(groups):
    anova = anova_oneway([np.array(g, dtype=float) for g in groups], use_var="unequal", welch_correction=True)
    kruskal = stats.kruskal(*groups)
    return {
        "groups": [[float(v) for v in g] for g in groups],
        "welch_anova": {
            "f": number(anova.statistic), "df1": number(anova.df[0]), "df2": number(anova.df[1]),
            "p": number(anova.pvalue),
        },
        "kruskal": {"h": number(kruskal.statistic), "p": number(kruskal.pvalue)},
    }


def stratified(strata):
    """From the definition: U summed over the strata; U and its variance per stratum by its formula."""
    ordered = sorted(y - x for a, b in strata for x in a for y in b)
    u = variance = 0.0
    for a, b in strata:
        n1, n2, n = len(a), len(b), len(a) + len(b)
        ties = sum(t**3 - t for t in np.unique(list(a) + list(b), return_counts=True)[1].tolist())
        u += float(stats.mannwhitneyu(b, a, method="asymptotic").statistic)
        variance += n1 * n2 / 12 * (n + 1 - ties / (n * (n - 1)))
    mean, sd = len(ordered) / 2, math.sqrt(variance)
    ks = [math.floor(mean + 0.5 + stats.norm.ppf((1 - level) / 2) * sd) for level in LEVELS]
    return {
        "strata": [[[float(v) for v in a], [float(v) for v in b]] for a, b in strata],
        "shift": float(np.median(ordered)),
        "p": number(min(1.0, 2 * stats.norm.sf(max(0.0, abs(u - mean) - 0.5) / sd))),
        "cis": [order_interval(ordered, k) for k in ks],
    }


def expected_maximum(n):
    density = lambda x: n * stats.norm.pdf(x) * stats.norm.cdf(x) ** (n - 1)
    return integrate.quad(lambda x: x * density(x), -12, 12, epsabs=1e-13, limit=500)[0]


def power(n, sd, alpha, p):
    """From statsmodels' exact power; its own solve_power stops at six digits."""
    missing = lambda effect: TTestPower().power(effect, n, alpha) - p
    effect = optimize.brentq(missing, 1e-6, 6 / math.sqrt(n), xtol=1e-14)
    return {"n": n, "sd": sd, "alpha": alpha, "power": p, "effect": float(sd * effect)}


def adjusted(ps):
    return {
        "p": ps,
        "holm": [float(p) for p in multipletests(ps, method="holm")[1]],
        "bh": [float(p) for p in multipletests(ps, method="fdr_bh")[1]],
    }


def one_entry_per_line(value, depth=0):
    """Readable in a diff: the two outer levels are broken up, an entry of the third is one line."""
    if depth == 2 or not isinstance(value, dict):
        return json.dumps(value, allow_nan=False)
    inner = (f"{json.dumps(key)}: {one_entry_per_line(entry, depth + 1)}" for key, entry in value.items())
    return "{\n" + ",\n".join(inner) + "\n}"


print(one_entry_per_line({
    "source": f"numpy {np.__version__}, scipy {scipy.__version__}, statsmodels {statsmodels.__version__}",
    "levels": LEVELS,
    "ps": PS,
    "margin": MARGIN,
    "samples": {name: sample(x) for name, x in SAMPLES.items()},
    "pairs": {name: two_samples(a, b) for name, (a, b) in PAIRS.items()},
    "groups": {name: several_groups(groups) for name, groups in GROUPS.items()},
    "strata": {name: stratified(strata) for name, strata in STRATA.items()},
    "adjusted": {name: adjusted(ps) for name, ps in P_VALUES.items()},
    "expected_maximum": [[n, expected_maximum(n)] for n in (1, 2, 3, 5, 10, 64, 100, 256, 1024)],
    "power": [power(n, sd, a, p) for n, sd, a, p in
              [(6, 1.0, 0.05, 0.8), (12, 0.4, 0.05, 0.8), (20, 2.5, 0.05, 0.9), (200, 1.0, 0.01, 0.8)]],
}))
