"""Results under one key."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.references import are_exclusive, parted

__all__ = ["duplicate_result_key"]

_REMEMBERED = 64


def duplicate_result_key(bound: BoundPlan) -> Iterator[Problem]:
    """Each key of the result is appended to once; several outputs under one key are joined in document order.

    Steps in the two branches of an `if` may share a key, since only one of them runs.
    """
    branches = parted(bound)
    seen: dict[str, list[str]] = {}
    for step in bound.steps_where(lambda layout: layout.appends):
        key = step.step.appends
        if not key:
            continue
        before = seen.setdefault(key.lower(), [])
        first = next((each for each in before if not are_exclusive(each, step.id, branches)), None)
        if first:
            yield Problem(
                code="duplicate-result-key",
                message=f"step {first} already appends to '{key}': both are joined under it, in order",
                severity=Severity.WARNING,
                place=step.step.appends_place or step.step.place,
                step=step.id,
                hint="write another key to keep them apart",
            )
        elif len(before) < _REMEMBERED:
            before.append(step.id)
