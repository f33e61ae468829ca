"""Limits of loops that are none."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.language.blocks import MAX_ROUNDS
from forethought.planners.language.nodes import ForEach, While

__all__ = ["bad_max"]


def bad_max(bound: BoundPlan) -> Iterator[Problem]:
    """The `max` of a loop is a whole number from 1 to 10,000; a while has one always."""
    for block in bound.blocks:
        node = block.node
        if isinstance(node, ForEach | While) and node.max is not None and not 1 <= node.max <= MAX_ROUNDS:
            yield Problem(
                code="bad-max",
                message=f"'{node.max}' is no limit",
                place=node.max_place or node.place,
                step=block.id,
                hint=f"write a whole number from 1 to {MAX_ROUNDS:,}",
            )
