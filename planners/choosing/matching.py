"""Matching: which functions a goal's own words ask for, learned from goals and plans, for a model that is shown few.

Goals of several steps name several functions, often one within the other: *email the capital of France to Bob*. So each
run of a few words is compared with each function, and a function counts for the run that fits it best. Both are word
vectors under linear maps that training/matching.py has learned; where they do not fit the embedder, nothing changes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from forethought.kernel.functions import Effect, FunctionSignature
from forethought.kernel.memory.embedders.vectors import of_unit_length

from .keywords import spoken
from .ranking import Ranking

if TYPE_CHECKING:
    import numpy.typing as npt

    from forethought.kernel.memory.embedder import Embedder

    Vectors: TypeAlias = npt.NDArray[np.float32]

__all__ = ["EMBEDDER", "MAPS", "POOLED", "described", "enough", "match", "parts"]

EMBEDDER = "local:wordllama-l2-256"
"""The embedder whose vectors the maps are for."""

MAPS = Path(__file__).with_name("matching.npy")
"""A map for parts of goals, and one for each text of a function."""

POOLED = 8.0
"""How sharply the best part of a goal counts before the others."""

ALONE = 0.5
"""What words, name, text and values count beside what was learned."""

LEAST, MOST, WORTH = 5, 8, 1 / 3
"""How few and how many functions are shown, and the score of those that are worth it."""

_LONGEST, _MOST = 5, 60
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+(?:['@.\-/:][^\W_]+)*")
_last: list[tuple[tuple[FunctionSignature, ...], Vectors]] = []


def parts(goal: str) -> list[str]:
    """Return the runs of one to five words of a goal, and its words as a whole."""
    found = _WORD.findall(goal)[:_MOST]
    runs = [" ".join(found[at : at + size]) for size in range(1, _LONGEST + 1) for at in range(len(found) - size + 1)]
    return [*runs, " ".join(found)]


def described(function: FunctionSignature) -> tuple[str, str, str, str]:
    """Return what a function is told by: its name, that with its description, its parameters, and its plugin."""
    name = spoken(function.name)
    parameters = " ".join(spoken(each.name) for each in function.parameters)
    return name, f"{name}. {function.description}", parameters, spoken(function.plugin)


def enough(ranking: Ranking) -> int:
    """Return how many functions to show: those that score a third of what the best one may, but five to eight."""
    return min(MOST, max(LEAST, sum(each.score >= WORTH for each in ranking.relevance.values())))


async def match(goal: str, functions: Sequence[FunctionSignature], ranking: Ranking) -> Ranking:
    """Return how well each function fits some part of the goal by itself, from 0 to 1.

    Of functions that are described in the same words, the best one counts alone: which is meant, nobody could tell.
    Where `ranking` was made by another embedder, or by words alone, it is what functions are worth by themselves.
    """
    from .meaning import opened

    alone = ranking.alone()
    embedder = opened("local") if ranking.by == EMBEDDER and functions else None
    if embedder is None:
        return alone
    learned = await _learned(goal, tuple(functions), embedder)
    names = [each.full_name for each in functions]
    own = np.array([alone.relevance[name].score for name in names], dtype=np.float32)
    mixed = _even(learned) + ALONE * _even(own)
    mixed = (mixed - mixed.min()) / (mixed.max() - mixed.min() or 1.0)
    told: set[tuple[str, Effect]] = set()
    for at in cast("list[int]", np.argsort(-mixed, kind="stable").tolist()):
        twin = (functions[at].description.casefold(), functions[at].effect)
        mixed[at] = 0.0 if twin in told else mixed[at]
        told |= {twin} if twin[0] else set()
    scores = zip(names, mixed.tolist(), strict=True)
    return Ranking({name: alone.relevance[name]._replace(score=score) for name, score in scores}, ranking.by)


async def _learned(goal: str, functions: tuple[FunctionSignature, ...], embedder: Embedder) -> Vectors:
    asked, *told = _maps()
    if not _last or _last[0][0] != functions:
        texts = [text for each in functions for text in described(each)]
        vectors = (await embedder.embed(texts)).reshape(len(functions), len(told), -1)
        mapped = sum((vectors[:, at] @ each for at, each in enumerate(told)), np.float32(0))
        _last[:] = [(functions, of_unit_length(np.asarray(mapped)))]
    near = of_unit_length(await embedder.embed(parts(goal)) @ asked) @ _last[0][1].T
    most = near.max(axis=0)
    pooled: Vectors = most + np.log(np.exp(POOLED * (near - most)).sum(axis=0)) / POOLED
    return pooled


def _even(scores: Vectors) -> Vectors:
    """Return scores with a mean of 0 and a spread of 1."""
    even: Vectors = (scores - scores.mean()) / (scores.std() or np.float32(1))
    return even


@functools.cache
def _maps() -> Vectors:
    maps: Vectors = np.load(MAPS).astype(np.float32)
    return maps
