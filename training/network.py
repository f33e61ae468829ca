"""The network of a small Llama in plain PyTorch: weights read from a GGUF file, low-rank changes beside them.

Weights keep llama.cpp's order of rows, so that a change trained here fits there as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import gguf
import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["LINEARS", "Adapted", "Network", "Shape", "read_weights"]

LINEARS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
"""The matrices of each layer that are adapted, by their names in the file."""

TOGETHER = (("attn_q", "attn_k", "attn_v"), ("attn_output",), ("ffn_gate", "ffn_up"), ("ffn_down",))
"""The same, those together that are multiplied with the same."""


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
    """x W + (x A) B for transposed W, A and B, of which several stand one under the other; W gets no gradient."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, *changes: Tensor) -> Tensor:  # type: ignore[no-untyped-def,override]
        half = len(changes) // 2
        low = torch.cat(changes[:half]).to(x.dtype)
        high = [each.to(x.dtype) for each in changes[half:]]
        between = x @ low.T
        made = x @ weight.T
        rank, at = low.shape[0] // half, 0
        for index, each in enumerate(high):
            made[:, at : at + len(each)].addmm_(between[:, index * rank : (index + 1) * rank], each.T)
            at += len(each)
        ctx.save_for_backward(x, weight, low, between, *high)
        return made

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[no-untyped-def,override]
        x, weight, low, between, *high = ctx.saved_tensors
        rank, parts = low.shape[0] // len(high), gradient.split([len(each) for each in high], dim=1)
        through = torch.cat([part @ each for part, each in zip(parts, high, strict=True)], 1)
        back = (gradient @ weight).addmm_(through, low)
        lows = (through.T @ x).float().split(rank)
        highs = [(part.T @ between[:, index * rank : (index + 1) * rank]).float() for index, part in enumerate(parts)]
        return back, None, *lows, *highs


