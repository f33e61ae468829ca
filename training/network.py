"""The network of a small Llama in plain PyTorch: weights read from a GGUF file, low-rank changes beside them.

Weights keep llama.cpp's order of rows, so that a change trained here fits there as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gguf
import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["LINEARS", "Adapted", "Network", "Shape", "read_weights"]

LINEARS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
"""The matrices of each layer that are adapted, by their names in the file."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers that say how the network is built."""

    layers: int
    heads: int
    shared: int
    base: float
    epsilon: float


def read_weights(path: Path) -> tuple[Shape, dict[str, Tensor]]:
    """Read a GGUF file: its shape, and its weights as they come out of their quantisation."""
    reader = gguf.GGUFReader(path)

    def number(key: str) -> float:
        return float(reader.fields[f"llama.{key}"].contents())

    shape = Shape(
        int(number("block_count")),
        int(number("attention.head_count")),
        int(number("attention.head_count_kv")),
        number("rope.freq_base"),
        number("attention.layer_norm_rms_epsilon"),
    )
    weights = {each.name: torch.tensor(gguf.dequantize(each.data, each.tensor_type)) for each in reader.tensors}
    return shape, weights


class _Product(torch.autograd.Function):
    """x W + (x A) B, for transposed W, A and B: W gets no gradient, and nothing is kept that can be made again."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, a: Tensor, b: Tensor) -> Tensor:  # type: ignore[no-untyped-def,override]
        low, high = a.to(x.dtype), b.to(x.dtype)
        between = x @ low.T
        ctx.save_for_backward(x, weight, low, high, between)
        return torch.addmm(x @ weight.T, between, high.T)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, Tensor, Tensor]:  # type: ignore[no-untyped-def,override]
        x, weight, low, high, between = ctx.saved_tensors
        through = gradient @ high
        back = torch.addmm(gradient @ weight, through, low)
        return back, None, (through.T @ x).float(), (gradient.T @ between).float()


class Adapted(nn.Module):
    """A frozen matrix W and a trained change B A of low rank; B starts at zero, so that nothing changes at first."""

    def __init__(self, weight: Tensor, rank: int, generator: torch.Generator) -> None:
        super().__init__()
        rows, columns = weight.shape
        self.weight = weight
        self.a = nn.Parameter(torch.randn(rank, columns, generator=generator) / columns**0.5)
        self.b = nn.Parameter(torch.zeros(rows, rank))

    def forward(self, x: Tensor) -> Tensor:
        return _Product.apply(x, self.weight, self.a, self.b)  # type: ignore[no-any-return,no-untyped-call]


class Network(nn.Module):
    """The whole network over one row of tokens, whose positions and mutual sight are given."""

    def __init__(self, shape: Shape, weights: dict[str, Tensor], *, rank: int, seed: int, kind: torch.dtype) -> None:
        super().__init__()
        self.shape = shape
        generator = torch.Generator().manual_seed(seed)
        self.embedding = weights["token_embd.weight"].to(kind)
        self.last = weights["output_norm.weight"].to(kind)
        self.norms = [
            (weights[f"blk.{i}.attn_norm.weight"].to(kind), weights[f"blk.{i}.ffn_norm.weight"].to(kind))
            for i in range(shape.layers)
        ]
        self.layers = nn.ModuleList(
            nn.ModuleDict({n: Adapted(weights[f"blk.{i}.{n}.weight"].to(kind), rank, generator) for n in LINEARS})
            for i in range(shape.layers)
        )

    def forward(self, tokens: Tensor, positions: Tensor, sight: Tensor, wanted: Tensor) -> Tensor:
        """Return the logits after the tokens at the places `wanted`; `sight[i, j]` says whether i sees j."""
        x = functional.embedding(tokens, self.embedding)
        turn = self._rotation(positions, x.dtype)
        sight = torch.zeros(sight.shape, dtype=x.dtype).masked_fill_(~sight, -1e4)
        for layer, (first, second) in zip(self.layers, self.norms, strict=True):
            x = x + self._attend(layer, self._norm(x, first), turn, sight)  # type: ignore[arg-type]
            y = self._norm(x, second)
            x = x + layer["ffn_down"](functional.silu(layer["ffn_gate"](y)) * layer["ffn_up"](y))  # type: ignore[index]
        return self._norm(x[wanted], self.last) @ self.embedding.T

    def _norm(self, x: Tensor, weight: Tensor) -> Tensor:
        return functional.rms_norm(x, (x.shape[-1],), weight, self.shape.epsilon)

    def _attend(self, layer: nn.ModuleDict, x: Tensor, turn: tuple[Tensor, Tensor], sight: Tensor) -> Tensor:
        length, heads, shared = x.shape[0], self.shape.heads, self.shape.shared
        q = _turned(layer["attn_q"](x).view(length, heads, -1).transpose(0, 1), turn)
        k = _turned(layer["attn_k"](x).view(length, shared, -1).transpose(0, 1), turn)
        v = layer["attn_v"](x).view(length, shared, -1).transpose(0, 1)
        q = q.reshape(shared, heads // shared * length, -1) / q.shape[-1] ** 0.5  # heads that share a key go together
        likeness = (q @ k.transpose(1, 2)).view(heads, length, length) + sight
        seen = likeness.softmax(-1).view(shared, -1, length) @ v
        seen = seen.view(heads, length, -1).transpose(0, 1).reshape(length, -1)
        return layer["attn_output"](seen)  # type: ignore[no-any-return]

    def _rotation(self, positions: Tensor, kind: torch.dtype) -> tuple[Tensor, Tensor]:
        half = self.embedding.shape[1] // self.shape.heads // 2
        speeds = self.shape.base ** (-torch.arange(half, dtype=torch.float32) / half)
        angles = positions[:, None].float() * speeds
        return angles.cos().to(kind), angles.sin().to(kind)


def _turned(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Turn each pair of neighbours, as llama.cpp orders them."""
    cosine, sine = turn
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), -1).flatten(-2)
