"""The paper's students in PyTorch, in the usual layout and with channels outermost, written from their
description; parameters carry the names of docs/conventions.md.

tokens = patches W + b + pos;  x += MHA(LN(x));  x += MLP(LN(x));  mean over tokens of LN(x), ReLU, linear head
"""

import math

import torch
from torch.nn import functional as F

TOKENS = 196


class PeerStudent(torch.nn.Module):
    """A ViT, or a QViT where `circuit` is given.

    `fused` takes PyTorch's fused attention and its convolution; otherwise softmax(QK'/sqrt(D))V is written out and patches
    are gathered for one matrix product, which a compiler may fuse as it likes."""

    def __init__(self, case, fused, circuit=None):
        super().__init__()
        self.qubits, self.heads, self.size, self.fused, self.circuit = (
            case.qubits, case.heads, case.size, fused, circuit)
        self.names = {name: name.replace(".", "_") for name in case.parameters}
        for name, value in case.parameters.items():
            self.register_parameter(self.names[name], torch.nn.Parameter(value.clone()))

    def p(self, name):
        return getattr(self, name.replace(".", "_"))

    def linear(self, x, name):
        return F.linear(x, self.p(f"{name}.weight"), self.p(f"{name}.bias"))

    def norm(self, x, name):
        return F.layer_norm(x, (self.qubits,), self.p(f"{name}.weight"), self.p(f"{name}.bias"), eps=1e-5)

    def embed(self, images):
        weight, bias, patch = self.p("patch.weight"), self.p("patch.bias"), self.size // 14
        if self.fused:
            return F.conv2d(images, weight, bias, stride=patch).flatten(2).transpose(1, 2)
        patches = images.view(-1, 3, 14, patch, 14, patch).permute(0, 2, 4, 1, 3, 5).reshape(-1, TOKENS, 3 * patch**2)
        return F.linear(patches, weight.flatten(1), bias)

    def project(self, x, name):
        if self.circuit is None:
            return self.linear(x, f"blocks.0.attn.{name}")
        return self.circuit(x.reshape(-1, self.qubits), self.p(f"blocks.0.attn.{name}.theta")).view(x.shape)

    def attend(self, x):
        shape = (len(x), TOKENS, self.heads, self.qubits // self.heads)
        q, k, v = (self.project(x, name).view(shape).transpose(1, 2) for name in "qkv")
        if self.fused:
            out = F.scaled_dot_product_attention(q, k, v)
        else:
            out = (q @ k.transpose(-1, -2) / math.sqrt(shape[-1])).softmax(-1) @ v
        return out.transpose(1, 2).reshape(x.shape)

    def forward(self, images):
        x = self.embed(images) + self.p("pos")
        x = x + self.linear(self.attend(self.norm(x, "blocks.0.ln1")), "blocks.0.attn.proj")
        x = x + self.linear(F.gelu(self.linear(self.norm(x, "blocks.0.ln2"), "blocks.0.fc1")), "blocks.0.fc2")
        return self.linear(F.relu(self.norm(x, "ln3").mean(1)), "head")


class ChannelMajorStudent(PeerStudent):
    """The same with channels outermost, [q, B, T]: a linear map is one product with all tokens of the batch, norms and circuits
    are passes over planes, which a compiler joins."""

    def linear(self, x, name):
        weight = self.p(f"{name}.weight")
        return (weight @ x.flatten(1)).view(len(weight), *x.shape[1:]) + self.p(f"{name}.bias").view(-1, 1, 1)

    def norm(self, x, name):
        centred = x - x.mean(0)
        scale = (centred.square().mean(0) + 1e-5).rsqrt()
        return centred * scale * self.p(f"{name}.weight").view(-1, 1, 1) + self.p(f"{name}.bias").view(-1, 1, 1)

    def project(self, x, name):
        if self.circuit is None:
            return self.linear(x, f"blocks.0.attn.{name}")
        y = self.circuit(x.flatten(1).T, self.p(f"blocks.0.attn.{name}.theta"), outermost=True)
        return y.view(x.shape)

    def attend(self, x):
        shape = (self.heads, self.qubits // self.heads, *x.shape[1:])
        q, k, v = (self.project(x, name).view(shape).permute(2, 0, 1, 3) for name in "qkv")  # [B, h, d, T]
        weights = (q.transpose(-1, -2) @ k / math.sqrt(shape[1])).softmax(-1)
        return (v @ weights.transpose(-1, -2)).permute(1, 2, 0, 3).reshape(x.shape)

    def forward(self, images):
        weight, patch = self.p("patch.weight").flatten(1), self.size // 14
        patches = images.view(-1, 3, 14, patch, 14, patch).permute(1, 3, 5, 0, 2, 4).reshape(3 * patch**2, -1)
        x = (weight @ patches).view(self.qubits, -1, TOKENS) + self.p("patch.bias").view(-1, 1, 1)
        x = x + self.p("pos").T.unsqueeze(1)
        x = x + self.linear(self.attend(self.norm(x, "blocks.0.ln1")), "blocks.0.attn.proj")
        x = x + self.linear(F.gelu(self.linear(self.norm(x, "blocks.0.ln2"), "blocks.0.fc1")), "blocks.0.fc2")
        return F.linear(F.relu(self.norm(x, "ln3").mean(-1)).T, self.p("head.weight"), self.p("head.bias"))
