"""Writes the tables of tests/columns_stats/cases and, beside each, the statistics that `analyzer stats --json` must find.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0
    venv/bin/python make_columns.py ../columns_stats/cases

Written from the definitions (DESIGN section 8) and not from the Rust code. What scipy or statsmodels can compute, they
compute; the rest is written out here. A table NAME.csv comes with NAME.json: the options, and the object expected.
"""

import csv
import io
import json
import math
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from scipy import integrate, optimize, special, stats
from statsmodels.sandbox.stats.runs import runstest_1samp
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.oneway import anova_oneway
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

RESAMPLES = 40_000


# ---- one group -----------------------------------------------------------------------------------------------------


def constant(x):
    return len(set(x)) <= 1


def t_ci(x, level=0.95):
    if len(x) < 2:
        return None
    if constant(x):
        return [x[0], x[0]]
    return list(DescrStatsW(x).tconfint_mean(1 - level))


def bootstrap_t_ci(x):
    if len(x) < 5:
        return None
    x = np.array(x)
    if constant(x):
        return [float(x[0])] * 2
    rng = np.random.default_rng(20)
    drawn = x[rng.integers(0, len(x), (RESAMPLES, len(x)))]
    se = x.std(ddof=1) / math.sqrt(len(x))
    flat = (drawn == drawn[:, :1]).all(axis=1)
    distance = drawn.mean(axis=1) - x.mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        t = distance / (drawn.std(axis=1, ddof=1) / math.sqrt(len(x)))
    t[flat] = np.where(np.abs(distance[flat]) < 1e-12, 0.0, np.sign(distance[flat]) * np.inf)
    t.sort()
    rank = math.floor((RESAMPLES + 1) * 0.025 + 1e-9)
    found = [x.mean() - t[RESAMPLES - rank] * se, x.mean() - t[rank - 1] * se]
    return [float(v) for v in found] if np.isfinite(found).all() else None


def resampled_ci(x, method):
    if len(x) < 5:
        return None
    if constant(x):
        return [x[0], x[0]]
    found = stats.bootstrap((x,), np.mean, n_resamples=RESAMPLES, method=method, batch=2000,
                            rng=np.random.default_rng(21)).confidence_interval
    return [float(found.low), float(found.high)]


