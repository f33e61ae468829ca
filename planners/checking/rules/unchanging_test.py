"""Loops that their test cannot end."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.problems import Problem, Severity
from forethought.planners.checking.bound import BoundBlock, BoundPlan
from forethought.planners.checking.conditions import Condition
from forethought.planners.checking.naming import listed
from forethought.planners.language.nodes import While

__all__ = ["unchanging_test"]


def unchanging_test(bound: BoundPlan) -> Iterator[Problem]:
    """The body of a while sets a variable of its test: else it runs never, or as often as `max` allows."""
    for block in bound.blocks:
        node, condition = block.node, block.condition
        if not isinstance(node, While) or not node.body or not isinstance(condition, Condition):
            continue
        if not _may_change(block, condition):
            names = listed(dict.fromkeys(each.name for each in condition.names))
            yield Problem(
                code="unchanging-test",
                message=f"nothing in the loop sets {names}: its test never changes"
                if names
                else "the test always holds: the loop ends after its most rounds only",
                severity=Severity.WARNING,
                place=node.test_place or node.place,
                step=block.id,
                hint="set a variable of the test with setContextVariable inside the loop",
            )


def _may_change(block: BoundBlock, condition: Condition) -> bool:
    tested = {each.name.lower() for each in condition.names}
    if not tested:
        return not condition.constant
    return any(each.producer is None for each in block.reads) or any(
        each.gives.how == "variable" and each.gives.name.lower() in tested for each in block.leaves
    )
