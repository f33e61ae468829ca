"""Meaning: functions as vectors, and the score that words, vectors, plugins and flow make together.

The weights were tuned on half of the tasks of AgentDojo and measured on the other half: docs/choosing.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from forethought.kernel.functions import FunctionSignature
from forethought.kernel.memory.embedders.caching import CachedEmbedder, cache_file
from forethought.kernel.memory.embedders.local import LocalEmbedder, is_installed
from forethought.kernel.memory.embedders.opening import open_embedder
from forethought.kernel.memory.embedders.vectors import of_unit_length

from .flow import Flow
from .goals import Takers, clauses
from .keywords import NO_EXAMPLES, Examples, Keywords, spoken
from .ranking import Relevance

if TYPE_CHECKING:
    import numpy.typing as npt

    from forethought.kernel.memory.embedder import Embedder, FloatMatrix
    from forethought.kernel.settings import Settings

    Scores: TypeAlias = npt.NDArray[np.float64]

__all__ = ["Index", "index_of", "opened"]

KEYWORD, GIVEN, PLUGIN = 0.2, 0.3, 0.7
"""What words, a value of the goal, and the plugin's meaning count beside the name and the text, which count 1 each."""

NEIGHBOUR = 0.6
"""How much of its plugin's best function counts for a function, too."""

FITTING, FLOW, LEAST = 5, 0.1, 0.8
"""How many functions are fitting; how much of one counts for those that make what it needs; and how much of its score
the best of these has at least, however little it fits by itself.
"""

_MOST = (2 + KEYWORD + GIVEN + PLUGIN) * (1 + NEIGHBOUR) * (1 + FLOW)
_MOST_INDEXES = 4
_BLOCK = 128
_indexes: list[Index] = []
_MOST_OPENED = 16
_opened: list[tuple[str, Settings | None, Embedder]] = []


class Index:
    """Some functions, indexed for one embedder."""

    __slots__ = (
        "_centres",
        "_embedder",
        "_example_of",
        "_examples",
        "_flow",
        "_full_names",
        "_keywords",
        "_plugin_of",
        "_takers",
        "_vectors",
        "functions",
    )

    def __init__(
        self,
        functions: tuple[FunctionSignature, ...],
        embedder: Embedder,
        vectors: FloatMatrix,
        examples: Examples = NO_EXAMPLES,
    ) -> None:
        """Hold `vectors`: of the names, of names with descriptions, and of the examples, each function by function."""
        self.functions = functions
        self._embedder = embedder
        self._vectors = vectors
        self._examples = examples
        self._full_names = [each.full_name for each in functions]
        counts = [len(examples.get(name, ())) for name in self._full_names]
        self._example_of = np.repeat(np.arange(len(functions)), counts)
        self._keywords, self._takers, self._flow = Keywords(functions, examples), Takers(functions), Flow(functions)
        plugins = {plugin: number for number, plugin in enumerate(dict.fromkeys(each.plugin for each in functions))}
        self._plugin_of = np.array([plugins[each.plugin] for each in functions], dtype=np.intp)
        centres = np.zeros((len(plugins), vectors.shape[1]), dtype=np.float32)
        np.add.at(centres, self._plugin_of, vectors[len(functions) : 2 * len(functions)])
        self._centres = of_unit_length(centres)

    def serves(self, functions: tuple[FunctionSignature, ...], embedder: Embedder, examples: Examples) -> bool:
        """Say whether this is the index of these functions and examples, and of this embedder."""
        return embedder is self._embedder and functions == self.functions and examples == self._examples

    async def relevance(self, goal: str) -> Mapping[str, Relevance]:
        """Return the relevance of each function, by full name."""
        asked = await self._embedder.embed([goal, *clauses(goal)])
        keyword = np.array(self._keywords.shares(goal))
        near, count = _nearness(_products(self._vectors, asked)), len(self.functions)
        name, text = near[:count], near[count : 2 * count]
        np.maximum.at(text, self._example_of, near[2 * count :])
        plugin = np.maximum(_products(self._centres, asked[1:]).max(axis=1), 0)[self._plugin_of]
        given = np.zeros(len(self.functions), dtype=np.bool_)
        given[self._takers.of(goal)] = True
        own = name + text + KEYWORD * keyword / (keyword.max() or 1.0) + GIVEN * given + PLUGIN * plugin
        best = np.zeros(len(self._centres))
        np.maximum.at(best, self._plugin_of, own)
        scores, needed = self._with_flow(own + NEIGHBOUR * best[self._plugin_of])
        columns = [column.tolist() for column in (scores / _MOST, keyword, name, text, plugin, given)]
        return dict(zip(self._full_names, map(Relevance, *columns, needed), strict=True))

    def _with_flow(self, scores: Scores) -> tuple[Scores, Sequence[str]]:
        """Raise the score of each function that makes what a fitting one needs, and say which one that is."""
        added: Scores = np.zeros_like(scores)
        least: Scores = np.zeros_like(scores)
        needed = [""] * len(scores)
        for number in cast("list[int]", np.argsort(-scores, kind="stable")[:FITTING].tolist()):
            for makers in self._flow.makers(number):
                for maker in makers:
                    if not needed[maker]:
                        needed[maker] = self._full_names[number]
                        added[maker] = FLOW * scores[number]
                best = max(makers, key=lambda maker: scores[maker])
                least[best] = max(least[best], LEAST * scores[number])
        return np.maximum(scores + added, least), needed


