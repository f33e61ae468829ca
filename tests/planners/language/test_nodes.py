"""Plans as values."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forethought.kernel.errors import PlanError
from forethought.planners.language.nodes import MAX_DEPTH, ForEach, FunctionName, If, Node, Plan, Step, While

STEP = Step(FunctionName("Any.thing"))


AROUND: list[Callable[[Node], Node]] = [
    lambda node: If("X", (node,)),
    lambda node: If("X", (STEP,), (node,)),
    lambda node: ForEach("I", "$L", (node,)),
    lambda node: While("X", 2, (STEP, node)),
]


@pytest.mark.parametrize("around", AROUND, ids=["if", "else", "foreach", "while"])
@pytest.mark.parametrize("more", [0, 5_000])
def test_no_plan_is_deeper_than_can_be_read(around: Callable[[Node], Node], more: int) -> None:
    """The plan is one element, so the blocks in it are one fewer."""
    node: Node = STEP
    for _ in range(MAX_DEPTH - 1):
        node = around(node)
    plan = Plan(steps=(node,))
    assert plan == Plan(steps=(node,))
    assert hash(plan) == hash(Plan(steps=(node,)))
    for _ in range(more + 1):
        node = around(node)
    with pytest.raises(PlanError) as caught:
        Plan(steps=(STEP, node))
    assert str(caught.value) == "error: elements stand in each other more than 64 deep [too-deep]"
