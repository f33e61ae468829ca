"""A plan has at most 10,000 steps, and each block counts as one."""

from __future__ import annotations

from collections.abc import Callable

from forethought.planners.language.nodes import FunctionName, If, Plan, Step

Expect = Callable[..., None]


def test_ten_thousand_are_allowed_and_one_more_is_not(expect_problems: Expect) -> None:
    step = Step(FunctionName("Any.thing"))
    expect_problems(Plan(steps=(step,) * 10_000))
    expect_problems(
        Plan(steps=(step,) * 10_001),
        "error: the plan has 10,001 steps, and 10,000 are the most that is allowed (divide it into several plans)"
        " [too-many-steps]",
    )


def test_blocks_and_what_is_in_them_count(expect_problems: Expect) -> None:
    block = If("N == 'a'", (Step(FunctionName("Any.thing")),))
    expect_problems(Plan(steps=(block,) * 5_000), variables=["N"])
    expect_problems(
        Plan(steps=(block,) * 5_001),
        "error: the plan has 10,002 steps, and 10,000 are the most that is allowed (divide it into several plans)"
        " [too-many-steps]",
        variables=["N"],
    )
