"""Functions that nobody has."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.errors import UnknownFunctionError
from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan

__all__ = ["unknown_function"]


def unknown_function(bound: BoundPlan) -> Iterator[Problem]:
    """Every function that a plan calls is registered."""
    for step in bound.steps_where(lambda layout: isinstance(layout.failure, UnknownFunctionError)):
        if isinstance(step.failure, UnknownFunctionError):
            name = step.step.function
            near = step.failure.suggestions
            yield Problem(
                code="unknown-function",
                message=f"there is no function '{name}'",
                place=name.place or step.step.place,
                step=step.id,
                hint=f"did you mean '{near[0]}'?"
                if near
                else "`forethought skills list` shows the functions there are",
            )
