"""Branches that never run."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.conditions import Condition
from forethought.planners.language.nodes import ForEach, If, While

__all__ = ["unreachable_branch"]


def unreachable_branch(bound: BoundPlan) -> Iterator[Problem]:
    """A test depends on a variable: else one branch, or the loop, never runs."""
    for block in bound.blocks:
        node, holds = block.node, block.condition.constant if isinstance(block.condition, Condition) else None
        if isinstance(node, ForEach) or holds is None or (holds and isinstance(node, While)):
            continue
        if holds and isinstance(node, If):
            what = "what is in the 'else' never runs" if node.otherwise else "what is in it always runs"
        else:
            what = "what is in it never runs"
        yield Problem(
            code="unreachable-branch",
            message=f"the test always {'holds' if holds else 'fails'}: {what}",
            severity=Severity.WARNING,
            place=node.test_place or node.place,
            step=block.id,
            hint="name a variable in the test, or leave the block out",
        )
