"""Writes factorial.json, the fixed numbers that tests/factorial_vectors.rs compares with.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 pandas==3.1.1 scipy==1.17.1 statsmodels==0.15.0
    venv/bin/python make_factorial.py > factorial.json

Sums of squares, degrees of freedom and p values are those of statsmodels' ols and anova_lm with sum-to-zero coding. The
contrast's sum of squares is that of a centred column, which is orthogonal to the blocks. Where values are missing only
the residual is compared, whose sum of squares is that of the model without the missing rows.
"""

import itertools
import json

import numpy as np
import pandas as pd
import scipy.stats
import statsmodels
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm


def drawn(seed, levels, blocks, noise):
    """Values with main effects, interactions and blocks, in the order of the combinations."""
    random = np.random.default_rng(seed)
    effects = [random.normal(0, 1 / (1 + f), n) for f, n in enumerate(levels)]
    pairs = {
        (f, g): random.normal(0, 0.3, (levels[f], levels[g]))
        for f, g in itertools.combinations(range(len(levels)), 2)
    }
    rows = []
    for _ in range(blocks):
        block = random.normal(0, 0.5)
        row = []
        for combination in itertools.product(*(range(n) for n in levels)):
            value = 5 + block + sum(effects[f][l] for f, l in enumerate(combination))
            value += sum(table[combination[f], combination[g]] for (f, g), table in pairs.items())
            row.append(float(value + random.normal(0, noise)))
        rows.append(row)
    return rows


def frame(levels, rows):
    combinations = list(itertools.product(*(range(n) for n in levels)))
    lines = []
    for block, row in enumerate(rows):
        for number, (combination, y) in enumerate(zip(combinations, row, strict=True)):
            if y is not None:
                line = {"y": y, "block": block, "cell": number}
                lines.append(line | {f"f{f}": l for f, l in enumerate(combination)})
    return pd.DataFrame(lines)


def source(table, name):
    p = table.loc[name, "PR(>F)"]
    return {
        "squares": float(table.loc[name, "sum_sq"]),
        "df": float(table.loc[name, "df"]),
        "p": None if np.isnan(p) else float(p),
    }


def whole(levels, rows, weights):
    data = frame(levels, rows)
    crossed = [f for f, n in enumerate(levels) if n > 1]
    names = {f: f"C(f{f}, Sum)" for f in crossed}
    joined = {(f, g): f"{names[f]}:{names[g]}" for f, g in itertools.combinations(crossed, 2)}
    order = "y ~ C(block, Sum) + " + " * ".join(names.values())
    full = anova_lm(ols(order, data).fit())
    by_cell = anova_lm(ols("y ~ C(block, Sum) + C(cell, Sum)", data).fit())
    data["w"] = [weights[cell] for cell in data["cell"]]
    squares = float(anova_lm(ols("y ~ C(block, Sum) + w", data).fit()).loc["w", "sum_sq"])
    error = by_cell.loc["Residual", "sum_sq"] / by_cell.loc["Residual", "df"]
    p = float(scipy.stats.f.sf(squares / error, 1, by_cell.loc["Residual", "df"]))
    return {
        "levels": levels,
        "rows": rows,
        "main": {str(f): source(full, name) for f, name in names.items()},
        "pairs": {f"{f},{g}": source(full, name) for (f, g), name in joined.items()},
        "combinations": source(by_cell, "C(cell, Sum)"),
        "blocks": source(by_cell, "C(block, Sum)")["squares"],
        "residual": source(by_cell, "Residual"),
        "weights": weights,
        "contrast": {"squares": squares, "df": 1.0, "p": p},
    }


def gapped(levels, rows, gaps):
    rows = [[None if (b, c) in gaps else y for c, y in enumerate(row)] for b, row in enumerate(rows)]
    table = anova_lm(ols("y ~ C(block, Sum) + C(cell, Sum)", frame(levels, rows)).fit())
    return {"levels": levels, "rows": rows, "residual": source(table, "Residual")}


def doubly_centred(levels, f, of_f, g, of_g):
    """Weight (a - mean a) (b - mean b) of every combination."""
    a = [int(l in of_f) - len(of_f) / levels[f] for l in range(levels[f])]
    b = [int(l in of_g) - len(of_g) / levels[g] for l in range(levels[g])]
    return [a[c[f]] * b[c[g]] for c in itertools.product(*(range(n) for n in levels))]


CASES = {
    "two_by_two": ([2, 2], 6, 0.2, (0, [1], 1, [1])),
    "runtime_by_client": ([4, 2, 1], 8, 0.1, (0, [2, 3], 1, [1])),
    "three_factors": ([4, 3, 2], 12, 0.3, (0, [2, 3], 1, [2])),
    "four_factors": ([2, 3, 3, 2], 7, 0.5, (0, [1], 2, [1, 2])),
    "noise_alone": ([3, 2, 2], 10, 50.0, (0, [1], 2, [1])),
}
GAPS = {
    "one_gap": ([3, 2], 6, {(2, 4)}),
    "some_gaps": ([4, 3], 10, {(0, 0), (0, 5), (3, 11), (9, 5), (7, 2)}),
}


def main():
    made = {}
    for seed, (name, (levels, blocks, noise, weights)) in enumerate(CASES.items()):
        rows = drawn(seed, levels, blocks, noise)
        made[name] = whole(levels, rows, doubly_centred(levels, *weights))
    with_gaps = {}
    for seed, (name, (levels, blocks, gaps)) in enumerate(GAPS.items(), 50):
        with_gaps[name] = gapped(levels, drawn(seed, levels, blocks, 0.2), gaps)
    versions = f"numpy {np.__version__}, scipy {scipy.__version__}, statsmodels {statsmodels.__version__}"
    lines = [f'"{name}": {json.dumps(case)}' for name, case in made.items()]
    gap_lines = [f'"{name}": {json.dumps(case)}' for name, case in with_gaps.items()]
    print("{")
    print(f'"source": "{versions}",')
    print('"whole": {\n' + ",\n".join(lines) + "\n},")
    print('"gapped": {\n' + ",\n".join(gap_lines) + "\n}")
    print("}")


main()
