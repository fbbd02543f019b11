"""Writes distributions.json, the fixed numbers that tests/distributions_vectors.rs compares with.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1 mpmath==1.4.1 gmpy2
    venv/bin/python make_distributions.py > distributions.json       (needs Rscript in the path)

Tails of the noncentral t and of the studentized range are integrated here from their definitions with 40 digits
(R's ptukey and pt and scipy's studentized_range lose theirs where the tail is small) and asserted against scipy where
scipy is good. Shapiro-Wilk, the block design and Tukey's test come from R; Levene and Friedman from scipy.
"""

import json
import math
import subprocess

import mpmath
import numpy as np
import scipy
from mpmath import mp, mpf
from scipy import optimize, special, stats

mp.dps = 40


def drawn(seed, shape, scale=1.0, shift=0.0):
    return (np.random.default_rng(seed).normal(0.0, 1.0, shape) * scale + shift).tolist()


def trapezoid(log_weight, f, centre, width):
    """Sum of exp(log_weight) f over a grid 40 times finer than the width, as far as the weight is above 1e-500."""
    step, total, mass = mpf(width) / 40, mpf(0), mpf(0)
    for direction in (1, -1):
        i = 0 if direction == 1 else 1
        while True:
            u = centre + direction * i * step
            log = log_weight(u)
            if log < -1150 or (total > 0 and mpmath.e**log < total * mpf(10) ** -30):
                break
            weight = mpmath.e**log
            total += weight * f(mpmath.e**u)
            mass += weight
            i += 1
    return total, mass


def over_s(df, slope, f):
    """E[f(S)], S = sqrt(chi-squared/df); slope is how steeply f may rise in log s."""
    df = mpf(df)
    total, _ = trapezoid(lambda u: df * (u - mpmath.expm1(2 * u) / 2), f, mpf(0), 20 / mpmath.sqrt(2 * df + slope**2))
    step = 20 / mpmath.sqrt(2 * df + slope**2) / 40
    mass = mpmath.e ** (df / 2) * mpmath.gamma(df / 2) * 2 ** (df / 2 - 1) * df ** (-df / 2) / step
    return total / mass


def noncentral_t(t, df, delta):
    slope = abs(delta) + 12
    lower = over_s(df, slope, lambda s: mpmath.ncdf(t * s - delta))
    upper = over_s(df, slope, lambda s: mpmath.ncdf(delta - t * s))
    assert abs(lower + upper - 1) < 1e-20
    theirs = stats.nct.cdf(t, df, delta)
    assert not 1e-3 < theirs < 1 or abs(theirs / lower - 1) < 1e-7, (t, df, delta, theirs, lower)
    return [t, df, delta, float(lower), float(upper)]


def noncentrality(t, df, level):
    tail = (1 - level) / 2
    lo = optimize.brentq(lambda d: over_nct(t, df, d, False) - tail, t - 60, t + 10, xtol=1e-12)
    hi = optimize.brentq(lambda d: over_nct(t, df, d, True) - tail, t - 10, t + 60, xtol=1e-12)
    return [t, df, level, lo, hi]


def over_nct(t, df, delta, lower):
    """Tail of the noncentral t in double precision, by a fine trapezoid of the same integral."""
    width = 1 / math.sqrt(2 * df + (abs(delta) + 12) ** 2)
    u = np.arange(-45 / min(df, 40) - 2, 3, width / 4)
    weight = np.exp(df * (u - np.expm1(2 * u) / 2))
    x = t * np.exp(u) - delta
    return float((weight * special.ndtr(x if lower else -x)).sum() / weight.sum())


def studentized_range_mp(q, k, df):
    """1 - k integral phi(z) [Phi(z) - Phi(z - w)]^(k-1) dz, averaged over w = q s; the cancellation costs 40 digits little."""
    h = mpf(1) / 8
    grid = [(z, mpmath.npdf(z) * h * k, mpmath.ncdf(z)) for z in (h * i for i in range(-12 * 8, 14 * 8))]

    def outside(s):
        w = q * s
        if w > 26:
            return mpf(0)
        return 1 - sum(d * (below - mpmath.ncdf(z - w)) ** (k - 1) for z, d, below in grid)

    df = mpf(df)
    p = over_s_coarse(df, q, outside)
    return float(p)


