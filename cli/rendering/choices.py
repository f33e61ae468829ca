"""Choices as people read them: which functions fit a goal, and why."""

from __future__ import annotations

from collections.abc import Mapping

from forethought.planners.choosing.choose import Choice
from forethought.planners.choosing.ranking import Relevance

from .styling import Paint, plain, visible, width_of

__all__ = ["choice_as_json", "render_choice"]


def render_choice(choice: Choice, *, paint: Paint = plain) -> str:
    """Return one line a function, best first: `0.62  Emailer.sendEmail  words 1.00, name 0.73`, and so on."""
    named = [(visible(name), relevance) for name, relevance in _best_first(choice)]
    width = max(width_of(name) for name, _ in named)
    return "\n".join(
        f"{relevance.score:.2f}  {paint(name, 'cyan')}{' ' * (width - width_of(name))}  {paint(_why(relevance), 'dim')}"
        for name, relevance in named
    )


def _why(relevance: Relevance) -> str:
    parts = {"words": relevance.keyword, "name": relevance.name, "text": relevance.text, "plugin": relevance.plugin}
    said = [f"{what} {share:.2f}" for what, share in parts.items() if share >= 0.005]
    if relevance.given:
        said.append("takes a value of the goal")
    if relevance.needed_by:
        said.append(f"makes what {visible(relevance.needed_by)} needs")
    return ", ".join(said) or "nothing fits"


def choice_as_json(goal: str, choice: Choice) -> Mapping[str, object]:
    """Return the document of `skills find --json`."""
    functions = [
        {
            "name": name,
            "score": relevance.score,
            "words": relevance.keyword,
            "likeness": {"name": relevance.name, "text": relevance.text, "plugin": relevance.plugin},
            "takes_a_value": relevance.given,
            "needed_by": relevance.needed_by or None,
        }
        for name, relevance in _best_first(choice)
    ]
    return {"goal": goal, "ranked_by": choice.by, "candidates": len(choice.candidates), "functions": functions}


def _best_first(choice: Choice) -> list[tuple[str, Relevance]]:
    shown = [(each.full_name, choice.relevance[each.full_name]) for each in choice.skills]
    return sorted(shown, key=lambda each: -each[1].score)
