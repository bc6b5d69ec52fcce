"""The paper's students in PyTorch, written from their description; parameters carry the names of docs/conventions.md.

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