def over_s_coarse(df, q, f):
    step = 1 / mpmath.sqrt(2 * df + 60) / 2
    total, i = mpf(0), 0
    for direction in (1, -1):
        i = 0 if direction == 1 else 1
        while True:
            u = direction * i * step
            weight = mpmath.e ** (df * (u - mpmath.expm1(2 * u) / 2))
            if weight < mpf(10) ** -16 * total or weight < mpf(10) ** -60:
                break
            total += weight * f(mpmath.e**u)
            i += 1
    mass = mpmath.e ** (df / 2) * mpmath.gamma(df / 2) * 2 ** (df / 2 - 1) * df ** (-df / 2) / step
    return total / mass


def studentized_range(q, k, df):
    """The upper tail in double precision, free of cancellation; checked against the 40 digits below."""
    u = np.arange(-150 / min(df, 40) - 1, 3, 1 / math.sqrt(2 * df + 60) / 6)
    weight = np.exp(df * (u - np.expm1(2 * u) / 2))
    keep = weight > 1e-60
    u, weight = u[keep], weight[keep]
    z = np.arange(-9, 45, 0.125)
    below = special.ndtr(z)
    outside = np.minimum(special.ndtr(z[None, :] - q * np.exp(u)[:, None]) / below, 1)
    with np.errstate(divide="ignore"):
        inner = -np.expm1((k - 1) * np.log1p(-outside)) * (k * np.exp(-z * z / 2) / math.sqrt(2 * math.pi) * below ** (k - 1))
    return float((weight * inner.sum(axis=1) * 0.125).sum() / weight.sum())


def range_quantile(tail, k, df):
    misfit = lambda q: math.log(studentized_range(q, k, df) / tail)
    one_pair, all_pairs = (math.sqrt(2) * stats.t.isf(p, df) for p in (tail / 2, tail / (k * (k - 1))))
    return float(optimize.brentq(misfit, 0.99 * one_pair, 1.01 * all_pairs, xtol=1e-12, rtol=1e-14))


def hedges(a, b, level):
    a, b = np.array(a), np.array(b)
    n1, n2 = len(a), len(b)
    df = n1 + n2 - 2
    pooled = math.sqrt(((n1 - 1) * a.var(ddof=1) + (n2 - 1) * b.var(ddof=1)) / df)
    d = (b.mean() - a.mean()) / pooled
    root = math.sqrt(n1 * n2 / (n1 + n2))
    j = math.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / math.sqrt(df / 2)
    lo, hi = noncentrality(d * root, df, level)[3:]
    return {"a": a.tolist(), "b": b.tolist(), "level": level, "g": j * d, "lo": lo / root, "hi": hi / root}


def games_howell(groups, level):
    k, pairs = len(groups), []
    for i in range(k):
        for j in range(i + 1, k):
            a, b = np.array(groups[i]), np.array(groups[j])
            va, vb = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
            df = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
            se, diff = math.sqrt((va + vb) / 2), b.mean() - a.mean()
            half = range_quantile(1 - level, k, df) * se
            pairs.append([i, j, diff, studentized_range(abs(diff) / se, k, df), diff - half, diff + half])
    return {"groups": groups, "level": level, "pairs": pairs}


def levene(groups):
    result = stats.levene(*groups, center="median")
    return {"groups": groups, "f": float(result.statistic), "p": float(result.pvalue)}


def r(code):
    """Numbers that R prints, with all their digits."""
    run = subprocess.run(["Rscript", "-"], input=code, capture_output=True, text=True, check=True)
    return [float(word) for word in run.stdout.split()]


def r_vector(values):
    return "c(" + ",\n".join(repr(float(v)) for v in values) + ")"


def shapiro(values):
    w, p = r(f"s <- shapiro.test({r_vector(values)}); cat(sprintf('%.17g', c(s$statistic, s$p.value)))")
    return {"values": values, "w": w, "p": p}


def friedman(rows):
    b, k = len(rows), len(rows[0])
    flat = r_vector(v for row in rows for v in row)
    chi2, p = r(f"f <- friedman.test(matrix({flat}, {b}, byrow=TRUE)); cat(sprintf('%.17g', c(f$statistic, f$p.value)))")
    if k > 2:
        assert abs(stats.friedmanchisquare(*np.transpose(rows)).statistic - chi2) < 1e-9
    f = (b - 1) * chi2 / (b * (k - 1) - chi2)
    return {"rows": rows, "chi2": chi2, "p": p, "f": f, "f_p": float(stats.f.sf(f, k - 1, (b - 1) * (k - 1)))}


