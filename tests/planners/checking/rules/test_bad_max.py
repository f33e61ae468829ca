"""The `max` of a loop is a whole number from 1 to 10,000."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forethought.planners.language.nodes import Argument, ForEach, FunctionName, Plan, Step, While

Expect = Callable[..., None]

STEP = Step(FunctionName("Text.upper"), (Argument("input", "$ROW"),), sets="ROW")


@pytest.mark.parametrize("most", [0, -1, 10_001])
def test_a_limit_that_is_none_is_told(expect_problems: Expect, most: int) -> None:
    expect_problems(
        Plan(steps=(While("ROW == 'a'", most, (STEP,)),)),
        f"error: '{most}' is no limit (write a whole number from 1 to 10,000) [bad-max]",
        variables=["ROW"],
    )


@pytest.mark.parametrize("most", [1, 10_000])
def test_both_ends_are_limits(expect_problems: Expect, most: int) -> None:
    expect_problems(Plan(steps=(While("ROW == 'a'", most, (STEP,)),)), variables=["ROW"])


def test_a_foreach_needs_none(expect_problems: Expect) -> None:
    step = Step(FunctionName("Text.upper"))
    expect_problems(Plan(steps=(ForEach("ROW", "[1]", (step,)),)))
    expect_problems(
        Plan(steps=(ForEach("ROW", "[]", (step,), max=0),)),
        "warning: the list is empty: what is in the loop never runs (write the list, or leave the loop out)"
        " [empty-list]",
        "error: '0' is no limit (write a whole number from 1 to 10,000) [bad-max]",
    )
