"""Writes Tests/Fixtures/metrics/bootstrap.npz: bootstrap intervals, supports, losses and intervals over seeds, as
scikit-learn, SciPy and numpy compute them from the scores in metrics/evaluator.npz.

The resamples are drawn by a second implementation of our random streams (Philox 4x32 and what makes its key), so that
the intervals can be compared number by number. Run as `python3 generate_bootstrap.py` with numpy, scipy, scikit-learn.
"""

import pathlib

import numpy as np
from scipy.stats import t
from sklearn.metrics import log_loss, precision_recall_fscore_support, roc_auc_score

folder = pathlib.Path(__file__).parent / "metrics"
M32, M64 = 2**32 - 1, 2**64 - 1


def mix(z):
    """SplitMix64's finaliser."""
    z = (z + 0x9E3779B97F4A7C15) & M64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
    return z ^ (z >> 31)


def stream(seed, purpose, *indices):
    """The words of a stream, four per block."""
    fnv = 0xCBF29CE484222325
    for byte in purpose.encode():
        fnv = ((fnv ^ byte) * 0x100000001B3) & M64
    key = mix(mix(seed) ^ fnv)
    for index in indices:
        key = mix(key ^ mix((index + 0x9E3779B97F4A7C15) & M64))
    block = 0
    while True:
        c, k = [block & M32, block >> 32, 0, 0], [key & M32, key >> 32]
        for _ in range(10):
            a, b = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
            c = [(b >> 32) ^ c[1] ^ k[0], b & M32, (a >> 32) ^ c[3] ^ k[1], a & M32]
            k = [(k[0] + 0x9E3779B9) & M32, (k[1] + 0xBB67AE85) & M32]
        yield from c
        block += 1


def draws(words, below, count):
    """`count` numbers below `below`, words beyond the last whole multiple drawn again."""
    drawn = []
    while len(drawn) < count:
        word = next(words)
        if word < 2**32 // below * below:
            drawn.append(word % below)
    return np.array(drawn)


def area(labels, scores, binary):
    """MedMNIST's AUC; NaN if a class is absent or alone."""
    classes = [1] if binary else range(scores.shape[1])
    if any(len(set(labels == c)) < 2 for c in classes):
        return np.nan
    return np.mean([roc_auc_score(labels == c, scores[:, c]) for c in classes])


source = np.load(folder / "evaluator.npz")
members = {}
# Binary, binary with ties, nine images (resamples of one class), five classes, seven with ties.
for case, replicates, seed in [(0, 300, 2503), (1, 100, 2503), (4, 1000, 2503), (5, 60, 7), (6, 60, 2503)]:
    scores, labels = source[f"{case}.scores"], source[f"{case}.labels"].astype(int)
    binary, n = bool(source[f"{case}.binary"]), len(labels)
    predictions = (scores[:, 1] > 0.5).astype(int) if binary else scores.argmax(axis=1)
    areas, accuracies = [], []
    for replicate in range(replicates):
        images = draws(stream(seed, "bootstrap", replicate), n, n)
        areas.append(area(labels[images], scores[images], binary))
        accuracies.append(np.mean(predictions[images] == labels[images]))
    members |= {
        f"{case}.replicates": np.array(replicates),
        f"{case}.seed": np.array(seed),
        f"{case}.undefined": np.array(np.isnan(areas).sum()),
        f"{case}.auc": np.nanpercentile(areas, [2.5, 97.5]),
        f"{case}.accuracy": np.percentile(accuracies, [2.5, 97.5]),
    }
for case in range(9):
    labels = source[f"{case}.labels"].astype(int)
    k = source[f"{case}.scores"].shape[1]
    logits = source[f"{case}.logits"].astype(np.float64)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    members[f"{case}.support"] = precision_recall_fscore_support(
        labels, probabilities.argmax(axis=1), labels=range(k), zero_division=0)[3]
    members[f"{case}.loss"] = np.array(log_loss(labels, probabilities, labels=range(k)))

# Labels of uneven classes: largest class first, last, two equally large ones.
rng = np.random.default_rng(20261126)
uneven = np.array([[70, 20, 10], [5, 25, 70], [30, 35, 35]])
labels = np.array([rng.permutation(np.repeat(range(3), row)) for row in uneven])
members["uneven.labels"] = labels
members["uneven.predictions"] = rng.integers(0, 3, labels.shape)
measures = [
    precision_recall_fscore_support(a, b, labels=range(3))
    for a, b in zip(labels, members["uneven.predictions"])]
for name, column in zip(["precision", "recall", "f1", "support"], range(4)):
    members[f"uneven.{name}"] = np.array([m[column] for m in measures])

values = np.array([0.7312, 0.7451, 0.7019, 0.7764, 0.7333, 0.7101, 0.7688, 0.7225])
counts = np.array([2, 3, 5, 8])
members |= {
    "seeds.values": values,
    "seeds.counts": counts,
    "seeds.mean": np.array([values[:n].mean() for n in counts]),
    "seeds.deviation": np.array([values[:n].std(ddof=1) for n in counts]),
    "seeds.interval": np.array([
        t.interval(0.95, n - 1, values[:n].mean(), values[:n].std(ddof=1) / np.sqrt(n)) for n in counts]),
}
np.savez(folder / "bootstrap.npz", **members)
