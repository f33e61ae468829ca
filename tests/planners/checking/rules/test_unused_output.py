"""A step that changes nothing is there for its output."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_an_output_that_nobody_takes_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.count input="a"/>
        <function.Text.count input="b"/>
        """,
        "2:1: warning: nobody uses the output of 'Text.count' (set a variable and read it, append it to the result, or"
        " leave the step out) [unused-output]",
    )


def test_who_only_reads_changes_nothing(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Clock.now/>
        <function.Text.count input="b"/>
        """,
        "2:1: warning: nobody uses the output of 'Clock.now' (set a variable and read it, append it to the result, or"
        " leave the step out) [unused-output]",
    )


def test_the_next_step_takes_it_as_its_input(expect_problems: Expect) -> None:
    expect_problems('<function.Text.count input="a"/>\n<function.Text.count/>')


def test_the_result_takes_it(expect_problems: Expect) -> None:
    expect_problems('<function.Text.count input="a" appendToResult="A"/>\n<function.Text.count input="b"/>')


def test_a_step_with_an_effect_is_there_for_that(expect_problems: Expect) -> None:
    expect_problems('<function.Mail.send to="a" message="b"/>\n<function.Text.count input="b"/>')