def rcbd(rows, level):
    b, k = len(rows), len(rows[0])
    flat = r_vector(v for row in rows for v in row)
    values = r(
        f"d <- data.frame(y={flat}, block=factor(rep(1:{b}, each={k})), arm=factor(rep(1:{k}, {b})));"
        "m <- aov(y ~ block + arm, d); a <- anova(m);"
        f"h <- TukeyHSD(m, 'arm', conf.level={level})$arm;"
        "cat(sprintf('%.17g', c(a['arm', 'F value'], a['arm', 'Pr(>F)'], a['block', 'Mean Sq'],"
        "a['Residuals', 'Mean Sq'], t(h))))"
    )
    f, p, ms_blocks, ms_error = values[:4]
    efficiency = ((b - 1) * ms_blocks + b * (k - 1) * ms_error) / ((b * k - 1) * ms_error)
    # TukeyHSD's order of pairs is (1,2), (1,3), ..., (2,3), ...: diff, lwr, upr, p adj. R rounds p and stops qtukey at 1e-4.
    r_pairs = [values[i : i + 4] for i in range(4, len(values), 4)]
    means, se, df = np.mean(rows, axis=0), math.sqrt(ms_error / b), (b - 1) * (k - 1)
    half, pairs = range_quantile(1 - level, k, df) * se, []
    for i in range(k):
        for j in range(i + 1, k):
            diff = float(means[j] - means[i])
            pairs.append([i, j, diff, studentized_range(abs(diff) / se, k, df), diff - half, diff + half])
    return {"rows": rows, "level": level, "f": f, "p": p, "relative_efficiency": efficiency, "pairs": pairs, "r_pairs": r_pairs}


def blocks(seed, b, k, effects, block_sd=2.0):
    noise, levels = np.array(drawn(seed, (b, k))), np.array(drawn(seed + 1, (b, 1), block_sd))
    return (noise + levels + np.array(effects) + 100).round(6).tolist()


def one_entry_per_line(value, depth=0):
    """Readable in a diff: the outer level is broken up, and each of its entries has a line of its own."""
    if depth < 2 and isinstance(value, dict):
        inner = (f"{json.dumps(key)}: {one_entry_per_line(entry, depth + 1)}" for key, entry in value.items())
        return "{\n" + ",\n".join(inner) + "\n}"
    if depth == 1 and isinstance(value, list):
        return "[\n" + ",\n".join(json.dumps(entry, allow_nan=False) for entry in value) + "\n]"
    return json.dumps(value, allow_nan=False)


NONCENTRAL_T = [
    (t, df, delta)
    for df in (1, 2.5, 10, 38, 1000, 1e5)
    for t, delta in ((0.5, 0.0), (2.0, 1.0), (-1.5, 2.0), (8.0, 3.5), (3.0, 8.0), (25.0, 20.0), (20.0, 25.0), (-4.0, -6.0),
                     (44.0, 40.0), (36.0, 40.0), (60.0, 39.0), (-50.0, -38.0))
] + [(90.0, 4, 60.0), (3000.0, 20, 2500.0), (70.0, 9, 300.0), (1e4, 38, 9e3)]
RANGES = [
    (0.3, 3, 4), (3.5, 3, 5), (4.0, 2, 10), (6.0, 5, 3), (3.0, 10, 20), (8.0, 4, 60), (12.0, 6, 12), (20.0, 3, 10),
    (9.0, 8, 1000), (4.5, 50, 19), (40.0, 5, 2), (15.0, 20, 1e5), (5.0, 3, 7.37), (30.0, 4, 1), (60.0, 6, 16),
]
range_tails = []
for q, k, df in RANGES:
    exact = studentized_range_mp(q, k, df)
    assert abs(studentized_range(q, k, df) / exact - 1) < 1e-11, (q, k, df, exact, studentized_range(q, k, df))
    assert abs(stats.studentized_range.sf(q, k, df) - exact) < 1e-8, (q, k, df)
    range_tails.append([q, k, df, exact])

