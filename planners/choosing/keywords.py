"""Keywords: how much of a goal's wording a function shares."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from forethought.kernel.functions import FunctionSignature

__all__ = ["NO_EXAMPLES", "Examples", "Keywords", "spoken", "words"]

Examples = Mapping[str, Sequence[str]]
"""Goals that a function helped to reach, by its full name: they describe it, too."""

NO_EXAMPLES: Examples = MappingProxyType({})

_SPACELESS = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"  # Chinese, Japanese, Korean
_WORD = re.compile(
    rf"[A-ZÀ-Þ]?[a-zß-ÿ]+|[A-ZÀ-Þ]+(?![a-zß-ÿ])|\d+|[{_SPACELESS}]+|[^\W\dA-Za-zÀ-ÿ_{_SPACELESS}]+",
)


def words(written: str) -> set[str]:
    """Return the words of a text or a name, each as its first five letters, so that *mails* is *mail*.

    Words of one or two letters tell nothing. Where a script has no spaces, a word is a pair of neighbours.
    """
    found: set[str] = set()
    for word in _WORD.findall(written):
        if "\u3040" <= word[0] <= "\ud7a3":
            found |= {word[at : at + 2] for at in range(max(1, len(word) - 1))}
        elif len(word) > 2:
            found.add(word.lower()[:5])
    return found


def spoken(name: str) -> str:
    """Return a name as it is read out: `getNickName` is `get nick name`."""
    return " ".join(word.lower() for word in _WORD.findall(name))


class Keywords:
    """The words of some functions, and of example goals by their full names, indexed."""

    __slots__ = ("_count", "_found")

    def __init__(self, functions: Sequence[FunctionSignature], examples: Examples = NO_EXAMPLES) -> None:
        self._count = len(functions)
        self._found: dict[str, list[tuple[int, float]]] = {}
        for number, function in enumerate(functions):
            named = words(f"{function.plugin} {function.name}")
            for word in words(" ".join((_described(function), *examples.get(function.full_name, ())))):
                self._found.setdefault(word, []).append((number, 1.0 if word in named else 0.5))

    def shares(self, goal: str) -> list[float]:
        """Return how much of `goal`'s wording each function shares, from 0 to 1.

        Words are weighted by inverse document frequency over the functions, so that a word which all of them use counts
        for little (Spärck Jones 1972); a word that only describes a function counts half of one in its name.
        """
        frequency = Counter({word: len(self._found[word]) for word in words(goal) if word in self._found})
        weights = {word: math.log(1 + self._count / count) for word, count in frequency.items()}
        shares = [0.0] * self._count
        total = sum(weights.values())
        for word, weight in weights.items():
            for number, part in self._found[word]:
                shares[number] += weight * part / total
        return shares


def _described(function: FunctionSignature) -> str:
    parameters = " ".join(f"{each.name} {each.description}" for each in function.parameters)
    return f"{function.plugin} {function.name} {function.description} {parameters}"
