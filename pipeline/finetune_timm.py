#!/usr/bin/env python3
"""Fine-tunes a teacher with PyTorch and timm on whatever device is there, by the procedure of `finetune-teacher`.

    finetune_timm.py --data DATASET.h5 --config teacher-q4.json [--weights PRETRAINED.safetensors] --seed 1 --output T.safetensors

It reads the same dataset artifact (its seal and the digest of every image are checked, images are read when they are needed)
and the same settings, and does the same: head Linear(C, q), ReLU, Linear(q, K); mean cross-entropy; Adam; the learning rate
falls at the milestones; images in the order of the same counter-based generator; the first epoch with the best validation
AUC is the result. What it writes is safetensors with timm's names, with what it was made with in the metadata, from which
`finetune-teacher --epochs 0` makes the teacher artifact. After every epoch OUTPUT.ckpt is written; the same command goes on
from there. `make setup-teacher` installs what it needs; `make table2 TEACHER=timm` calls it.
"""
import argparse
import concurrent.futures
import errno
import fcntl
import hashlib
import json
import os
import platform
import signal
import sys
import time

USAGE, BAD_DATA, MISSING, UNAVAILABLE, NO_OUTPUT, INPUT_OUTPUT, INTERRUPTED = 64, 65, 66, 69, 73, 74, 75


class Refusal(Exception):
    """What a user can get wrong: a line and an exit code."""

    def __init__(self, code, line):
        super().__init__(line)
        self.code = code


try:
    import h5py
    import numpy as np
    import safetensors.torch
    import timm
    import torch
    from timm.models.tiny_vit import TinyVit
except ImportError as error:
    print(f"finetune-timm: error: {error}; 'make setup-teacher' installs it", file=sys.stderr)
    sys.exit(UNAVAILABLE)

# MARK: Random numbers: a port of Sources/Base/VectorMath/RandomStream.swift

MASK = (1 << 64) - 1


