"""Choosing functions: which of the registered ones a planner shows to the model."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from forethought.kernel.functions import FunctionSignature
from forethought.kernel.registry import SkillRegistry

__all__ = ["Choice", "choose", "relevance"]


@dataclass(frozen=True, slots=True)
class Choice:
    """The functions chosen for a goal, in the registry's order.

    `candidates` are those that it might have been, which a plan may use, too; `scores` has each one's from 0 to 1.
    """

    skills: SkillRegistry
    candidates: SkillRegistry
    scores: dict[str, float]


def choose(
    skills: SkillRegistry,
    goal: str,
    *,
    relevancy_threshold: float | None = None,
    max_relevant_functions: int = 100,
    excluded_plugins: Collection[str] = (),
    excluded_functions: Collection[str] = (),
    included_functions: Collection[str] = (),
) -> Choice:
    """Choose the functions for `goal`, under Semantic Kernel's option names.

    Excluded plugins and functions never come; included functions always do. Of the rest, those with a score of at
    least `relevancy_threshold` come (all, where it is None), the best `max_relevant_functions` at most. Names ignore
    case; a function is named `Plugin.Name`, `Plugin-Name` or `Name`.
    """
    without = {plugin.lower() for plugin in excluded_plugins}
    barred, wanted = _names(excluded_functions), _names(included_functions)
    candidates = [
        function for function in skills if function.plugin.lower() not in without and not (_names_of(function) & barred)
    ]
    scores = relevance(goal, candidates)
    always = [function for function in candidates if _names_of(function) & wanted]
    rest = [
        function
        for function in candidates
        if function not in always and (relevancy_threshold is None or scores[function.full_name] >= relevancy_threshold)
    ]
    rest.sort(key=lambda function: -scores[function.full_name])
    chosen = {function.full_name for function in [*always, *rest[: max(0, max_relevant_functions - len(always))]]}
    shown = skills.select(each for each in candidates if each.full_name in chosen)
    return Choice(shown, skills.select(candidates), scores)


def relevance(goal: str, functions: Collection[FunctionSignature]) -> dict[str, float]:
    """Score how much of `goal`'s wording each function shares, by full name, from 0 to 1.

    Words are weighted by inverse document frequency over the functions, so that a word which all of them use counts
    for little (Spärck Jones 1972); a word that only describes a function counts half of one in its name. A word is its
    first five letters, a Chinese word its pairs of characters.
    """
    texts = {each.full_name: _words(_described(each)) for each in functions}
    frequency = Counter(word for words in texts.values() for word in words)
    weights = {word: math.log(1 + len(texts) / frequency[word]) for word in _words(goal) if word in frequency}
    total = sum(weights.values())
    if not total:
        return dict.fromkeys(texts, 0.0)
    named = {each.full_name: _words(f"{each.plugin} {each.name}") for each in functions}
    return {
        name: sum(weights.get(word, 0.0) * (1 if word in named[name] else 0.5) for word in words) / total
        for name, words in texts.items()
    }


def _described(function: FunctionSignature) -> str:
    parameters = " ".join(f"{each.name} {each.description}" for each in function.parameters)
    return f"{function.plugin} {function.name} {function.description} {parameters}"


_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[\u4e00-\u9fff]+")


def _words(written: str) -> set[str]:
    words: set[str] = set()
    for word in _WORD.findall(written):
        if word[0] >= "\u4e00":
            words |= {word[at : at + 2] for at in range(max(1, len(word) - 1))}
        elif len(word) > 2:
            words.add(word.lower()[:5])
    return words


def _names(written: Collection[str]) -> set[str]:
    return {name.lower().replace("-", ".") for name in written}


def _names_of(function: FunctionSignature) -> set[str]:
    return {function.name.lower().replace("-", "."), function.full_name.lower().replace("-", ".")}
