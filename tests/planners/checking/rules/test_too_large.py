"""A plan has at most 100,000 references, its tests 200,000 characters, a step 100 arguments, a value 1,000,000."""

from __future__ import annotations

from collections.abc import Callable

from forethought.kernel.registry import SkillRegistry
from forethought.planners.checking.check import check
from forethought.planners.language.nodes import Argument, FunctionName, If, Plan, Step

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


def test_of_tests_that_are_too_long_together_the_first_that_is_too_much_is_told(expect_problems: Expect) -> None:
    """Equal tests count once."""
    tests = [f"N == '{number:03}{'x' * 1_990}'" for number in range(100)]
    blocks = [If(test, (Step(FunctionName("Any.thing")),)) for test in [*tests, *tests]]
    expect_problems(Plan(steps=tuple(blocks)), variables=["N"])
    more = [If("N == ''", blocks[0].then), If("N != ''", blocks[0].then)]
    expect_problems(
        Plan(steps=(*blocks, *more)),
        "error: the tests of the plan have more than 200,000 characters together (let a step before decide, and test"
        " its output) [too-large]",
        variables=["N"],
    )
