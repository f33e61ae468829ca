"""Ranking: how well each function fits a goal, by its words, its meaning, its plugin, and its place in the flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from forethought.kernel.functions import FunctionSignature

from .keywords import NO_EXAMPLES, Examples, Keywords

if TYPE_CHECKING:
    from forethought.kernel.memory.embedder import Embedder
    from forethought.kernel.settings import Settings

__all__ = ["Ranking", "Relevance", "rank", "rank_by_keywords"]


class Relevance(NamedTuple):
    """How well a function fits a goal: its `score`, and what it is made of, all from 0 to 1.

    `keyword` is the share of the goal's words that it has; `name` is how near its name is to the goal or a part of it,
    `text` how near its description or an example is, `plugin` how near its plugin is; `given` says whether the goal
    holds a value that it takes. `needed_by` is the function, fitting itself, that needs what this one makes.
    """

    score: float
    keyword: float
    name: float = 0.0
    text: float = 0.0
    plugin: float = 0.0
    given: bool = False
    needed_by: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The relevance of functions for one goal, by full name; `by` is the embedder's name, or `keywords` alone."""

    relevance: Mapping[str, Relevance]
    by: str = "keywords"

    def alone(self) -> Ranking:
        """Return how well each function fits by itself, whatever its plugin, its neighbours and the flow say.

        For a model that is shown few functions: what only may be needed beside others leads it astray.
        """
        if self.by == "keywords":
            return self
        return Ranking({name: each._replace(score=_alone(each)) for name, each in self.relevance.items()}, self.by)


def _alone(relevance: Relevance) -> float:
    """Return a score of words, name, text and values, which were tuned on the goals of benchmarks/planning."""
    return (relevance.name + relevance.text + 0.5 * relevance.keyword + 0.3 * relevance.given) / 2.8


def rank_by_keywords(goal: str, functions: Sequence[FunctionSignature], *, examples: Examples = NO_EXAMPLES) -> Ranking:
    """Rank by the words that a function shares with the goal: the score is their share."""
    shares = _keywords(tuple(functions), examples).shares(goal)
    return Ranking({each.full_name: Relevance(share, share) for each, share in zip(functions, shares, strict=True)})


_last: list[tuple[tuple[FunctionSignature, ...], Examples, Keywords]] = []


def _keywords(functions: tuple[FunctionSignature, ...], examples: Examples) -> Keywords:
    """Return the keywords of `functions`, which are kept for the next goal."""
    for known, these, keywords in _last:
        if known == functions and these == examples:
            return keywords
    keywords = Keywords(functions, examples)
    _last[:] = [(functions, examples, keywords)]
    return keywords


async def rank(
    goal: str,
    functions: Sequence[FunctionSignature],
    *,
    embedder: Embedder | str | None = "local",
    examples: Examples = NO_EXAMPLES,
    settings: Settings | None = None,
) -> Ranking:
    """Rank by words and by meaning; without an embedder, or where `local` is not installed, by keywords alone.

    An embedder is a spec, opened with `settings` (those of the working directory), or the embedder itself; `examples`
    are goals that functions helped to reach, by full name. The local word vectors of functions are kept in the user's
    cache, and so is what a hosted embedder was asked: a function is embedded once. Raises EmbedderError where the
    embedder fails.
    """
    if isinstance(embedder, str):
        from .meaning import opened

        embedder = opened(embedder, settings)
    if embedder is None or not functions:
        return rank_by_keywords(goal, functions, examples=examples)
    from .meaning import index_of

    index = await index_of(tuple(functions), embedder, examples)
    return Ranking(await index.relevance(goal), embedder.name)
