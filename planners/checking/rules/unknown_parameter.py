"""Arguments that their function does not take."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.naming import listed, meant_parameters

from .too_large import MAX_ARGUMENTS

__all__ = ["unknown_parameter"]


def unknown_parameter(bound: BoundPlan) -> Iterator[Problem]:
    """Every argument names a parameter of its function.

    A step that has too many is refused for that, and only the first hundred are told.
    """
    for step in bound.steps_where(lambda layout: layout.unknown):
        if step.signature is None:
            continue
        takes = listed(parameter.name for parameter in step.signature.parameters)
        meant = meant_parameters(step)
        for each in step.unknown[:MAX_ARGUMENTS]:
            name = each.argument.name
            near = f"did you mean '{meant[name]}'? " if name in meant else ""
            yield Problem(
                code="unknown-parameter",
                message=f"'{step.signature.full_name}' has no parameter '{name}'",
                place=each.argument.place or step.step.place,
                step=step.id,
                hint=f"{near}it takes {takes or 'none'}",
            )
