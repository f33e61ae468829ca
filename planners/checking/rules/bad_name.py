"""Names that nobody could write after a dollar sign."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Place, Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.naming import RESERVED, are_names, is_name
from forethought.planners.language.nodes import ForEach

__all__ = ["bad_name"]


def bad_name(bound: BoundPlan) -> Iterator[Problem]:
    """The name of a variable is an ASCII identifier, and none of the words that a test is made of.

    The key of a result is any text but none.
    """
    for each in bound.plan.inputs:
        if hint := _wrong(each.name):
            message = f"an input cannot be named '{each.name}'"
            yield Problem(code="bad-name", message=message, place=each.place, hint=hint)
    named = bound.steps_where(lambda layout: layout.sets)
    names = [step.step.sets or "" for step in named]
    if not are_names(names) or not RESERVED.isdisjoint(map(str.lower, names)):
        for bound_step, name in zip(named, names, strict=True):
            if hint := _wrong(name):
                message, place = f"a variable cannot be named '{name}'", bound_step.step.sets_place
                place = place or bound_step.step.place
                yield Problem(code="bad-name", message=message, place=place, step=bound_step.id, hint=hint)
    for block in bound.blocks:
        node = block.node
        if isinstance(node, ForEach):
            both: tuple[tuple[str | None, Place | None], ...]
            both = (node.item, node.item_place), (node.sets, node.sets_place)
            for variable, at in both:
                if variable is not None and (hint := _wrong(variable)):
                    message = f"a variable cannot be named '{variable}'"
                    yield Problem(code="bad-name", message=message, place=at or node.place, step=block.id, hint=hint)
    for bound_step in bound.steps_where(lambda layout: layout.appends):
        step = bound_step.step
        if step.appends is not None and not step.appends.strip():
            place = step.appends_place or step.place
            yield Problem(code="bad-name", message="'appendToResult' names no key", place=place, step=bound_step.id)


def _wrong(name: str) -> str | None:
    """Return the way out for a name that nobody could write after a dollar sign."""
    if not is_name(name):
        return "a name has ASCII letters, digits and underscores, and does not begin with a digit"
    return "this word is reserved for tests" if name.lower() in RESERVED else None
