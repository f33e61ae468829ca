"""Names that nobody could write after a dollar sign."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forethought.kernel.problems import Place, Problem
from forethought.planners.checking.binding import BoundPlan

__all__ = ["invalid_name"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({"and", "else", "false", "for", "if", "in", "is", "none", "not", "null", "or", "true"})


def invalid_name(bound: BoundPlan) -> Iterator[Problem]:
    """The name of a variable is an ASCII identifier, and none of the words that a test is made of.

    The key of a result is any text.
    """
    for each in bound.plan.inputs:
        yield from _names(each.name, each.place, None)
    for step in bound.steps:
        if step.step.sets is not None:
            yield from _names(step.step.sets, step.step.sets_place or step.step.place, step.id)


def _names(name: str, place: Place | None, step: str | None) -> Iterator[Problem]:
    if _NAME.fullmatch(name):
        if name.lower() not in _RESERVED:
            return
        message, hint = f"'{name}' is a reserved word", f"write '{name}_' or another name"
    else:
        letters = re.sub(r"[^A-Za-z0-9_]+", "_", name.strip().lstrip("$").strip("{}")).strip("_")
        better = f"_{letters}" if letters[:1].isdigit() else letters
        message = f"'{name}' is no name for a variable: it takes letters A to Z, digits and _"
        hint = f"write '{better}'" if better else "write a name such as 'RESULT'"
    yield Problem(code="invalid-name", message=message, place=place, step=step, hint=hint)
