"""Inputs declared twice."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan

__all__ = ["duplicate_input"]


def duplicate_input(bound: BoundPlan) -> Iterator[Problem]:
    """Each input is declared once; names ignore case."""
    seen: set[str] = set()
    for each in bound.plan.inputs:
        if each.name.lower() in seen:
            yield Problem(
                code="duplicate-input",
                message=f"the input '{each.name}' is declared twice",
                place=each.place,
                hint="keep one of them",
            )
        seen.add(each.name.lower())