class _Norm(torch.autograd.Function):
    """Each row divided by its root mean square, times fixed weights."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, epsilon: float) -> Tensor:  # type: ignore[no-untyped-def,override]
        scale = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
        scale = (scale.square_().div_(x.shape[-1]).add_(epsilon)).rsqrt_().to(x.dtype)
        unit = x * scale
        ctx.save_for_backward(unit, scale, weight)
        return unit * weight

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None]:  # type: ignore[no-untyped-def,override]
        unit, scale, weight = ctx.saved_tensors
        back = gradient * weight
        along = (back * unit).mean(-1, keepdim=True)
        return back.addcmul_(unit, along, value=-1).mul_(scale), None, None


class _Gate(torch.autograd.Function):
    """The first half of each row through SiLU, times the second half."""

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:  # type: ignore[no-untyped-def,override]
        ctx.save_for_backward(x)
        gate, up = x.chunk(2, -1)
        return functional.silu(gate).mul_(up)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:  # type: ignore[no-untyped-def,override]
        (x,) = ctx.saved_tensors
        gate, up = x.chunk(2, -1)
        back = torch.empty_like(x)
        first, second = back.chunk(2, -1)
        torch.mul(gradient, functional.silu(gate), out=second)
        first.copy_(torch.ops.aten.silu_backward(gradient * up, gate))
        return back


class _Attention(torch.autograd.Function):
    """What each token gathers from those of its row that it sees: queries, keys and values stand in one matrix."""

    @staticmethod
    def forward(ctx, x: Tensor, turn: Tensor, masks: Sequence[Tensor], sizes: tuple[int, int]) -> Tensor:  # type: ignore[no-untyped-def,override]
        heads, shared = sizes
        whole = x.view(len(x), heads + 2 * shared, -1)
        turned, width = _turned(whole[:, : heads + shared], turn), whole.shape[-1]
        values = whole[:, heads + shared :]
        kept: list[Tensor] = []
        made, start = x.new_empty(len(x), heads * width), 0
        for mask in masks:
            length = len(mask)
            end = start + length
            q = turned[start:end, :heads].transpose(0, 1).reshape(shared, -1, width) / width**0.5
            k = turned[start:end, heads:].transpose(0, 1).contiguous()
            v = values[start:end].transpose(0, 1).contiguous()
            likeness = (q @ k.transpose(1, 2)).view(heads, length, length).add_(mask)
            shares = likeness.softmax(-1).view(shared, -1, length)
            made[start:end].view(length, heads, width).copy_((shares @ v).view(heads, length, width).transpose(0, 1))
            kept += (q, k, v, shares)
            start = end
        ctx.sizes = (heads, shared, width)
        ctx.save_for_backward(turn, *kept)
        return made

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None, None]:  # type: ignore[no-untyped-def,override]
        turn, *kept = ctx.saved_tensors
        heads, shared, width = ctx.sizes
        back = gradient.new_empty(len(gradient), heads + 2 * shared, width)
        start = 0
        for q, k, v, shares in zip(*(kept[at::4] for at in range(4)), strict=True):
            length = k.shape[1]
            end = start + length
            came = gradient[start:end].view(length, heads, width).transpose(0, 1).reshape(shared, -1, width)
            back[start:end, heads + shared :].copy_((shares.transpose(1, 2) @ came).transpose(0, 1))
            change = came @ v.transpose(1, 2)
            change.sub_((change * shares).sum(-1, keepdim=True)).mul_(shares)
            asked = (change @ k).view(heads, length, width).transpose(0, 1)
            torch.div(asked, width**0.5, out=back[start:end, :heads])
            back[start:end, heads : heads + shared].copy_((change.transpose(1, 2) @ q).transpose(0, 1))
            start = end
        turned = back[:, : heads + shared]
        turned.copy_(_turned(turned, torch.stack((turn[0], -turn[1]))))
        return back.view(len(back), -1), None, None, None


class _Loss(torch.autograd.Function):
    """The summed cross entropy of logits that are x times a fixed matrix, and how many of the tokens are right."""

    @staticmethod
    def forward(ctx, x: Tensor, matrix: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[no-untyped-def,override]
        total, right, back = torch.zeros(()), torch.zeros(()), torch.empty_like(x)
        for start in range(0, len(x), 64):  # what is made for a few tokens fits the caches
            part, told = x[start : start + 64], wanted[start : start + 64, None]
            logits = (part @ matrix.T).float()
            most = logits.max(-1, keepdim=True).values
            chosen = logits.gather(1, told)
            right += (chosen == most).sum()
            chances = logits.sub_(most).exp_()
            sums = chances.sum(-1, keepdim=True)
            total += (sums.log() - (chosen - most)).sum()
            chances = chances.div_(sums).to(x.dtype)
            chances.scatter_add_(1, told, -torch.ones_like(told, dtype=x.dtype))
            back[start : start + 64] = chances @ matrix
        ctx.save_for_backward(back)
        ctx.mark_non_differentiable(right)
        return total, right

    @staticmethod
    def backward(ctx, gradient: Tensor, _: Tensor) -> tuple[Tensor, None, None]:  # type: ignore[no-untyped-def,override]
        (back,) = ctx.saved_tensors
        return back * gradient.to(back.dtype), None, None


class Adapted(nn.Module):
    """A trained change B A of low rank to a matrix; B starts at zero, so that nothing changes at first."""

    def __init__(self, rows: int, columns: int, rank: int, generator: torch.Generator) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.randn(rank, columns, generator=generator) / columns**0.5)
        self.b = nn.Parameter(torch.zeros(rows, rank))


class Network(nn.Module):
    """The whole network over rows of tokens, one after the other, whose positions and mutual sight are given."""

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
        self.weights = [
            [torch.cat([weights[f"blk.{i}.{name}.weight"] for name in group]).to(kind) for group in TOGETHER]
            for i in range(shape.layers)
        ]
        self.layers = nn.ModuleList(
            nn.ModuleDict(
                {
                    name: Adapted(*weights[f"blk.{i}.{name}.weight"].shape, rank, generator)  # type: ignore[call-arg]
                    for name in LINEARS
                }
            )
            for i in range(shape.layers)
        )

    def forward(
        self, tokens: Tensor, positions: Tensor, sights: Sequence[Tensor], wanted: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the summed loss of the tokens at the places `wanted`, and how many of them are right.

        `sights` has a square for each row: `[i, j]` says whether its token i sees its token j.
        """
        x = functional.embedding(tokens, self.embedding)
        turn = self._rotation(positions, x.dtype)
        masks = [torch.zeros(each.shape, dtype=x.dtype).masked_fill_(~each, -1e4) for each in sights]
        for number, (first, second) in enumerate(self.norms):
            x = x + self._attend(number, _norm(x, first, self.shape.epsilon), turn, masks)
            y = _Gate.apply(self._product(number, 2, _norm(x, second, self.shape.epsilon)))
            x = x + self._product(number, 3, y)
        return _Loss.apply(_norm(x[wanted - 1], self.last, self.shape.epsilon), self.embedding, tokens[wanted])

    def _product(self, number: int, group: int, x: Tensor) -> Tensor:
        changes = [self.layers[number][name] for name in TOGETHER[group]]
        return _Product.apply(
            x, self.weights[number][group], *(each.a for each in changes), *(each.b for each in changes)
        )

    def _attend(self, number: int, x: Tensor, turn: Tensor, masks: Sequence[Tensor]) -> Tensor:
        whole = self._product(number, 0, x)
        return self._product(number, 1, _Attention.apply(whole, turn, masks, (self.shape.heads, self.shape.shared)))

    def _rotation(self, positions: Tensor, kind: torch.dtype) -> Tensor:
        half = self.embedding.shape[1] // self.shape.heads // 2
        speeds = self.shape.base ** (-torch.arange(half, dtype=torch.float32) / half)
        angles = positions[:, None].float() * speeds
        return torch.stack((angles.cos(), angles.sin())).to(kind)[:, :, None]


def _norm(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    return _Norm.apply(x, weight, epsilon)


def _turned(x: Tensor, turn: Tensor) -> Tensor:
    """Turn each pair of neighbours, as llama.cpp orders them."""
    cosine, sine = turn
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), -1).flatten(-2)
