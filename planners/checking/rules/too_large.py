"""Plans too large to be meant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from forethought.kernel.problems import Problem
from forethought.planners.checking.bound import BoundPlan
from forethought.planners.checking.conditions import MAX_TESTS, UNREAD
from forethought.planners.checking.references import MAX_REFERENCES, decided_by, has_few_references

__all__ = ["MAX_ARGUMENTS", "MAX_VALUE", "too_large"]

MAX_ARGUMENTS = 100
MAX_VALUE = 1_000_000


def too_large(bound: BoundPlan) -> Iterator[Problem]:
    """A plan has at most 100,000 references, its tests 200,000 characters, a step 100 arguments, a value 1,000,000."""
    if not has_few_references(bound):
        yield _too_many_references(bound)
    if unread := next((block for block in bound.blocks if block.condition is UNREAD), None):
        yield Problem(
            code="too-large",
            message=f"the tests of the plan have more than {MAX_TESTS:,} characters together",
            place=decided_by(unread).value_place or unread.node.place,
            step=unread.id,
            hint="let a step before decide, and test its output",
        )
    written = [step.step.values for step in bound.steps]
    longest = max(map(len, chain.from_iterable(written)), default=0)
    if longest <= MAX_VALUE and max(map(len, written), default=0) <= MAX_ARGUMENTS:
        return
    for step in bound.steps:
        values = step.step.values
        if len(values) > MAX_ARGUMENTS:
            yield Problem(
                code="too-large",
                message=f"the step has {len(values):,} arguments, and at most {MAX_ARGUMENTS} are allowed",
                place=step.step.argument_at(MAX_ARGUMENTS).place or step.step.place,
                step=step.id,
                hint="give several values as one array or object",
            )
        for position, value in enumerate(values):
            if len(value) > MAX_VALUE:
                argument = step.step.argument_at(position)
                yield Problem(
                    code="too-large",
                    message=f"the value of '{argument.name}' has {len(value):,} characters, "
                    f"and at most {MAX_VALUE:,} are allowed",
                    place=argument.value_place or argument.place or step.step.place,
                    step=step.id,
                    hint="pass it as an input when the plan runs",
                )


def _too_many_references(bound: BoundPlan) -> Problem:
    count = len(bound.references) + sum(len(each.reads) for each in bound.blocks)
    if len(bound.references) > MAX_REFERENCES:
        step, expression, _ = bound.references[MAX_REFERENCES]
        id_, place = step.id, expression.argument.value_place or step.step.place
    else:
        id_, place = bound.blocks[-1].id, bound.blocks[-1].node.place
    return Problem(
        code="too-large",
        message=f"the plan has {count:,} references, and at most {MAX_REFERENCES:,} are allowed",
        place=place,
        step=id_,
        hint="write '$$' for a dollar sign in text",
    )
