"""Required parameters without a value."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan, Unbound
from forethought.planners.checking.naming import meant_parameters

__all__ = ["missing_parameter"]


def missing_parameter(bound: BoundPlan) -> Iterator[Problem]:
    """Every required parameter has a value: written, from the previous step, or from a variable of its name.

    A misspelled argument is not also a missing one.
    """
    for step in bound.steps_where(lambda layout: any(parameter.required for parameter in layout.left_out)):
        missing = [each.parameter.name for each in step.bindings if isinstance(each.source, Unbound)]
        if step.signature is None or not missing:
            continue
        meant = set(meant_parameters(step).values())
        for name in missing:
            if name not in meant:
                yield Problem(
                    code="missing-parameter",
                    message=f"'{step.signature.full_name}' needs a value for '{name}'",
                    place=step.step.place,
                    step=step.id,
                    hint=f'write {name}="…"',
                )