GROUPS = {
    "three": [drawn(1, 8), drawn(2, 12, 3.0, 0.5), drawn(3, 5, 0.5, 2.0)],
    "two": [drawn(4, 9), drawn(5, 7, 2.0, 1.0)],
    "five_apart": [drawn(s, 6 + s, 1.0 + s % 3, 3.0 * s) for s in range(6, 11)],
    "ties": [[1, 2, 2, 3, 4], [2, 2, 3, 3, 5, 6], [4, 4, 5, 7]],
}
BLOCKS = {
    "five_arms": blocks(20, 12, 5, [0, 0.3, 0.6, 2.0, 0]),
    "two_arms": blocks(22, 7, 2, [0, 0.8]),
    "two_blocks": blocks(24, 2, 4, [0, 1, 2, 5]),
    "no_block_effect": blocks(26, 20, 3, [0, 0.1, 0], 0.0),
    "strong": blocks(28, 6, 3, [0, 40, 90]),
}
TIED_BLOCKS = {
    "ties": [[1, 2, 2], [3, 1, 3], [2, 2, 2], [5, 4, 6], [1, 3, 2], [2, 2, 9]],
    "two_tied": [[1, 2], [2, 2], [3, 5], [4, 1], [0, 7]],
}
NORMALITY = {
    **{f"n{n}": drawn(n, n) for n in (3, 4, 5, 6, 11, 12, 20, 300)},
    "n5000": np.round(drawn(5000, 5000), 4).tolist(),
    "skewed": np.exp(drawn(40, 25)).tolist(),
    "heavy": (np.array(drawn(41, 60)) ** 3).tolist(),
    "ties": np.round(drawn(42, 40), 1).tolist(),
    "outlier": [0.1, 0.2, -0.1, 0.05, 0.15, -0.05, 0.12, 0.3, -0.2, 0.07, 0.02, 20.0],
    "even": list(range(1, 51)),
}

print(one_entry_per_line({
    "source": f"numpy {np.__version__}, scipy {scipy.__version__}, mpmath {mpmath.__version__}, "
    + subprocess.run(["Rscript", "-e", "cat(R.version.string)"], capture_output=True, text=True, check=True).stdout,
    "noncentral_t": [noncentral_t(*case) for case in NONCENTRAL_T],
    "noncentrality": [noncentrality(*case) for case in
                      [(0.0, 5, 0.95), (2.5, 18, 0.95), (-6.0, 9, 0.9), (30.0, 38, 0.95), (1.0, 1, 0.5), (4.0, 1e4, 0.99)]],
    "studentized_range": range_tails,
    "ptukey": [[q, k, df, *r(f"cat(sprintf('%.17g', ptukey({q}, {k}, {df}, lower.tail=FALSE)))")]
               for q, k, df, p in range_tails if p > 1e-2 and df >= 2],  # R: 0.0032 at (40, 5, 2), not 0.0038
    "studentized_range_quantile": [[tail, k, df, range_quantile(tail, k, df)] for tail, k, df in
                                   [(0.05, 3, 10), (0.05, 5, 44), (0.01, 10, 6), (0.1, 4, 1e4), (1e-6, 3, 20), (0.9, 7, 3)]],
    "hedges": [hedges(drawn(50, 8), drawn(51, 10, 1.0, 1.0), 0.95), hedges(drawn(52, 2), drawn(53, 3, 1.0, 4.0), 0.9),
               hedges(drawn(54, 40, 1.0, 9.0), drawn(55, 60), 0.95), hedges(drawn(56, 20), drawn(57, 20), 0.99)],
    "brown_forsythe": {name: levene(groups) for name, groups in GROUPS.items()},
    "games_howell": {name: games_howell(groups, level)
                     for (name, groups), level in zip(GROUPS.items(), (0.95, 0.9, 0.95, 0.99))},
    "rcbd": {name: rcbd(rows, 0.95) for name, rows in BLOCKS.items()},
    "friedman": {name: friedman(rows) for name, rows in {**BLOCKS, **TIED_BLOCKS}.items() if name != "strong"},
    "shapiro_wilk": {name: shapiro([float(v) for v in values]) for name, values in NORMALITY.items()},
}))
