"""Choosing: the options of a planner applied to a ranking of its functions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from forethought.kernel.functions import FunctionSignature
from forethought.kernel.registry import SkillRegistry

from .ranking import Ranking, Relevance, rank_by_keywords

__all__ = ["Choice", "choose"]


@dataclass(frozen=True, slots=True)
class Choice:
    """The functions chosen for a goal, in the registry's order.

    `candidates` are those that it might have been, which a plan may use, too; `scores` has each one's from 0 to 1, and
    `relevance` what it is made of. `by` says what ranked them: an embedder, or `keywords` alone.
    """

    skills: SkillRegistry
    candidates: SkillRegistry
    scores: dict[str, float]
    relevance: Mapping[str, Relevance] = field(default_factory=dict[str, Relevance])
    by: str = "keywords"


def choose(
    skills: SkillRegistry,
    goal: str,
    *,
    ranking: Ranking | None = None,
    relevancy_threshold: float | None = None,
    max_relevant_functions: int = 100,
    excluded_plugins: Collection[str] = (),
    excluded_functions: Collection[str] = (),
    included_functions: Collection[str] = (),
) -> Choice:
    """Choose the functions for `goal`, under Semantic Kernel's option names.

    Excluded plugins and functions never come; included functions always do. Of the rest, those with a score of at
    least `relevancy_threshold` come (all, where it is None), the best `max_relevant_functions` at most. Names ignore
    case; a function is named `Plugin.Name`, `Plugin-Name` or `Name`. `ranking` is what `rank` found for the goal;
    without one, keywords rank the functions.
    """
    without = {plugin.lower() for plugin in excluded_plugins}
    barred, wanted = _names(excluded_functions), _names(included_functions)
    candidates = skills
    if without or barred:
        candidates = skills.select(
            each for each in skills if each.plugin.lower() not in without and not _is_named(each, barred)
        )
    ranking = ranking or rank_by_keywords(goal, tuple(candidates))
    relevance = {name: ranking.relevance[name] for name in (each.full_name for each in candidates)}
    scores = {name: each.score for name, each in relevance.items()}
    always = {each.full_name for each in candidates if _is_named(each, wanted)}
    fitting = [
        name
        for name, score in scores.items()
        if name not in always and (relevancy_threshold is None or score >= relevancy_threshold)
    ]
    fitting.sort(key=lambda name: -scores[name])
    chosen = always.union(fitting[: max(0, max_relevant_functions - len(always))])
    shown = skills.select(each for each in candidates if each.full_name in chosen)
    return Choice(shown, candidates, scores, relevance, ranking.by)


def _names(written: Collection[str]) -> set[str]:
    return {name.lower().replace("-", ".") for name in written}


def _is_named(function: FunctionSignature, names: set[str]) -> bool:
    return bool(names) and not names.isdisjoint(
        (function.name.lower().replace("-", "."), function.full_name.lower().replace("-", "."))
    )
