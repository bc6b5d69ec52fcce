"""Writes Tests/Fixtures/statistics/statistics.npz: what SciPy and rliable, and NumPy by the definitions, make of the statistics of
runs.

Run as `python3 generate_statistics.py` with numpy, scipy 1.17 and rliable 1.2.
"""

import pathlib

import numpy as np
from rliable import metrics as rliable
from scipy import special, stats

folder = pathlib.Path(__file__).parent / "statistics"
folder.mkdir(exist_ok=True)
rng = np.random.default_rng(20261126)
file = {}

# The incomplete beta function, ln Γ, Student's t with any degrees of freedom.
a = np.concatenate([rng.uniform(0.3, 5, 40), rng.uniform(5, 4000, 40)])
b = np.concatenate([rng.uniform(0.3, 5, 40), rng.uniform(5, 4000, 40)])
x = np.clip(stats.beta.rvs(a, b, random_state=rng), 1e-6, 1 - 1e-6)
file |= {"beta.x": x, "beta.a": a, "beta.b": b, "beta.value": special.betainc(a, b, x)}
g = np.concatenate([rng.uniform(0.01, 3, 30), rng.uniform(3, 1e5, 30)])
file |= {"gamma.x": g, "gamma.value": special.gammaln(g)}
freedom = np.concatenate([[1, 2, 3, 4, 19, 99, 1000], rng.uniform(1, 40, 20)])
t = rng.normal(0, 3, len(freedom))
file |= {
    "t.freedom": freedom,
    "t.value": t,
    "t.tail": 2 * stats.t.sf(np.abs(t), freedom),
    "t.quantile95": stats.t.ppf(0.975, freedom),
    "t.quantile60": stats.t.ppf(0.8, freedom),
}

# Wilcoxon's test, exact, without ties; with ties by the permutation test of the same statistic.
for index, n in enumerate([5, 8, 16]):
    d = rng.normal(0.3, 1, n)
    found = stats.wilcoxon(d, method="exact")
    file |= {f"wilcoxon.{index}": d, f"wilcoxon.{index}.p": found.pvalue, f"wilcoxon.{index}.sum": stats.rankdata(np.abs(d))[d > 0].sum()}
tied = np.array([1.0, 1.0, -1.0, 2.0, 2.0, 0.0, -3.0, 4.0])
d = tied[tied != 0]
ranks = stats.rankdata(np.abs(d))
signs = np.array(np.meshgrid(*[[0, 1]] * len(d))).reshape(len(d), -1)
sums = ranks @ signs
observed = ranks[d > 0].sum()
smaller = min(observed, ranks.sum() - observed)
file |= {"wilcoxon.3": tied, "wilcoxon.3.p": min(1, 2 * np.mean(sums <= smaller)), "wilcoxon.3.sum": observed}

# Holm's correction, from its definition: reject in ascending order while p ≤ level / (m − i).
p = np.array([0.01, 0.04, 0.03, 0.005, 0.5, 0.03])
order = np.argsort(p)
corrected = np.empty_like(p)
corrected[order] = np.minimum(1, np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order]))
file |= {"holm.p": p, "holm.corrected": corrected}

# rliable's aggregates, of runs × datasets.
scores = rng.normal(0, 1, (5, 7))
file |= {"iqm.values": scores.ravel(), "iqm": rliable.aggregate_iqm(scores)}
better, worse = rng.integers(0, 6, (5, 3)).astype(float), rng.integers(0, 5, (4, 3)).astype(float)
improvement = rliable.probability_of_improvement(better, worse)
file |= {"improvement.x": better.T.ravel(), "improvement.y": worse.T.ravel(), "improvement": improvement}

# The Dirichlet posterior, by its beta distribution.
pairs = np.array([[0, 0], [7, 3], [40, 52], [3000, 2900]])
file |= {"ranking.pairs": pairs.ravel(), "ranking.p": stats.beta.cdf(0.5, pairs[:, 0] + 1, pairs[:, 1] + 1)}

# Several runs on the same binary images: DeLong's covariances from all pairs of images, as the definition has them.
y = np.r_[np.ones(23), np.zeros(14)].astype(int)
common = rng.normal(0, 0.8, len(y))
logits = np.round(rng.normal(1.0, 0.2, (4, 1)) * y + common + rng.normal(0, 0.6, (4, len(y))), 1)
scores = (1 / (1 + np.exp(-logits))).astype(np.float32)
wins = (scores[:, y == 1, None] > scores[:, None, y == 0]) + 0.5 * (scores[:, y == 1, None] == scores[:, None, y == 0])
auc, v10, v01 = wins.mean((1, 2)), wins.mean(2), wins.mean(1)
delong = np.cov(v10) / v10.shape[1] + np.cov(v01) / v01.shape[1]
slope = 1 / (auc * (1 - auc))
theta, covariance = np.log(auc / (1 - auc)), delong * np.outer(slope, slope)
runs = len(auc)
ms = theta.var(ddof=1)
shared = max(0, (covariance.sum() - np.trace(covariance)) / (runs * (runs - 1)))
variance = ms / runs + shared
df = variance**2 / ((ms / runs) ** 2 / (runs - 1))
reach = stats.t.ppf(0.975, df) * np.sqrt(variance)
other = ms * (1 + 1 / runs) + 2 * shared
other_reach = stats.t.ppf(0.975, other**2 / ((ms * (1 + 1 / runs)) ** 2 / (runs - 1))) * np.sqrt(other)
same_reach = stats.t.ppf(0.975, runs - 1) * np.sqrt(ms * (1 + 1 / runs))
centre = theta.mean()
file |= {
    "runs.labels": y,
    "runs.scores": scores.astype(np.float64).ravel(),
    "runs.auc": auc,
    "runs.covariance": delong.ravel(),
    "runs.freedom": df,
    "runs.interval": special.expit([centre - reach, centre + reach]),
    "runs.elsewhere": special.expit([centre - other_reach, centre + other_reach]),
    "runs.same": special.expit([centre - same_reach, centre + same_reach]),
}

np.savez(folder / "statistics.npz", **file)
