"""Branches that never run."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.errors import ConditionError
from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundBlock, BoundPlan
from forethought.planners.checking.conditions import Condition
from forethought.planners.language.nodes import If

__all__ = ["unreachable_branch"]


def unreachable_branch(bound: BoundPlan) -> Iterator[Problem]:
    """A test depends on a variable: else one branch, or the loop, never runs."""
    for block in bound.blocks:
        holds = _constant(block)
        node = block.node
        if holds is None or (holds and not isinstance(node, If)):
            continue
        never = "what is in the 'else' never runs" if holds else "what is in it never runs"
        if holds and isinstance(node, If) and not node.otherwise:
            never = "what is in it always runs"
        yield Problem(
            code="unreachable-branch",
            message=f"the test always {'holds' if holds else 'fails'}: {never}",
            severity=Severity.WARNING,
            place=getattr(node, "test_place", None) or node.place,
            step=block.id,
            hint="name a variable in the test, or leave the block out",
        )


def _constant(block: BoundBlock) -> bool | None:
    if not isinstance(block.condition, Condition) or block.condition.names:
        return None
    try:
        return block.condition.holds({})
    except ConditionError:
        return None
