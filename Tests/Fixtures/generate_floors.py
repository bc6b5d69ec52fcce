"""Writes Tests/Fixtures/floors: what scikit-learn's logistic regression makes of generated features.

Run as `python3 generate_floors.py` with numpy and scikit-learn.
"""

import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegression

folder = pathlib.Path(__file__).parent / "floors"
folder.mkdir(exist_ok=True)
rng = np.random.default_rng(20250308)
members = {}
# N, D, K, penalties; fewer images than features in the second
cases = [(150, 21, 2, [1.0, 0.01]), (60, 97, 2, [0.1, 0.001]), (210, 18, 4, [1.0, 0.01]), (90, 16, 3, [0.0001])]
for i, (n, d, k, penalties) in enumerate(cases):
    labels = rng.permutation(np.arange(n) % k)
    features = rng.normal(size=(n, d)) + 0.6 * rng.normal(size=(k, d))[labels]
    features = features.astype(np.float32)
    members |= {f"{i}_features": features, f"{i}_labels": labels.astype(np.uint8),
                f"{i}_penalties": np.array(penalties)}
    for j, penalty in enumerate(penalties):
        model = LogisticRegression(C=1 / (penalty * n), tol=1e-12, max_iter=100_000, solver="newton-cg")
        model.fit(features.astype(np.float64), labels)
        members[f"{i}_{j}_weights"] = np.ascontiguousarray(model.coef_)
        # More than two classes: only differences of biases matter, ours add up to 0.
        bias = model.intercept_ if k == 2 else model.intercept_ - model.intercept_.mean()
        members[f"{i}_{j}_bias"] = bias
np.savez(folder / "logistic.npz", **members)
