"""Names that nobody could write after a dollar sign."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Place, Problem
from forethought.planners.checking.binding import BoundPlan
from forethought.planners.checking.naming import is_name

__all__ = ["bad_name"]

_RESERVED = frozenset({"and", "else", "false", "for", "if", "in", "is", "none", "not", "null", "or", "true"})


def bad_name(bound: BoundPlan) -> Iterator[Problem]:
    """The name of a variable is an ASCII identifier, and none of the words that a test is made of.

    The key of a result is any text but none.
    """
    for each in bound.plan.inputs:
        yield from _named("an input", each.name, each.place, None)
    for bound_step in bound.steps:
        step = bound_step.step
        if step.sets is not None:
            yield from _named("a variable", step.sets, step.sets_place or step.place, bound_step.id)
        if step.appends is not None and not step.appends.strip():
            place = step.appends_place or step.place
            yield Problem(code="bad-name", message="'appendToResult' names no key", place=place, step=bound_step.id)


def _named(owner: str, name: str, place: Place | None, step: str | None) -> Iterator[Problem]:
    if not is_name(name):
        hint = "a name has ASCII letters, digits and underscores, and does not begin with a digit"
    elif name.lower() in _RESERVED:
        hint = "this word is reserved for tests"
    else:
        return
    yield Problem(code="bad-name", message=f"{owner} cannot be named '{name}'", place=place, step=step, hint=hint)
