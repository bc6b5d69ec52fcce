"""Writes tinyvit/small.npz: what timm's TinyVit computes at a reduced size, forward and backward; tinyvit/bfloat16.npz: the same where
operands of products are rounded to bfloat16; and tinyvit/family.npz: what the sizes that settings can name compute forward, and how
many parameters they have.

Weights and images are not stored: they come from the package's counter-based generator (Philox 4x32-10), written out
again here, so that only outputs are in the file. Computed in float64. Run with torch and timm:

    python3 Tests/Fixtures/generate_tinyvit.py
"""

import pathlib

import numpy as np
import timm
import torch
from timm.models.tiny_vit import TinyVit

MASK = (1 << 64) - 1


def mix(value):
    z = (value + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def words(seed, purpose, index, count):
    """The first `count` 32-bit words of a stream."""
    name = 0xCBF29CE484222325
    for byte in purpose.encode():
        name = ((name ^ byte) * 0x100000001B3) & MASK
    key = mix(mix(mix(seed) ^ name) ^ mix((index + 0x9E3779B97F4A7C15) & MASK))
    blocks = np.arange((count + 3) // 4, dtype=np.uint64)
    low = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    c = [blocks & low, blocks >> shift, np.zeros_like(blocks), np.zeros_like(blocks)]
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    for _ in range(10):
        a = c[0] * np.uint64(0xD2511F53)
        b = c[2] * np.uint64(0xCD9E8D57)
        c = [(b >> shift) ^ c[1] ^ np.uint64(k0), b & low, (a >> shift) ^ c[3] ^ np.uint64(k1), a & low]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack(c, axis=1).reshape(-1)[:count]


def uniform(index, count, low, high):
    w = words(7, "tinyvit fixture", index, 2 * count)
    u = (((w[0::2] >> np.uint64(5)) << np.uint64(26)) | (w[1::2] >> np.uint64(6))).astype(np.float64) * 2.0**-53
    return (low + (high - low) * u).astype(np.float32).astype(np.float64)


def bounds(name, shape):
    if name.endswith("running_var") or (len(shape) == 1 and name.endswith(("norm.weight", "bn.weight"))):
        return 0.5, 1.5
    if len(shape) == 1:
        return -0.25, 0.25
    if name.endswith("attention_biases"):
        return -1.0, 1.0
    bound = (3 / np.prod(shape[1:])) ** 0.5
    return -bound, bound


def model():
    return filled(TinyVit(
        num_classes=3, embed_dims=(32, 32, 64, 96), depths=(1, 2, 1, 1), num_heads=(1, 1, 2, 3),
        window_sizes=(4, 4, 4, 2), drop_path_rate=0.0))


def family():
    """The sizes by the names of our settings; the published ones as timm builds them."""
    for size in ("5m", "11m", "21m"):
        yield f"tiny-vit-{size}", 224, timm.create_model(f"tiny_vit_{size}_224", pretrained=False)
    yield "tiny-vit-sample", 64, TinyVit(
        embed_dims=(32, 64, 96, 128), depths=(1, 1, 1, 1), num_heads=(1, 2, 3, 4), window_sizes=(4, 4, 4, 2),
        drop_path_rate=0.0)


def filled(network):
    width = network.head.fc.in_features
    network.head.fc = torch.nn.Sequential(torch.nn.Linear(width, 4), torch.nn.ReLU(), torch.nn.Linear(4, 3))
    network = network.double()
    parameters = list(network.named_parameters())
    statistics = [(n, b) for n, b in network.named_buffers() if n.endswith(("running_mean", "running_var"))]
    with torch.no_grad():
        for index, (name, tensor) in enumerate(parameters + statistics):
            low, high = bounds(name, tensor.shape)
            tensor.copy_(torch.tensor(uniform(index, tensor.numel(), low, high)).reshape(tensor.shape))
    return network


def samples(values):
    """At most 24 elements, evenly spread, and the Euclidean norm."""
    flat = values.detach().reshape(-1).numpy()
    return np.concatenate([flat[:: max(1, len(flat) // 24)][:24], [np.linalg.norm(flat)]])


def rounded(tensor):
    """To bfloat16, by way of single precision, as a teacher's activations are."""
    return tensor.float().bfloat16().double()


class RoundedConvolution(torch.autograd.Function):
    """A convolution whose operands, forward and backward, are rounded to bfloat16; a linear layer is one over one pixel."""

    @staticmethod
    def forward(context, x, weight, stride, padding):
        context.save_for_backward(x, weight)
        context.geometry = stride, padding
        return torch.nn.functional.conv2d(rounded(x), rounded(weight), None, stride, padding)

    @staticmethod
    def backward(context, dy):
        x, weight = context.saved_tensors
        dy = rounded(dy)
        return (
            torch.nn.grad.conv2d_input(x.shape, rounded(weight), dy, *context.geometry),
            torch.nn.grad.conv2d_weight(rounded(x), weight.shape, dy, *context.geometry), None, None)


def with_rounded_products(network):
    """All products of convolutions and linear layers, but not depthwise ones, the first convolution, attention and the head."""
    def convolution(module):
        return lambda x: RoundedConvolution.apply(x, module.weight, module.stride, module.padding)

    def linear(module):
        def forward(x):
            flat = x.reshape(-1, x.shape[-1], 1, 1)
            y = RoundedConvolution.apply(flat, module.weight[:, :, None, None], (1, 1), (0, 0))
            return y.reshape(*x.shape[:-1], -1) + module.bias
        return forward

    for name, module in network.named_modules():
        if isinstance(module, torch.nn.Linear) and not name.startswith("head"):
            module.forward = linear(module)
        if isinstance(module, torch.nn.Conv2d) and module.groups == 1 and name != "patch_embed.conv1.conv":
            module.forward = convolution(module)
    return network


def steps(make):
    """What a step computes with frozen and with trained batch norms."""
    count = 5
    pixels = words(7, "tinyvit images", 0, count * 64 * 64 * 3).astype(np.uint8).reshape(count, 64, 64, 3)
    x = torch.tensor((pixels / 255 - 0.5) / 0.5).permute(0, 3, 1, 2)
    labels = torch.tensor([0, 1, 2, 1, 0])
    results = {"versions": np.frombuffer(f"torch {torch.__version__} timm {timm.__version__}".encode(), np.uint8)}
    for mode in ("frozen", "training"):
        network = make()
        network.train(mode == "training")
        penultimate = []
        network.head.fc[1].register_forward_hook(lambda module, inputs, output: penultimate.append(output))
        logits = network(x)
        loss = torch.nn.functional.cross_entropy(logits, labels)
        loss.backward()
        results[f"{mode}.logits"] = logits.detach().numpy()
        results[f"{mode}.penultimate"] = penultimate[0].detach().numpy()
        results[f"{mode}.loss"] = loss.detach().numpy()
        for name, parameter in network.named_parameters():
            results[f"{mode}.grad.{name}"] = samples(parameter.grad)
    for name, buffer in network.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            results[f"after.{name}"] = samples(buffer)
    return results


def main():
    directory = pathlib.Path(__file__).parent / "tinyvit"
    directory.mkdir(exist_ok=True)
    results = steps(model)
    np.savez(directory / "small.npz", **results)
    np.savez(directory / "bfloat16.npz", **steps(lambda: with_rounded_products(model())))

    results = {"versions": results["versions"]}
    for name, side, network in family():
        results[f"{name}.headless"] = np.array(
            sum(p.numel() for n, p in network.named_parameters() if not n.startswith("head.fc.")), np.int64)
        network = filled(network).eval()
        pixels = words(7, "tinyvit images", 1, side * side * 3).astype(np.uint8).reshape(1, side, side, 3)
        with torch.inference_mode():
            results[f"{name}.logits"] = network(
                torch.tensor((pixels / 255 - 0.5) / 0.5).permute(0, 3, 1, 2)).numpy()[0]
    np.savez(directory / "family.npz", **results)


if __name__ == "__main__":
    main()
