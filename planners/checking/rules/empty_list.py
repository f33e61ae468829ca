"""Loops over nothing."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.references import decided_by
from forethought.planners.checking.rounds import literal_items

__all__ = ["empty_list"]


def empty_list(bound: BoundPlan) -> Iterator[Problem]:
    """A list that is written out for a foreach has items: else the loop has no round."""
    for block in bound.blocks:
        if literal_items(block) == 0:
            yield Problem(
                code="empty-list",
                message="the list is empty: what is in the loop never runs",
                severity=Severity.WARNING,
                place=decided_by(block).value_place or block.node.place,
                step=block.id,
                hint="write the list, or leave the loop out",
            )
