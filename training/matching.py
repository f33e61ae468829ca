"""The maps by which functions are chosen for a goal: learned from goals, and the functions that their plans call.

    python -m training.matching --count 8000

Each goal stands among all functions of a registry: the shipped ones, or fifty-five drawn. Those that its plan calls
shall fit some part of the goal better than all others do. Maps start as no change at all.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from forethought.kernel.memory.embedders.local import open_local
from forethought.planners.choosing.matching import MAPS, POOLED, described, parts

from .company import clash
from .dressing import Draw, dressed
from .examples import drawn_goal, example
from .phrasing import steps
from .shipped import shipped_concepts, silent_concepts
from .tables import all_concepts

__all__ = ["Case", "Matcher", "cases", "learn"]

FUNCTIONS, GOALS, SHIPPED = 55, 12, 0.4
"""How many functions are drawn, how many goals are asked of them, and how often they are those of the shipped packs."""


@dataclass(frozen=True, slots=True)
class Case:
    """A goal's parts and a registry's functions as vectors; which are needed, and which others are not."""

    parts: Tensor
    functions: Tensor
    needed: Tensor
    others: Tensor


class Matcher(nn.Module):
    """The maps: one for parts of goals, one for each text that tells of a function."""

    def __init__(self, texts: int, width: int) -> None:
        super().__init__()
        same = torch.eye(width)
        self.asked = nn.Parameter(same.clone())
        self.told = nn.Parameter(torch.stack([same, same, *[0.2 * same] * (texts - 2)]))
        self.scale = nn.Parameter(torch.tensor(2.5))

    def forward(self, asked: Tensor, functions: Tensor) -> Tensor:
        """Return the score of each function."""
        asked = functional.normalize(asked @ self.asked, dim=-1)
        functions = functional.normalize(torch.einsum("fkd,kdr->fr", functions, self.told), dim=-1)
        return self.scale.exp() * torch.logsumexp(POOLED * asked @ functions.T, 0) / POOLED


def cases(seed: int) -> Iterator[Case]:
    """Yield cases without end, the same ones for the same seed."""
    rng = Draw(seed)
    embedder = open_local()

    def vectors(texts: list[str]) -> Tensor:
        return torch.from_numpy(asyncio.run(embedder.embed(texts)))

    while True:
        spoken = shipped_concepts() if rng.random() < SHIPPED else tuple(rng.sample(all_concepts(), FUNCTIONS))
        concepts = [*spoken, *silent_concepts()] if spoken is shipped_concepts() else spoken
        skills = dressed(rng, concepts)
        texts = [text for each in skills for text in described(each.signature)]
        functions = vectors(texts).view(len(skills), len(texts) // len(skills), -1)
        for _ in range(GOALS):
            roots = drawn_goal(rng, spoken)
            made = example(rng, roots, skills)
            if made and made.size:
                used = {each.concept.key: each.concept for each in steps(roots)}
                needed = torch.tensor([each.key in used for each in concepts])
                alike = torch.tensor([clash(each, list(used.values())) for each in concepts])
                yield Case(vectors(parts(made.goal)), functions, needed, ~(needed | alike))


def learn(seed: int, count: int, *, rounds: int = 2, rate: float = 5e-4, lost: float = 0.2) -> Matcher:
    """Learn from so many cases, gone through in some rounds; a share of all numbers is `lost` each time."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    stream = cases(seed)
    known = [next(stream) for _ in range(count)]
    matcher = Matcher(known[0].functions.shape[1], known[0].functions.shape[2])
    optimizer = torch.optim.Adam(matcher.parameters(), lr=rate)
    for number in range(rounds):
        random.Random(number).shuffle(known)
        total = 0.0
        for start in range(0, count, 8):
            value = sum((_loss(matcher, each, lost) for each in known[start : start + 8]), torch.zeros(())) / 8
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            total += value.item() * 8
        for group in optimizer.param_groups:
            group["lr"] /= 2
        print(f"round {number + 1}: loss {total / count:.4f}", flush=True)
    return matcher


def _loss(matcher: Matcher, case: Case, lost: float) -> Tensor:
    """Return how little the needed functions stand out; now and then, a text tells nothing of any function."""
    told = functional.dropout(case.functions, lost) * (torch.rand(1, case.functions.shape[1], 1) > 0.15)
    scores = matcher(functional.dropout(case.parts, lost), told)
    return functional.softplus(torch.logsumexp(scores[case.others], 0) - scores[case.needed]).mean()


def main() -> None:
    """Learn, and write the maps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=8000, help="how many goals")
    parser.add_argument("--out", type=Path, default=MAPS, help="where the maps go (default: beside their code)")
    given = parser.parse_args()
    matcher = learn(given.seed, given.count)
    maps = torch.cat((matcher.asked[None], matcher.told)).detach().numpy()
    np.save(given.out, maps.astype(np.float16))


if __name__ == "__main__":
    main()
