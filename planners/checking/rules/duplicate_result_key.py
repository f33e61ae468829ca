"""Results under one key."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundPlan

__all__ = ["duplicate_result_key"]


def duplicate_result_key(bound: BoundPlan) -> Iterator[Problem]:
    """Each key of the result is appended to once; several outputs under one key are joined in document order."""
    seen: dict[str, str] = {}
    for step in bound.steps_where(lambda layout: layout.appends):
        key = step.step.appends
        if not key:
            continue
        first = seen.setdefault(key.lower(), step.id)
        if first != step.id:
            yield Problem(
                code="duplicate-result-key",
                message=f"step {first} already appends to '{key}': both are joined under it, in order",
                severity=Severity.WARNING,
                place=step.step.appends_place or step.step.place,
                step=step.id,
                hint="write another key to keep them apart",
            )