def median_ci(x):
    n = len(x)
    ranks = [r for r in range(1, n // 2 + 1) if stats.binom.cdf(r - 1, n, 0.5) <= 0.025]
    if n < 6 or not ranks:
        return None, None
    r, x = ranks[-1], sorted(x)
    return [x[r - 1], x[n - r]], float(1 - 2 * stats.binom.cdf(r - 1, n, 0.5))


def quantile_ci(x, p):
    n, x = len(x), sorted(x)
    if n < 6:
        return None
    low = [r for r in range(1, n + 1) if stats.binom.cdf(r - 1, n, p) <= 0.025]
    high = [s for s in range(1, n + 1) if stats.binom.sf(s - 1, n, p) <= 0.025]
    if not low and not high:
        return None
    return [x[low[-1] - 1] if low else None, x[high[0] - 1] if high else None]


def shapiro(x):
    if not 3 <= len(x) <= 5000 or constant(x):
        return {"w": None, "p": None}
    found = stats.shapiro(x)
    return {"w": float(found.statistic), "p": float(found.pvalue)}


def outliers(x):
    q1, median, q3 = np.quantile(x, [0.25, 0.5, 0.75])
    fences = lambda k: int(sum(v < q1 - k * (q3 - q1) or v > q3 + k * (q3 - q1) for v in x))
    mad = np.median(np.abs(np.array(x) - median))
    z = None if mad == 0 else int(sum(abs(0.6745 * (v - median) / mad) > 3.5 for v in x))
    return {"tukey_1_5": fences(1.5), "tukey_3": fences(3.0), "modified_z_3_5": z}


def series(x):
    n, flat = len(x), constant(x)
    found = dict.fromkeys(["acf1", "ljung_box_q10", "ljung_box_p", "kendall_tau", "kendall_p", "theil_sen_slope",
                           "runs_z", "runs_p"])
    if not flat and n >= 3:
        d = np.array(x) - np.mean(x)
        found["acf1"] = float((d[1:] * d[:-1]).sum() / (d * d).sum())
    if not flat and n > 10:
        row = acorr_ljungbox(x, lags=[10]).iloc[0]
        found["ljung_box_q10"], found["ljung_box_p"] = float(row.lb_stat), float(row.lb_pvalue)
    if not flat and n >= 2:
        tau = stats.kendalltau(range(n), x)
        found["kendall_tau"], found["kendall_p"] = float(tau.statistic), float(tau.pvalue)
    if n >= 2:
        found["theil_sen_slope"] = float(stats.theilslopes(x)[0])
    if not flat and n >= 3:
        z, p = runstest_1samp(x, cutoff="median", correction=False)
        if math.isfinite(z):
            found["runs_z"], found["runs_p"] = float(z), float(p)
    return found


def describe(x):
    ci, coverage = median_ci(x)
    ps = ["0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95", "0.99"]
    return {
        "n": len(x),
        "mean": float(np.mean(x)),
        "sd": None if len(x) < 2 else 0.0 if constant(x) else float(np.std(x, ddof=1)),
        "min": min(x),
        "max": max(x),
        "median": float(np.median(x)),
        "quantiles": {p: float(np.quantile(x, float(p))) for p in ps},
        "t_ci": t_ci(x),
        "bootstrap_t_ci": bootstrap_t_ci(x),
        "bca_ci": resampled_ci(x, "BCa"),
        "percentile_ci": resampled_ci(x, "percentile"),
        "median_ci": ci,
        "median_ci_coverage": coverage,
        "p90_ci": quantile_ci(x, 0.9),
        "p95_ci": quantile_ci(x, 0.95),
        "shapiro_wilk": shapiro(x),
        "outliers": outliers(x),
        "series": series(x),
    }


# ---- two groups ----------------------------------------------------------------------------------------------------


def ordered(values, k):
    """From the k-th smallest to the k-th largest; nothing without a k."""
    values = sorted(values)
    return None if k < 1 else [values[k - 1], values[len(values) - k]]


def rank_within(counts, tail):
    """Largest k with P(statistic <= k - 1) <= tail, by counts of each value of the statistic."""
    total, so_far, k = sum(counts), 0, 0
    for count in counts:
        so_far += count
        # Whole numbers on the left; the last bit of the tail must not decide.
        if so_far > total * tail * (1 + 1e-12):
            break
        k += 1
    return k


def rank_sum_counts(n1, n2):
    """Coefficients of the Gaussian binomial (n1 + n2 over n1): product of (1 - q^(n2+i)) / (1 - q^i)."""
    size = n1 * n2 + 1
    poly = [1] + [0] * (size - 1)
    for i in range(1, n1 + 1):
        for u in range(size - 1, n2 + i - 1, -1):
            poly[u] -= poly[u - n2 - i]
        for u in range(i, size):
            poly[u] += poly[u - i]
    return poly


def signed_rank_counts(n):
    poly = [1]
    for rank in range(1, n + 1):
        poly = [a + b for a, b in zip(poly + [0] * rank, [0] * rank + poly)]
    return poly


def shift_ci(a, b, level):
    differences = [y - x for x in a for y in b]
    tail, together = (1 - level) / 2, a + b
    ties = sum(t**3 - t for t in Counter(together).values())
    n1, n2, n = len(a), len(b), len(together)
    if ties == 0 and max(n1, n2) <= 200:
        return ordered(differences, rank_within(rank_sum_counts(n1, n2), tail))
    sd = math.sqrt(n1 * n2 / 12 * max(n + 1 - ties / (n * (n - 1)), 0))
    return ordered(differences, math.floor(n1 * n2 / 2 + 0.5 - stats.norm.isf(tail) * sd))


def walsh_ci(d, level):
    walsh, n, tail = [(d[i] + d[j]) / 2 for i in range(len(d)) for j in range(i, len(d))], len(d), (1 - level) / 2
    if n <= 50:
        return ordered(walsh, rank_within(signed_rank_counts(n), tail))
    mean, sd = n * (n + 1) / 4, math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return ordered(walsh, math.floor(mean + 0.5 - stats.norm.isf(tail) * sd))


def welch(a, b):
    none = dict.fromkeys(["t", "df", "p", "ci"])
    if min(len(a), len(b)) < 2:
        return none
    if constant(a) and constant(b):
        return none | {"ci": [b[0] - a[0]] * 2}
    found = stats.ttest_ind(b, a, equal_var=False)
    ci = found.confidence_interval(0.95)
    return {"t": float(found.statistic), "df": float(found.df), "p": float(found.pvalue),
            "ci": [float(ci.low), float(ci.high)]}


def welch_tost(a, b, margin):
    if min(len(a), len(b)) < 2 or (constant(a) and constant(b)):
        return None
    return float(CompareMeans(DescrStatsW(b), DescrStatsW(a)).ttost_ind(-margin, margin, usevar="unequal")[0])


def mann_whitney(a, b):
    ties = len(set(a + b)) < len(a + b)
    exact = not ties and max(len(a), len(b)) <= 200
    with np.errstate(all="ignore"):
        asymptotic = stats.mannwhitneyu(b, a, method="asymptotic")
    p = 1.0 if constant(a + b) else float(asymptotic.pvalue)
    return {
        "u_b": float(asymptotic.statistic),
        "p_exact": float(stats.mannwhitneyu(b, a, method="exact").pvalue) if exact else None,
        "p_asymptotic": p,
    }


def brown_forsythe(a, b):
    none = {"f": None, "p": None}
    if min(len(a), len(b)) < 2:
        return none
    spread = lambda x: np.abs(np.array(x) - np.median(x))
    if constant(spread(a).tolist()) and constant(spread(b).tolist()):
        return none
    found = stats.levene(a, b, center="median")
    return {"f": float(found.statistic), "p": float(found.pvalue)}


def noncentral_t_cdf(t, df, nc):
    """P((Z + nc) / S <= t), S = chi / sqrt(df): the normal probability averaged over S. (scipy's own returns NaN at 0.)"""
    chi = stats.chi(df, scale=1 / math.sqrt(df))
    low, high = chi.ppf([1e-16, 1 - 1e-16])
    return integrate.quad(lambda s: stats.norm.cdf(t * s - nc) * chi.pdf(s), low, high, epsabs=1e-14, epsrel=1e-13,
                          limit=200)[0]


def hedges_g(a, b):
    n1, n2 = len(a), len(b)
    if min(n1, n2) < 2 or (constant(a) and constant(b)):
        return {"g": None, "ci": None}
    df = n1 + n2 - 2
    pooled = math.sqrt(((n1 - 1) * np.var(a, ddof=1) + (n2 - 1) * np.var(b, ddof=1)) / df)
    d, j = (np.mean(b) - np.mean(a)) / pooled, special.gamma(df / 2) / (math.sqrt(df / 2) * special.gamma((df - 1) / 2))
    scale = math.sqrt(1 / n1 + 1 / n2)
    t = d / scale
    reach = 8 + abs(t)
    at = lambda tail: optimize.brentq(lambda nc: noncentral_t_cdf(t, df, nc) - tail, t - reach, t + reach, xtol=1e-13)
    return {"g": float(j * d), "ci": [float(at(0.975) * scale), float(at(0.025) * scale)]}


def cliffs_delta(a, b):
    return float(np.sign(np.subtract.outer(b, a)).mean())


def ratio_geomean(a, b):
    if min(a + b) <= 0 or min(len(a), len(b)) < 2:
        return {"ratio": None, "ci": None}
    a, b = [math.log(x) for x in a], [math.log(x) for x in b]
    ci = welch(a, b)["ci"]
    return {"ratio": math.exp(np.mean(b) - np.mean(a)), "ci": ci and [math.exp(v) for v in ci]}


def sign_flips(d):
    if len(d) > 20:
        sums = np.random.default_rng(22).choice([-1.0, 1.0], (200_000, len(d))) @ d
        return float((1 + (np.abs(sums) >= abs(sum(d)) - 1e-12 * np.abs(d).sum()).sum()) / 200_001)
    sums = np.zeros(1)
    for v in d:
        sums = np.concatenate([sums + v, sums - v])
    return float((np.abs(sums) >= abs(sum(d)) - 1e-12 * np.abs(d).sum()).mean())


def paired(a, b, margin):
    d, n = [y - x for x, y in zip(a, b)], len(a)
    found = {"n": n} | dict.fromkeys(["mean_diff", "sd_diff", "t", "df", "p", "ci", "bootstrap_t_ci"])
    found["wilcoxon"] = dict.fromkeys(["w", "p_exact", "p_asymptotic"])
    found |= dict.fromkeys(["hodges_lehmann", "hodges_lehmann_ci", "hodges_lehmann_ci90", "permutation_p", "tost_p"])
    if n == 0:
        return found
    found["mean_diff"] = float(np.mean(d))
    found["permutation_p"] = sign_flips(d)
    found["hodges_lehmann"] = float(np.median([(d[i] + d[j]) / 2 for i in range(n) for j in range(i, n)]))
    found["hodges_lehmann_ci"], found["hodges_lehmann_ci90"] = walsh_ci(d, 0.95), walsh_ci(d, 0.9)
    found["bootstrap_t_ci"] = bootstrap_t_ci(d)
    if n > 1:
        found["sd_diff"] = 0.0 if constant(d) else float(np.std(d, ddof=1))
        found["df"], found["ci"] = n - 1.0, t_ci(d)
    if n > 1 and not constant(d):
        t = stats.ttest_rel(b, a)
        found["t"], found["p"] = float(t.statistic), float(t.pvalue)
        found["tost_p"] = float(DescrStatsW(d).ttost_mean(-margin, margin)[0])
    kept = [v for v in d if v != 0]
    if kept:
        ties = len({abs(v) for v in kept}) < len(kept)
        asymptotic = stats.wilcoxon(kept, method="asymptotic", correction=True)
        exact = None if ties or len(kept) > 50 else float(stats.wilcoxon(kept, method="exact").pvalue)
        found["wilcoxon"] = {"w": float(asymptotic.statistic), "p_exact": exact,
                             "p_asymptotic": float(asymptotic.pvalue)}
    return found


def verdict(n, ci, ci90, m):
    if n < 6 or ci is None or ci90 is None:
        return "not_analysable"
    differs, within = ci[0] > 0 or ci[1] < 0, -m < ci90[0] and ci90[1] < m
    if ci[0] > m or ci[1] < -m:
        return "relevant"
    if within:
        return "negligible" if differs else "equivalent"
    return "unresolved" if differs else "inconclusive"


def pair(name_a, a, name_b, b, blocked, margin):
    found = {
        "a": name_a,
        "b": name_b,
        "diff": float(np.mean(b) - np.mean(a)),
        "welch": welch(a, b),
        "tost_welch": {"p": welch_tost(a, b, margin)},
        "mann_whitney": mann_whitney(a, b),
        "hodges_lehmann": float(np.median([y - x for x in a for y in b])),
        "hodges_lehmann_ci": shift_ci(a, b, 0.95),
        "hodges_lehmann_ci90": shift_ci(a, b, 0.9),
        "brown_forsythe": brown_forsythe(a, b),
        "hedges_g": hedges_g(a, b),
        "cliffs_delta": cliffs_delta(a, b),
        "ratio_geomean": ratio_geomean(a, b),
    }
    judged, n = found, min(len(a), len(b))
    if blocked is not None:
        judged = found["paired"] = paired(*blocked, margin)
        n = judged["n"]
    found["verdict"] = verdict(n, judged["hodges_lehmann_ci"], judged["hodges_lehmann_ci90"], margin)
    return found


# ---- all groups ----------------------------------------------------------------------------------------------------


def omnibus(groups, blocked):
    none = lambda *names: dict.fromkeys(names)
    found = {"welch_anova": none("f", "df1", "df2", "p"), "kruskal_wallis": none("h", "df", "p")}
    k = len(groups)
    if k > 1 and all(len(g) > 1 and not constant(g) for g in groups):
        w = anova_oneway(groups, use_var="unequal", welch_correction=True)
        found["welch_anova"] = {"f": float(w.statistic), "df1": float(w.df[0]), "df2": float(w.df[1]),
                                "p": float(w.pvalue)}
    if k > 1 and not constant(sum(groups, [])):
        h = stats.kruskal(*groups)
        found["kruskal_wallis"] = {"h": float(h.statistic), "df": k - 1.0, "p": float(h.pvalue)}
    if blocked is None:
        return found
    found["friedman"] = none("chi2", "p", "iman_davenport_f", "iman_davenport_p")
    found["rcbd"] = none("f", "df1", "df2", "p", "relative_efficiency")
    table = np.array(blocked, dtype=float).T
    n = len(table)
    if k < 2 or n < 2:
        return found
    ranks = np.array([stats.rankdata(row) for row in table])
    ties = sum((t**3 - t) for row in table for t in Counter(row.tolist()).values())
    correction = 1 - ties / (n * (k**3 - k))
    if correction > 0:
        chi2 = 12 * n / (k * (k + 1)) * ((ranks.mean(axis=0) - (k + 1) / 2) ** 2).sum() / correction
        found["friedman"] = {"chi2": float(chi2), "p": float(stats.chi2.sf(chi2, k - 1))}
        below = n * (k - 1) - chi2
        f = (n - 1) * chi2 / below if below > 1e-9 else None
        found["friedman"] |= {"iman_davenport_f": f and float(f),
                              "iman_davenport_p": f and float(stats.f.sf(f, k - 1, (k - 1) * (n - 1)))}
    ms_blocks, ms_groups, ms_error, df2 = mean_squares(table)
    if ms_error > 0:
        f = ms_groups / ms_error
        efficiency = ((n - 1) * ms_blocks + n * (k - 1) * ms_error) / ((n * k - 1) * ms_error)
        found["rcbd"] = {"f": float(f), "df1": k - 1.0, "df2": float(df2), "p": float(stats.f.sf(f, k - 1, df2)),
                         "relative_efficiency": float(efficiency)}
    return found


def mean_squares(table):
    n, k = table.shape
    grand, rows, columns = table.mean(), table.mean(axis=1), table.mean(axis=0)
    residual = table - rows[:, None] - columns[None, :] + grand
    error = (residual**2).sum()
    if error <= 1e-20 * ((table - grand) ** 2).sum():
        error = 0.0
    df2 = (n - 1) * (k - 1)
    return k * ((rows - grand) ** 2).sum() / (n - 1), n * ((columns - grand) ** 2).sum() / (k - 1), error / df2, df2


def games_howell(a, b, k):
    found = {"p": None, "ci": None}
    if min(len(a), len(b)) < 2:
        return found
    va, vb = (0.0 if constant(x) else np.var(x, ddof=1) / len(x) for x in (a, b))
    if va + vb == 0:
        return found
    df = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
    diff, scale = np.mean(b) - np.mean(a), math.sqrt((va + vb) / 2)
    half = stats.studentized_range.ppf(0.95, k, df) * scale
    return {"p": float(stats.studentized_range.sf(abs(diff) / scale, k, df)),
            "ci": [float(diff - half), float(diff + half)]}


def rcbd_tukey(blocked, i, j):
    table = np.array(blocked, dtype=float).T
    n, k = table.shape
    if n < 1:
        return {"diff": None, "p": None, "ci": None}
    diff = float(np.mean(table[:, j] - table[:, i]))
    if n < 2 or mean_squares(table)[2] == 0:
        return {"diff": diff, "p": None, "ci": None}
    _, _, error, df = mean_squares(table)
    scale = math.sqrt(error / n)
    half = stats.studentized_range.ppf(0.95, k, df) * scale
    return {"diff": diff, "p": float(stats.studentized_range.sf(abs(diff) / scale, k, df)),
            "ci": [float(diff - half), float(diff + half)]}


def adjusted(ps, method):
    known = [p for p in ps if p is not None]
    found = iter(multipletests(known, method=method)[1].tolist() if known else [])
    return [None if p is None else next(found) for p in ps]


def multiple(names, groups, blocked, pairs):
    indices = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
    named = [{"a": names[i], "b": names[j]} for i, j in indices]
    ps = [p["welch"]["p"] for p in pairs]
    found = {
        "games_howell": [
            name | {"diff": p["diff"]} | games_howell(groups[i], groups[j], len(names))
            for name, p, (i, j) in zip(named, pairs, indices)
        ],
        "welch_adjusted": [
            name | {"p": p, "holm": holm, "bh": bh}
            for name, p, holm, bh in zip(named, ps, adjusted(ps, "holm"), adjusted(ps, "fdr_bh"))
        ],
    }
    if blocked is None:
        return found
    ps, tost = [p["paired"]["p"] for p in pairs], [p["paired"]["tost_p"] for p in pairs]
    found["rcbd_tukey"] = [name | rcbd_tukey(blocked, i, j) for name, (i, j) in zip(named, indices)]
    found["paired_adjusted"] = [
        name | {"p": p, "holm": holm, "tost_p": t, "tost_holm": t_holm}
        for name, p, holm, t, t_holm in zip(named, ps, adjusted(ps, "holm"), tost, adjusted(tost, "holm"))
    ]
    return found


# ---- a table -------------------------------------------------------------------------------------------------------


def analyse(rows, options):
    """rows: (line, {column: text}); the object of one cell."""
    groups, excluded = {}, []
    for line, row in rows:
        try:
            value = float(row[options["value"]])
        except ValueError:
            value = math.nan
        block = row[options["block"]] if "block" in options else ""
        if not math.isfinite(value) or not row[options["group"]] or ("block" in options and not block):
            excluded.append(line)
        else:
            groups.setdefault(row[options["group"]], []).append((block, value))
    names = sorted(groups, key=lambda name: name != options.get("baseline"))
    values = [[value for _, value in groups[name]] for name in names]
    margin, blocked, dropped = options.get("margin", 0.5), None, None
    if "block" in options:
        tables = [dict(groups[name]) for name in names]
        seen = {row[options["block"]]: None for line, row in rows if line not in excluded}
        complete = [block for block in seen if all(block in table for table in tables)]
        blocked = [[table[block] for block in complete] for table in tables]
        dropped = [{"block": block, "missing": [n for n, t in zip(names, tables) if block not in t]}
                   for block in seen if block not in complete]
    pairs = [
        pair(names[i], values[i], names[j], values[j], blocked and (blocked[i], blocked[j]), margin)
        for i in range(len(names)) for j in range(i + 1, len(names))
    ]
    found = {
        "groups": {name: describe(x) for name, x in zip(names, values)},
        "pairs": pairs,
        "omnibus": omnibus(values, blocked),
        "multiple": multiple(names, values, blocked, pairs),
        "margin": margin,
        "n_rows": len(rows),
        "excluded_rows": excluded,
    }
    return found if dropped is None else found | {"dropped_blocks": dropped}


def expected(text, options):
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader)
    rows, begin = [], reader.line_num + 1
    for fields in reader:
        rows.append((begin, dict(zip(header, fields))))
        begin = reader.line_num + 1
    if "by" not in options:
        return analyse(rows, options)
    cells = {}
    for line, row in rows:
        cells.setdefault(tuple(row[c] for c in options["by"]), []).append((line, row))
    return {"cells": [{"by": dict(zip(options["by"], key))} | analyse(cell, options) for key, cell in cells.items()],
            "excluded_rows": []}


def table(header, rows, end="\n"):
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=end)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def drawn(seed, n, kind="normal", digits=6):
    rng = np.random.default_rng(seed)
    x = {"normal": rng.standard_normal, "lognormal": lambda n: rng.lognormal(0, 0.7, n),
         "cauchy": rng.standard_cauchy, "exponential": rng.standard_exponential}[kind](n)
    return np.round(x, digits)


