"""Names of functions that leave the plugin open."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.errors import AmbiguousFunctionError
from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.naming import listed

__all__ = ["ambiguous_function"]


def ambiguous_function(bound: BoundPlan) -> Iterator[Problem]:
    """The name of a function leads to one function."""
    for step in bound.steps_where(lambda layout: isinstance(layout.failure, AmbiguousFunctionError)):
        if isinstance(step.failure, AmbiguousFunctionError):
            name = step.step.function
            yield Problem(
                code="ambiguous-function",
                message=f"'{name}' is a function of several plugins",
                place=name.place or step.step.place,
                step=step.id,
                hint=f"write one of {listed(step.failure.candidates)}",
            )
