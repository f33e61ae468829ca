"""The name of a variable is an ASCII identifier, and none of the words of a test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forethought.planners.language.nodes import Argument, ForEach, FunctionName, Plan, Step

Expect = Callable[..., None]


@pytest.mark.parametrize("name", ["", "1ST", "A B", "A-B", "邮箱", "$A"])
def test_what_cannot_be_written_after_a_dollar_is_no_name(expect_problems: Expect, name: str) -> None:
    step = Step(FunctionName("Text.count"), (Argument("input", "a"),), sets=name)
    expect_problems(
        Plan(steps=(step,)),
        f"error: a variable cannot be named '{name}' (a name has ASCII letters, digits and underscores, and does not"
        " begin with a digit) [bad-name]",
    )


def test_the_words_of_a_test_are_reserved(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.count input="a" setContextVariable="Not"/>
        <function.Text.count input="$not"/>
        """,
        "2:52: error: a variable cannot be named 'Not' (this word is reserved for tests) [bad-name]",
    )


def test_the_key_of_a_result_is_any_text_but_none(expect_problems: Expect) -> None:
    call = FunctionName("Any.thing")
    expect_problems(Plan(steps=(Step(call, appends="the final answer"),)))
    expect_problems(Plan(steps=(Step(call, appends=" "),)), "error: 'appendToResult' names no key [bad-name]")


def test_the_item_of_a_loop_and_what_collects_its_outputs_are_variables(expect_problems: Expect) -> None:
    loop = ForEach("in", "[1]", (Step(FunctionName("Any.thing")),), sets="a b")
    expect_problems(
        Plan(steps=(loop,)),
        "error: a variable cannot be named 'in' (this word is reserved for tests) [bad-name]",
        "error: a variable cannot be named 'a b' (a name has ASCII letters, digits and underscores, and does not begin"
        " with a digit) [bad-name]",
    )
