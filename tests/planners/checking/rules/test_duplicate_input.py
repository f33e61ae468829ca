"""Each input is declared once."""

from __future__ import annotations

from collections.abc import Callable

from forethought.planners.language.nodes import Argument, FunctionName, Input, Plan, Step

Expect = Callable[..., None]


def test_the_second_of_one_name_is_told_and_the_first_counts(expect_problems: Expect) -> None:
    step = Step(FunctionName("Text.repeat"), (Argument("input", "a"), Argument("times", "$N")))
    expect_problems(
        Plan(inputs=(Input("N", "3", "integer"), Input("n", "many")), steps=(step,)),
        "error: the input 'n' is declared twice (keep one of them) [duplicate-input]",
    )
