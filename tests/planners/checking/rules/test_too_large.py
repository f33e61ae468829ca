"""A plan has at most 100,000 references, a step 100 arguments, a value 1,000,000 characters."""

from __future__ import annotations

from collections.abc import Callable

from forethought.kernel.registry import SkillRegistry
from forethought.planners.checking.check import check
from forethought.planners.language.nodes import Argument, FunctionName, Plan, Step

Expect = Callable[..., None]


def test_a_step_of_a_hundred_and_one_arguments_is_refused(skills: SkillRegistry) -> None:
    arguments = tuple(Argument(f"a{number}", "") for number in range(101))
    problems = check(Plan(steps=(Step(FunctionName("Clock.now"), arguments),)), skills)
    assert [str(each) for each in problems if each.code == "too-large"] == [
        "error: the step has 101 arguments, and at most 100 are allowed (give several values as one array or object)"
        " [too-large]"
    ]


def test_a_million_characters_are_allowed_and_one_more_is_not(expect_problems: Expect) -> None:
    expect_problems(Plan(steps=(Step(FunctionName("Text.count"), (Argument("input", "x" * 1_000_000),)),)))
    expect_problems(
        Plan(steps=(Step(FunctionName("Text.count"), (Argument("input", "x" * 1_000_001),)),)),
        "error: the value of 'input' has 1,000,001 characters, and at most 1,000,000 are allowed (pass it as an input"
        " when the plan runs) [too-large]",
    )


def test_a_plan_of_more_than_a_hundred_thousand_references_is_refused_for_that_alone(expect_problems: Expect) -> None:
    value = Argument("input", "$A" * 100_000 + "$B")
    expect_problems(
        Plan(steps=(Step(FunctionName("Any.thing"), (value,)),)),
        "error: the plan has 100,001 references, and at most 100,000 are allowed (write '$$' for a dollar sign in text)"
        " [too-large]",
    )
