"""The case that `student-benchmark --task export` writes: what a peer has to reproduce before it is timed."""

import json

import torch


class ExportedCase:
    """Shapes, parameters by name, a small batch and what our student makes of it: logits, loss, gradients."""

    def __init__(self, path):
        with open(path) as file:
            found = json.load(file)
        self.model = found["model"]
        self.size, self.qubits, self.heads = (int(found[key]) for key in ("size", "qubits", "heads"))
        self.pairs = [(int(a), int(b)) for a, b in found["pairs"]]
        self.labels = torch.tensor(found["labels"], dtype=torch.long)
        self.logits = torch.tensor(found["logits"]).view(len(self.labels), -1)
        self.classes = self.logits.shape[1]
        images = torch.tensor(found["images"], dtype=torch.uint8).view(len(self.labels), self.size, self.size, 3)
        self.images = normalised(images)
        self.parameters, self.gradients = {}, {}
        for name, entry in found["parameters"].items():
            shape = [int(n) for n in entry["shape"]]
            self.parameters[name] = torch.tensor(entry["values"]).view(shape)
            self.gradients[name] = torch.tensor(entry["gradient"]).view(shape)


def normalised(images):
    """[B, H, W, 3] bytes to [B, 3, H, W] numbers, (x/255 - 0.5)/0.5."""
    return ((images.permute(0, 3, 1, 2) / 255 - 0.5) / 0.5).contiguous()