def mix(value):
    """The finaliser of SplitMix64."""
    z = (value + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


class RandomStream:
    """The stream of a purpose and indices under a seed: Philox 4x32, ten rounds."""

    def __init__(self, seed, purpose, *indices):
        name = 0xCBF29CE484222325
        for byte in purpose.encode():
            name = ((name ^ byte) * 0x100000001B3) & MASK
        key = mix(mix(seed) ^ name)
        for index in indices:
            key = mix(key ^ mix((index + 0x9E3779B97F4A7C15) & MASK))
        self.key = key
        self.block = 0
        self.words = np.zeros(0, np.uint64)

    def take(self, count):
        """The next `count` words of 32 bits, as uint64."""
        if len(self.words) < count:
            new = max(1024, (count - len(self.words) + 3) // 4)
            blocks = np.arange(self.block, self.block + new, dtype=np.uint64)
            self.block += new
            low, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
            c = [blocks & low, blocks >> shift, np.zeros_like(blocks), np.zeros_like(blocks)]
            k0, k1 = self.key & 0xFFFFFFFF, self.key >> 32
            for _ in range(10):
                a, b = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
                c = [(b >> shift) ^ c[1] ^ np.uint64(k0), b & low, (a >> shift) ^ c[3] ^ np.uint64(k1), a & low]
                k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
            self.words = np.concatenate([self.words, np.stack(c, axis=1).reshape(-1)])
        taken, self.words = self.words[:count], self.words[count:]
        return taken

    def uniform(self, count):
        """Uniform in [0, 1), multiples of 2^-53."""
        w = self.take(2 * count)
        return (((w[0::2] >> np.uint64(5)) << np.uint64(26)) | (w[1::2] >> np.uint64(6))).astype(np.float64) * 2.0**-53

    def normal(self, count):
        """Standard normal, by Box and Muller's transform."""
        u = self.uniform(2 * count)
        return np.sqrt(-2 * np.log(1 - u[0::2])) * np.cos(2 * np.pi * u[1::2])

    def permutation(self, count):
        """The numbers below `count` in random order (Fisher and Yates); words that would favour some are drawn again."""
        order = np.arange(count)
        for last in range(count - 1, 0, -1):
            accepted = (1 << 32) // (last + 1) * (last + 1)
            word = int(self.take(1)[0])
            while word >= accepted:
                word = int(self.take(1)[0])
            other = word % (last + 1)
            order[last], order[other] = order[other], order[last]
        return order


# MARK: The dataset artifact: docs/artifacts.md

SEAL, MARKER, APART = 78, b"\nqvit-sha256 ", b"\nqvit-apart"


def check_seal(path):
    """Compares all bytes but the images, which have digests of their own, with the file's last line."""
    try:
        size = os.path.getsize(path)
        file = open(path, "rb")
    except OSError as error:
        raise Refusal(MISSING, f"{path}: {error.strerror}") from None
    with file:
        file.seek(max(0, size - SEAL - 200))
        tail = file.read()
        seal, before = tail[-SEAL:], tail[:-SEAL]
        if size <= SEAL or not seal.startswith(MARKER):
            raise Refusal(BAD_DATA, f"{path}: expected an artifact of this program, found no seal at its end")
        line = before.rfind(APART)
        words = before[line + len(APART):].split() if line >= 0 else []
        gaps = [tuple(map(int, word.split(b"+"))) for word in words]
        digest, place = hashlib.sha256(), 0
        for start, count in gaps + [(size - SEAL, 0)]:
            file.seek(place)
            while place < start:
                piece = file.read(min(1 << 20, start - place))
                digest.update(piece)
                place += len(piece)
            place = start + count
    if digest.hexdigest().encode() != seal[len(MARKER):-1]:
        raise Refusal(BAD_DATA, f"{path}: has changed since it was written")


class Split:
    """The images of a split, at the side that the network sees."""

    def __init__(self, path, group, side):
        self.path, self.name = path, group.name
        images = group["images"]
        self.shape, self.start = images.shape[1:], images.id.get_offset()
        self.digests = group["image_sha256"][:]
        self.labels = group["labels"][:].astype(np.int64)
        self.checked = np.zeros(len(self.labels), bool)
        self.fit = fit(self.shape[0], side)
        self.file = os.open(path, os.O_RDONLY)

    def image(self, index):
        """uint8 [side, side, 3 or 1]; its digest is checked the first time."""
        size = int(np.prod(self.shape))
        data = os.pread(self.file, size, self.start + int(index) * size)
        if not self.checked[index]:
            if hashlib.sha256(data).digest() != self.digests[index].tobytes():
                raise Refusal(BAD_DATA, f"{self.path}: {self.name}/images[{index}] is not what was written")
            self.checked[index] = True
        return self.fit(np.frombuffer(data, np.uint8).reshape(self.shape))

    def images(self, indices):
        return np.stack([self.image(index) for index in indices])


def fit(side, new):
    """Repeats pixels where the side grows by a whole factor; otherwise the mean over areas, rounded half up: SquareFit.swift."""
    if side == new:
        return lambda image: image
    if new % side == 0:
        return lambda image: image.repeat(new // side, axis=0).repeat(new // side, axis=1)
    # Overlaps of new pixel i, [i s, (i + 1) s), with old pixel j, [j n, (j + 1) n), in units of 1/n of an old pixel.
    i, j = np.arange(new)[:, None], np.arange(side)[None, :]
    weights = np.clip(np.minimum((i + 1) * side, (j + 1) * new) - np.maximum(i * side, j * new), 0, None).astype(np.float64)

    def areas(image):
        # Sums of integers below 2^53: exact in any order.
        sums = np.einsum("ir,rwc->iwc", weights, image.astype(np.float64), optimize=True)
        sums = np.einsum("jw,iwc->ijc", weights, sums, optimize=True)
        return np.floor((2 * sums + side * side) / (2 * side * side)).astype(np.uint8)

    return areas


# MARK: The network

MOMENTS = {"half": ([0.5] * 3, [0.5] * 3), "imagenet": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])}
TIMM_NAMES = {"tiny-vit-5m": "tiny_vit_5m_224", "tiny-vit-11m": "tiny_vit_11m_224", "tiny-vit-21m": "tiny_vit_21m_224"}


def network(architecture, width, classes):
    """timm's TinyViT of this size with our head, and the side of its images."""
    if architecture == "tiny-vit-sample":
        side = 64
        net = TinyVit(
            embed_dims=(32, 64, 96, 128), depths=(1, 1, 1, 1), num_heads=(1, 2, 3, 4), window_sizes=(4, 4, 4, 2),
            drop_path_rate=0.0)
    else:
        # No drop path, whatever the size: as ours.
        side, net = 224, timm.create_model(TIMM_NAMES[architecture], pretrained=False, drop_path_rate=0.0)
    net.head.fc = torch.nn.Sequential(
        torch.nn.Linear(net.head.fc.in_features, width), torch.nn.ReLU(), torch.nn.Linear(width, classes))
    return net, side


def initialise(net, seed):
    """Random weights as TinyViTModel.init draws them: a stream for each tensor, by its number."""
    with torch.no_grad():
        for number, (name, tensor) in enumerate(net.named_parameters()):
            stream, shape, count = RandomStream(seed, "tinyvit", number), tuple(tensor.shape), tensor.numel()
            if len(shape) == 4:
                bound = 1 / float(np.prod(shape[1:])) ** 0.5
                values = -bound + 2 * bound * stream.uniform(count)
            elif len(shape) == 2 and not name.endswith("attention_biases"):
                values = 0.02 * stream.normal(count)
            elif name.endswith(".weight"):
                is_zero = name.startswith("stages.0.") and name.endswith(".conv3.bn.weight")
                values = np.full(count, 0.0 if is_zero else 1.0)
            else:
                values = np.zeros(count)
            tensor.copy_(torch.from_numpy(values.astype(np.float32)).reshape(shape))


def timm_name(name):
    """timm's name of a tensor of an official checkpoint; names that are timm's already stay as they are."""
    parts = name.split(".")
    if parts[0] == "patch_embed" and parts[1] == "seq":
        parts = [parts[0], "conv1" if parts[2] == "0" else "conv2"] + parts[3:]
    elif parts[0] == "layers":
        stage = int(parts[1]) + (parts[2] == "downsample")
        parts = ["stages", str(stage)] + parts[2:]
    elif parts[0] == "norm_head":
        parts = ["head", "norm"] + parts[1:]
    elif parts[0] == "head" and len(parts) == 2:
        parts = ["head", "fc", parts[1]]
    if parts[-2:] == ["c", "weight"]:
        parts[-2] = "conv"
    return ".".join(parts)


def read_weights(path):
    """The tensors of a safetensors file, or of an official .pth (tensors only: nothing in it is executed), by timm's names."""
    try:
        if path.endswith(".pth"):
            state = torch.load(path, map_location="cpu", weights_only=True)
            state = state.get("model", state)
            if not all(isinstance(tensor, torch.Tensor) for tensor in state.values()):
                raise ValueError("expected tensors by name")
        else:
            state = safetensors.torch.load_file(path)
    except FileNotFoundError:
        raise Refusal(MISSING, f"{path}: No such file or directory") from None
    except Exception as error:  # Whatever these readers make of a damaged file.
        raise Refusal(BAD_DATA, f"{path}: {str(error).splitlines()[0]}") from None
    return {timm_name(name): tensor for name, tensor in state.items() if not name.endswith("attention_bias_idxs")}


def load_weights(net, path, tool="finetune-timm"):
    """Takes over all tensors of a file; only the head's linear layers may be missing or of another shape and keep theirs."""
    own, found = net.state_dict(), read_weights(path)
    counters = [name for name in own if name.endswith("num_batches_tracked")]
    wrong = [
        f"missing: {name}" for name in own if name not in found and name not in counters] + [
        f"unexpected: {name}" for name in found if name not in own] + [
        f"shape of {name}: expected {list(own[name].shape)}, found {list(found[name].shape)}"
        for name in found if name in own and own[name].shape != found[name].shape]
    beyond = [line for line in wrong if "head.fc." not in line]
    if beyond:
        raise Refusal(BAD_DATA, f"{path}: {len(beyond)} tensors do not fit this TinyViT, the first: {beyond[0]}")
    if wrong:
        print(f"{tool}: warning: {path}: random weights are kept for the head", file=sys.stderr)
    net.load_state_dict(
        {**own, **{name: tensor for name, tensor in found.items() if name in own and own[name].shape == tensor.shape}})


# MARK: What is measured

def area_under_roc(scores, positives):
    """The share of pairs in which the positive image has the higher score, ties counting half."""
    order = np.argsort(scores, kind="stable")
    values, start, count = np.unique(scores[order], return_index=True, return_counts=True)
    ranks = np.empty(len(scores))
    ranks[order] = np.repeat(start + (count + 1) / 2, count)
    hits = int(positives.sum())
    if hits == 0 or hits == len(scores):
        return float("nan")
    return float((ranks[positives].sum() - hits * (hits + 1) / 2) / (hits * (len(scores) - hits)))


def validation(logits, labels, task):
    """Mean cross-entropy, AUC and accuracy as MedMNIST's evaluator defines them, from logits [N, K]."""
    logits = logits.astype(np.float64)
    powers = np.exp(logits - logits.max(1, keepdims=True))
    scores = (powers / powers.sum(1, keepdims=True)).astype(np.float32).astype(np.float64)
    losses = np.log(powers.sum(1)) + logits.max(1) - logits[np.arange(len(labels)), labels]
    if task == "binary-class":
        auc, right = area_under_roc(scores[:, -1], labels != 0), (scores[:, -1] > 0.5) == (labels != 0)
    else:
        auc = float(np.mean([area_under_roc(scores[:, k], labels == k) for k in range(scores.shape[1])]))
        right = scores.argmax(1) == labels
    return float(losses.mean()), auc, float(right.mean())


# MARK: The procedure

class Progress:
    """What is left, about once in ten seconds, on standard error."""

    def __init__(self, label, total, done, quiet):
        self.label, self.total, self.done, self.first, self.quiet = label, total, done, done, quiet
        self.start = self.shown = time.monotonic()

    def advance(self, count, status):
        self.done += count
        now = time.monotonic()
        if self.quiet or now - self.shown < 10:
            return
        self.shown = now
        rate = (self.done - self.first) / (now - self.start)
        left = int((self.total - self.done) / rate)
        print(f"{self.label}: {left // 3600}:{left // 60 % 60:02}:{left % 60:02} left {100 * self.done // self.total}%, "
              f"{rate:.1f} images/s{status}", file=sys.stderr, flush=True)

    def note(self, line):
        if not self.quiet:
            print(f"{self.label}: {line}", file=sys.stderr, flush=True)


def device_of(name):
    if name == "auto":
        mps = getattr(torch.backends, "mps", None)
        name = "cuda" if torch.cuda.is_available() else "mps" if mps and mps.is_available() else "cpu"
    try:
        torch.zeros(1, device=name)
    except Exception as error:
        raise Refusal(UNAVAILABLE, f"--device {name}: {str(error).splitlines()[0]}") from None
    return torch.device(name)


def device_text(device):
    return f"cuda ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else \
        f"{device.type} ({platform.processor() or platform.machine()})"


def settings_of(path):
    try:
        with open(path, encoding="utf-8") as file:
            settings = json.load(file)
    except OSError as error:
        raise Refusal(MISSING, f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise Refusal(BAD_DATA, f"{path}: {error}") from None
    if "extends" in settings:
        raise Refusal(BAD_DATA, f"{path}: expected settings in effect (ROOT/settings/teacher-q4.json), found 'extends'")
    return settings


class Interrupted(Exception):
    pass


class FineTuning:
    def __init__(self, arguments):
        self.arguments = arguments
        self.settings = settings_of(arguments.config)
        self.training = self.settings["training"]
        if arguments.epochs is not None:
            self.training["epochs"] = arguments.epochs
        arguments.precision = arguments.precision or self.training.get("precision", "float32")
        path = arguments.data
        check_seal(path)
        model = self.settings["model"]
        self.device = device_of(arguments.device)
        with h5py.File(path) as data:
            text = lambda name: data.attrs[name].decode() if isinstance(data.attrs[name], bytes) else data.attrs[name]
            if text("kind") != "dataset":
                raise Refusal(BAD_DATA, f"{path}: expected a dataset, found {text('kind')}")
            self.task, self.dataset, self.content = text("task"), text("dataset"), text("content_sha256")
            self.net, self.side = network(
                model.get("architecture", "tiny-vit-5m"), model["qubits"], len(data["class_names"]))
            self.splits = {name: Split(path, data[name], self.side) for name in ("train", "val")}
        for name in ["train"] + ["val"] * (self.training["selection"] == "best-validation-auc"):
            if not len(self.splits[name].labels):
                raise Refusal(BAD_DATA, f"{path}: /{name} has no images")
        initialise(self.net, arguments.seed)
        self.weights = None
        if arguments.weights:
            load_weights(self.net, arguments.weights)
            digest = hashlib.sha256()
            with open(arguments.weights, "rb") as file:
                for piece in iter(lambda: file.read(1 << 20), b""):
                    digest.update(piece)
            self.weights = {"file_name": os.path.basename(arguments.weights), "sha256": digest.hexdigest()}
        elif self.settings["weights"]["start"] != "random":
            raise Refusal(MISSING, f"{arguments.config}: weights.start is 'pretrained', but --weights is not given")
        self.net = self.net.to(self.device, memory_format=torch.channels_last)
        mean, deviation = MOMENTS[self.settings["data"]["normalisation"]]
        self.mean = torch.tensor(mean, device=self.device).reshape(1, 3, 1, 1)
        self.deviation = torch.tensor(deviation, device=self.device).reshape(1, 3, 1, 1)
        self.optimizer = torch.optim.Adam(
            self.net.parameters(), lr=self.training["learning_rate"],
            betas=(self.training["beta1"], self.training["beta2"]), eps=self.training["epsilon"])
        self.run = torch.compile(self.net) if arguments.compile else self.net
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=arguments.precision == "float16")
        self.history, self.best, self.interrupted = [], None, False
        self.readers = concurrent.futures.ThreadPoolExecutor(max(1, arguments.workers))
        self.steps = open(arguments.steps, "w", encoding="utf-8") if arguments.steps else None

    # What the result depends on, and what is only told.
    @property
    def identity(self):
        return {
            "settings": self.settings, "seed": self.arguments.seed, "dataset": self.dataset,
            "dataset_sha256": self.content, "weights": self.weights,
            "precision": self.arguments.precision, "timm": timm.__version__, "torch": torch.__version__}

    def forward(self, images):
        x = torch.from_numpy(images).to(self.device, non_blocking=True).permute(0, 3, 1, 2).expand(-1, 3, -1, -1)
        x = ((x.float() / 255 - self.mean) / self.deviation).contiguous(memory_format=torch.channels_last)
        if self.arguments.precision == "float32":
            return self.run(x)
        with torch.autocast(self.device.type, dtype=getattr(torch, self.arguments.precision)):
            return self.run(x).float()

    def batches(self, split, pieces):
        """The images of some batches, read ahead."""
        ahead, pieces = [], list(pieces)
        for number in range(len(pieces)):
            while len(ahead) < self.arguments.workers + 1 and number + len(ahead) < len(pieces):
                ahead.append(self.readers.submit(split.images, pieces[number + len(ahead)]))
            yield pieces[number], ahead.pop(0).result()

    def train_epoch(self, epoch, progress):
        training, split = self.training, self.splits["train"]
        self.net.train(training["batch_norm"] == "training")
        rate = training["learning_rate"]
        for milestone in training["milestones"]:
            rate = rate * training["decay"] if epoch >= milestone * training["epochs"] - 1e-9 else rate
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        order = RandomStream(self.arguments.seed, "shuffle", epoch).permutation(len(split.labels))
        size, loss_sum, correct = training["batch_size"], 0.0, 0
        pieces = [order[first:first + size] for first in range(0, len(order), size)]
        for indices, images in self.batches(split, pieces):
            labels = torch.from_numpy(split.labels[indices]).to(self.device)
            logits = self.forward(images)
            loss = torch.nn.functional.cross_entropy(logits, labels)
            self.optimizer.zero_grad(set_to_none=True)
            self.scaler.scale(loss).backward()
            self.scaler.step(self.optimizer)
            self.scaler.update()
            value = loss.item()
            if not np.isfinite(value):
                raise Refusal(BAD_DATA, f"diverged in epoch {epoch + 1}: the loss is not finite")
            if self.steps:
                print(f"{epoch + 1} {value!r}", file=self.steps, flush=True)
            loss_sum += value * len(indices)
            correct += int((logits.argmax(1) == labels).sum())
            progress.advance(len(indices), self.status)
            if self.interrupted:
                raise Interrupted
        return rate, loss_sum / len(order), correct / len(order)

    def validate(self):
        split = self.splits["val"]
        if not len(split.labels):
            return float("nan"), float("nan"), float("nan")
        self.net.eval()
        pieces = [range(first, min(first + 64, len(split.labels))) for first in range(0, len(split.labels), 64)]
        with torch.inference_mode():
            logits = np.concatenate([self.forward(images).cpu().numpy() for _, images in self.batches(split, pieces)])
        return validation(logits, split.labels, self.task)

    @property
    def status(self):
        if not self.history:
            return ""
        last = self.history[-1]
        return f", epoch {last['epoch']}/{self.training['epochs']}, val AUC {last['val_auc']:.4f}"

    @property
    def is_complete(self):
        patience, done = self.training.get("patience"), len(self.history)
        early = patience is not None and self.best is not None and done - self.best["epoch"] >= patience
        return done >= self.training["epochs"] or early

    def complete(self):
        """All epochs that are left."""
        arguments, count = self.arguments, len(self.splits["train"].labels)
        self.resume()
        progress = Progress(
            f"finetune-timm TinyViT on {self.dataset}, seed {arguments.seed}", self.training["epochs"] * count,
            len(self.history) * count, arguments.quiet)
        progress.note(f"timm {timm.__version__}, PyTorch {torch.__version__} on {device_text(self.device)}, {arguments.precision}"
                      + (f"; resuming in epoch {len(self.history) + 1}" if self.history else ""))
        while not self.is_complete:
            epoch = len(self.history)
            rate, loss, accuracy = self.train_epoch(epoch, progress)
            val_loss, auc, val_accuracy = self.validate()
            by_auc = self.training["selection"] == "best-validation-auc"
            if by_auc and np.isnan(auc):
                raise Refusal(BAD_DATA, "the validation AUC that selects the epoch is undefined")
            self.history.append({
                "epoch": epoch + 1, "learning_rate": rate, "train_loss": loss, "train_accuracy": accuracy,
                "val_loss": val_loss, "val_auc": auc, "val_accuracy": val_accuracy, "images": count})
            if not by_auc or self.best is None or auc > self.best["auc"]:
                state = {name: tensor.detach().cpu().clone() for name, tensor in self.net.state_dict().items()}
                self.best = {"epoch": epoch + 1, "auc": auc, "state": state}
            self.save()
        progress.note(f"done{self.status}")

    # MARK: What is kept

    @property
    def checkpoint(self):
        return self.arguments.output + ".ckpt"

    def save(self):
        state = {
            "identity": json.dumps(self.identity, sort_keys=True), "history": self.history, "best": self.best,
            "network": self.net.state_dict(), "optimizer": self.optimizer.state_dict(), "scaler": self.scaler.state_dict()}
        publish(self.checkpoint, lambda part: torch.save(state, part))

    def resume(self):
        if not os.path.exists(self.checkpoint):
            return
        try:
            state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
            mine = state["identity"] == json.dumps(self.identity, sort_keys=True)
        except Exception:
            mine = False
        if not mine:
            os.replace(self.checkpoint, self.checkpoint + ".unused")
            print(f"finetune-timm: warning: {self.checkpoint}: belongs to another command; set aside as "
                  f"{os.path.basename(self.checkpoint)}.unused", file=sys.stderr)
            return
        self.net.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        self.history, self.best = state["history"], state["best"]

    @property
    def is_there(self):
        """Whether the output is what this command would make."""
        try:
            with safetensors.safe_open(self.arguments.output, "pt") as file:
                found = json.loads(file.metadata()["qvit.finetuning"])
        except Exception:
            return False
        return all(found.get(key) == value for key, value in self.identity.items() if key not in ("timm", "torch", "precision"))

    def write(self):
        state = self.best["state"] if self.best else self.net.state_dict()
        finite = lambda value: None if isinstance(value, float) and not np.isfinite(value) else value
        history = [{key: finite(value) for key, value in epoch.items()} for epoch in self.history]
        made = {**self.identity, "device": device_text(self.device), "compiled": self.arguments.compile,
                "history": history, "selected_epoch": self.best["epoch"] if self.best else 0}
        tensors = {name: tensor.cpu().contiguous() for name, tensor in state.items()}
        publish(self.arguments.output, lambda part: safetensors.torch.save_file(
            tensors, part, {"format": "pt", "qvit.finetuning": json.dumps(made, sort_keys=True, allow_nan=False)}))
        if os.path.exists(self.checkpoint):
            os.remove(self.checkpoint)


def publish(path, write):
    """Writes beside the target, flushes, renames: it is there whole or not at all."""
    part = path + ".part"
    try:
        write(part)
        with open(part, "rb") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise unwritable(path, error) from None
    except (RuntimeError, safetensors.SafetensorError) as error:
        # What PyTorch and safetensors make of an error of the system.
        raise Refusal(INPUT_OUTPUT, f"{path}: cannot be written: {str(error).splitlines()[0]}") from None


def unwritable(path, error):
    code = INPUT_OUTPUT if error.errno in (errno.ENOSPC, errno.EIO) else NO_OUTPUT
    return Refusal(code, f"{path}: cannot be written: {error.strerror}")


class Claim:
    """An output from before the first step: what keeps it from being written shows at once, and of two processes that would
    make it the second stops."""

    def __init__(self, path):
        self.path, self.part = path, path + ".part"

    def __enter__(self):
        try:
            self.file = open(self.part, "ab")
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(NO_OUTPUT, f"{self.path}: is being written by another process") from None
        except OSError as error:
            raise unwritable(self.path, error) from None

    def __exit__(self, *_):
        if os.path.exists(self.part) and os.path.samestat(os.stat(self.part), os.fstat(self.file.fileno())):
            os.remove(self.part)
        self.file.close()


class Parser(argparse.ArgumentParser):
    """Ends with the exit code that the other stages have for wrong usage."""

    def error(self, message):
        print(f"finetune-timm: error: {message}; --help shows the options", file=sys.stderr)
        sys.exit(USAGE)


def convert(path, output):
    """An official .pth as safetensors with timm's names."""
    tensors = {name: tensor.contiguous() for name, tensor in read_weights(path).items()}
    publish(output, lambda part: safetensors.torch.save_file(tensors, part, {"format": "pt"}))


def parse():
    parser = Parser(
        prog="finetune_timm.py", description=__doc__.split("\n\n")[0],
        epilog="--weights X.pth --convert --output X.safetensors only converts an official checkpoint.")
    parser.add_argument("--data", metavar="FILE", help="dataset artifact")
    parser.add_argument("--config", metavar="FILE", help="settings in effect: ROOT/settings/teacher-q4.json")
    parser.add_argument("--weights", metavar="FILE", help="weights to begin with (.safetensors or an official .pth)")
    parser.add_argument("--seed", type=int, help="seed of the head and of the order")
    parser.add_argument("--epochs", type=int, help="number of epochs instead of the settings file's")
    parser.add_argument("--device", default="auto", help="cuda, mps, cpu, or what there is (default)")
    parser.add_argument("--precision", choices=["float32", "bfloat16", "float16"],
                        help="of products, by autocast (default: training.precision of the settings)")
    parser.add_argument("--compile", action="store_true", help="use torch.compile")
    parser.add_argument("--workers", type=int, default=4, metavar="N", help="threads that read images (default: 4)")
    parser.add_argument("--threads", type=int, metavar="N", help="threads of PyTorch on the CPU")
    parser.add_argument("--steps", metavar="FILE", help="write the loss of every step to this file")
    parser.add_argument("--convert", action="store_true", help="only convert --weights to --output")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    parser.add_argument("--output", metavar="FILE", required=True, help="safetensors file to write")
    parser.add_argument("--version", action="version", version=f"timm {timm.__version__}, PyTorch {torch.__version__}")
    arguments = parser.parse_args()
    needed = ["weights"] if arguments.convert else ["data", "config", "seed"]
    for name in needed:
        if getattr(arguments, name) is None:
            parser.error(f"missing --{name}")
    return arguments


def main():
    arguments = parse()
    with Claim(arguments.output):
        run(arguments)


def run(arguments):
    if arguments.convert:
        convert(arguments.weights, arguments.output)
        return
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    tuning = FineTuning(arguments)
    if tuning.is_there:
        return

    def stop(number, frame):
        # A second signal ends the program at once.
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP):
            signal.signal(name, signal.SIG_DFL)
        tuning.interrupted = True

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP):
        signal.signal(name, stop)
    tuning.complete()
    tuning.write()


if __name__ == "__main__":
    try:
        main()
    except Interrupted:
        print("finetune-timm: error: interrupted; the same command resumes", file=sys.stderr)
        os._exit(INTERRUPTED)
    except Refusal as refusal:
        print(f"finetune-timm: error: {refusal}", file=sys.stderr)
        os._exit(refusal.code)
