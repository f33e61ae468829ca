"""Tests that are none."""

from __future__ import annotations

from collections.abc import Iterator

from forethought.kernel.errors import ConditionError
from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.conditions import UNREAD, Condition, Flaw
from forethought.planners.checking.references import decided_by, text_place

__all__ = ["invalid_test"]


def invalid_test(bound: BoundPlan) -> Iterator[Problem]:
    """A test is an expression that is allowed; one without variables can be worked out."""
    for block in bound.blocks:
        found, argument = block.condition, decided_by(block)
        if isinstance(found, Flaw) and found is not UNREAD:
            words = argument.value[found.offset : found.offset + found.length]
            place = text_place(bound.plan, argument, found.offset, words) or block.node.place
            yield Problem(code="invalid-test", message=found.message, place=place, step=block.id, hint=found.hint)
        elif isinstance(found, Condition) and not found.names:
            try:
                found.holds({})
            except ConditionError as error:
                yield Problem(
                    code="invalid-test",
                    message=f"the test cannot be worked out: {error.reason}",
                    place=argument.value_place or block.node.place,
                    step=block.id,
                    hint=error.hint or None,
                )
