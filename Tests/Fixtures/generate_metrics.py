"""Writes Tests/Fixtures/metrics: what scikit-learn, SciPy, pandas and MedMNIST's Evaluator make of generated scores.

Run as `python3 generate_metrics.py` with numpy, scipy, scikit-learn, pandas and medmnist 3.0.2.
"""

import pathlib

import numpy as np
import pandas as pd
from medmnist.evaluator import getACC, getAUC
from scipy.stats import t
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, roc_auc_score

folder = pathlib.Path(__file__).parent / "metrics"
rng = np.random.default_rng(20250307)


def softmax(z):
    e = np.exp(z.astype(np.float64) - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).astype(np.float32)


# N, K, task, digits the logits are rounded to (few digits: many ties)
cases = [
    (156, 2, "binary-class", 6),
    (624, 2, "binary-class", 1),
    (1500, 2, "binary-class", 6),
    (2, 2, "binary-class", 6),
    (9, 2, "binary-class", 0),
    (400, 5, "ordinal-regression", 6),
    (700, 7, "multi-class", 1),
    (150, 11, "multi-class", 6),
    (40, 3, "multi-class", 0),
]
members = {}
for i, (n, k, task, digits) in enumerate(cases):
    labels = rng.permutation(np.arange(n) % k)
    logits = rng.normal(size=(n, k))
    logits[np.arange(n), labels] += 0.8
    logits = np.round(logits, digits).astype(np.float32)
    scores = softmax(logits)
    column = labels.reshape(-1, 1)
    predictions = (scores[:, 1] > 0.5).astype(int) if k == 2 else scores.argmax(axis=1)
    precision, recall, f1, _ = precision_recall_fscore_support(
        labels, predictions, labels=range(k), zero_division=np.nan)
    values = {
        "logits": logits,
        "scores": scores,
        "labels": labels.astype(np.uint8),
        "binary": np.array(task == "binary-class"),
        "auc": np.array(getAUC(column, scores, task)),
        "acc": np.array(getACC(column, scores, task)),
        "per_class": np.array([roc_auc_score(labels == c, scores[:, c]) for c in range(k)]),
        "confusion": confusion_matrix(labels, predictions, labels=range(k)),
        "precision": precision,
        "recall": recall,
        "f1": f1,
    }
    members |= {f"{i}.{name}": value for name, value in values.items()}
np.savez(folder / "evaluator.npz", **members)

freedom = np.array([1, 2, 3, 4, 5, 9, 10, 29, 30, 100, 999])
percentile_values = rng.normal(size=37)
decimals = np.concatenate([
    np.arange(17) / 16, [0.0005, 0.0015, 0.7245, 0.9995, 0.99949999, 1.0, 0.1235, 1e-9, 0.0625 + 2**-50, 0.0625 - 2**-50],
    rng.integers(0, 2000, 60) / 2000,
])
np.savez(
    folder / "statistics.npz",
    freedom=freedom, quantile95=t.ppf(0.975, freedom), quantile99=t.ppf(0.995, freedom),
    values=percentile_values, percentiles=np.percentile(percentile_values, [2.5, 97.5]),
    decimals=decimals, thousandths=np.array([int(f"{v:.3f}".replace(".", "")) for v in decimals]),
)

# The file that Evaluator.evaluate(scores, save_folder=...) writes for these scores.
scores = np.array(
    [[0.1, 0.9], [1e-5, 0.99999], [1e-30, 1], [0, 1], [1.2345678e-4, 0.99987656], [0.5, 0.5], [2 / 3, 1 / 3]],
    dtype=np.float32)
pd.DataFrame(scores).to_csv(folder / "predictions.csv", header=None)
