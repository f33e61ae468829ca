"""A step gives each argument once."""

from __future__ import annotations

from collections.abc import Callable

from forethought.planners.language.nodes import Argument, FunctionName, Plan, Step

Expect = Callable[..., None]


def test_the_second_of_one_name_is_told_and_the_first_counts(expect_problems: Expect) -> None:
    """The reader of texts says so with a place; a plan that is built may have it too."""
    arguments = Argument("input", "a"), Argument("times", "3"), Argument("Times", "no number")
    expect_problems(
        Plan(steps=(Step(FunctionName("Text.repeat"), arguments),)),
        "error: the argument 'Times' is given twice (keep one of them) [duplicate-argument]",
    )