def _nearness(products: FloatMatrix) -> FloatMatrix:
    """Return how near each vector is: half to the whole goal, half to its nearest part; what is opposed is not near."""
    nearness: FloatMatrix = np.maximum((products[:, 0] + products[:, 1:].max(axis=1)) / 2, 0)
    return nearness


def _products(vectors: FloatMatrix, asked: FloatMatrix) -> FloatMatrix:
    """Return `vectors @ asked.T`, in blocks too small for BLAS to wake its threads.

    Those would cost more than the work: on a busy machine a hundred times as much.
    """
    products = np.empty((len(vectors), len(asked)), dtype=np.float32)
    columns = np.ascontiguousarray(asked.T)
    for start in range(0, len(vectors), _BLOCK):
        np.matmul(vectors[start : start + _BLOCK], columns, out=products[start : start + _BLOCK])
    return products


async def index_of(
    functions: tuple[FunctionSignature, ...], embedder: Embedder, examples: Examples = NO_EXAMPLES
) -> Index:
    """Return the index of `functions`, made once for the same ones; an embedding of a function is made once for all."""
    for index in _indexes:
        if index.serves(functions, embedder, examples):
            return index
    named = [spoken(each.name) for each in functions]
    texts = [*named, *(f"{name}. {each.description}" for name, each in zip(named, functions, strict=True))]
    texts += [goal for each in functions for goal in examples.get(each.full_name, ())]
    index = Index(functions, embedder, await _kept(embedder).embed(texts), examples)
    _indexes.insert(0, index)
    del _indexes[_MOST_INDEXES:]
    return index


def opened(spec: str, settings: Settings | None = None) -> Embedder | None:
    """Return the embedder that `spec` names, opened once for these settings; None for `local` if it is not installed.

    Raises SettingsError and EmbedderError as `open_embedder` does.
    """
    for known, of, embedder in _opened:
        if known == spec and of == settings:
            return embedder
    if spec == "local" and not is_installed():
        return None
    embedder = open_embedder(spec, settings)
    _opened.insert(0, (spec, settings, embedder))
    del _opened[_MOST_OPENED:]
    return embedder


def _kept(embedder: Embedder) -> Embedder:
    """Return `embedder` with the user's cache, if that knows its vectors from another program's."""
    return CachedEmbedder(embedder, cache_file()) if isinstance(embedder, LocalEmbedder) else embedder
