"""The type of an input is one that there is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forethought.planners.language.nodes import Argument, FunctionName, Input, Plan, Step

Expect = Callable[..., None]


STEP = Step(FunctionName("Text.count"), (Argument("input", "$N"),))


@pytest.mark.parametrize(("written", "meant"), [("int", "integer"), ("str", "string"), ("interger", "integer")])
def test_another_word_for_it_is_suggested(expect_problems: Expect, written: str, meant: str) -> None:
    expect_problems(
        Plan(inputs=(Input("N", "3", written),), steps=(STEP,)),
        f"error: input 'N' has the type '{written}', which is none (did you mean '{meant}'?) [unknown-type]",
    )


def test_a_type_like_no_other_lists_them(expect_problems: Expect) -> None:
    expect_problems(
        Plan(inputs=(Input("N", "3", "blob"),), steps=(STEP,)),
        "error: input 'N' has the type 'blob', which is none (write one of 'any', 'string', 'integer', 'number',"
        " 'boolean', 'array', 'object', 'null', 'date', 'date-time', 'time', 'duration') [unknown-type]",
    )