def by_group(groups):
    """One row after the other, groups in turn, as long as each lasts."""
    longest = max(len(x) for x in groups.values())
    return [[name, round(float(x[i]), 6)] for i in range(longest) for name, x in groups.items() if i < len(x)]


def cases():
    plain = {"value": "value", "group": "group"}
    yield "normal", plain, table(["group", "value"], by_group({
        "a": 10 + drawn(1, 24), "b": 10.4 + drawn(2, 24), "c": 10.1 + 1.8 * drawn(3, 24)}))
    yield "skewed", plain | {"margin": 0.2}, table(["group", "value"], by_group({
        "short": drawn(4, 15, "lognormal"), "long": 1.6 * drawn(5, 41, "lognormal")}))
    yield "heavy", plain, table(["group", "value"], by_group({
        "p": drawn(6, 30, "cauchy"), "q": 0.5 + drawn(7, 26, "cauchy")}))
    yield "large", plain, table(["group", "value"], by_group({"many": drawn(8, 205, digits=4),
                                                              "few": 0.2 + drawn(9, 12, digits=4)}))
    yield "tiny", plain, table(["group", "value"], by_group({
        "one": [3.25], "two": [1.5, -0.25], "three": [0.1, 0.2, 0.4], "six": [0.3, -0.1, 0.45, 0.2, 0.85, 0.61]}))
    yield "constant", plain, table(["group", "value"], by_group({
        "flat": [2.5] * 8, "flat too": [3.0] * 7, "varies": 2.5 + drawn(10, 9)}))
    yield "ties", plain | {"baseline": "z"}, table(["group", "value"], by_group({
        "x": np.round(drawn(11, 20) * 2), "y": np.round(drawn(12, 18) * 2) + 1, "z": np.round(drawn(13, 25) * 2)}))
    drift = np.arange(40) * 0.05
    yield "drift", plain | {"margin": 1.0}, table(["group", "value"], by_group({
        "still": drawn(14, 40), "drifts": drift + 0.6 * drawn(15, 40)}))

    blocked = {"value": "efficiency", "group": "arm", "block": "block", "margin": 0.3}
    sitting = np.abs(drawn(16, 14))
    arms = {name: np.minimum(100, 100.2 - sitting - 0.4 * drawn(17 + i, 14, "exponential") - 0.3 * (i == 2))
            for i, name in enumerate(["tokio", "smol", "async", "hyper"])}
    yield "bounded", blocked, table(["block", "arm", "efficiency"], [
        [block, name, round(float(x[block]), 6)] for block in range(14) for name, x in arms.items()])

    order = np.random.default_rng(30)
    night = drawn(31, 60, "cauchy")
    pair_of = {"base": night + drawn(32, 60), "next": night + 0.4 + drawn(33, 60)}
    yield "blocked_heavy", blocked, table(["block", "arm", "efficiency"], [
        [f"b{block}", name, round(float(pair_of[name][block]), 6)]
        for block in range(60) for name in order.permutation(["base", "next"])])

    whole = {name: np.round(drawn(34 + i, 13) * 4) / 2 + (i == 1) for i, name in enumerate(["r", "s", "t"])}
    yield "blocked_ties", blocked, table(["block", "arm", "efficiency"], [
        [block, name, float(x[block])] for block in range(13) for name, x in whole.items()])

    odd = {name: drawn(40 + i, 10) for i, name in enumerate(['plain, with "quotes"', "b", "c"])}
    rows = [[f"block {block}", name, round(float(x[block]), 6), "a,b\nc"] for block in range(10)
            for name, x in odd.items()]
    rows[4][2], rows[9][2], rows[17][2], rows[22][2] = "", "inf", "fast", "NaN"
    rows[11][0], rows[13][1] = "", ""
    del rows[25]
    yield "gaps", blocked | {"baseline": "b"}, table(["block", "arm", "efficiency", "remark"], rows, end="\r\n")

    split = [[scenario, agents, name, round(float(v), 6)] for s, scenario in enumerate(["homo", "hetero, mixed"])
             for agents in (2, 8) for i in range(7) for g, name in enumerate(["a", "b"])
             for v in [drawn(50 + 100 * s + 10 * agents + g, 7)[i] + g]]
    yield "cells", plain | {"by": ["scenario", "agents"]}, table(["scenario", "agents", "group", "value"], split)


def rounded(value):
    """Sixteen significant digits are enough for 1e-8, and half as long."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    if isinstance(value, float):
        assert math.isfinite(value), value
        return float(f"{value:.11g}")
    return value


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, options, text in cases():
        (folder / f"{name}.csv").write_text(text, newline="")
        found = {"options": options, "expected": rounded(expected(text, options))}
        (folder / f"{name}.json").write_text(json.dumps(found, separators=(",", ":")) + "\n")
