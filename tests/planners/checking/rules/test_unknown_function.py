"""Every function that a plan calls is registered."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_a_misspelled_function_is_suggested(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.uper input="a"/>',
        "2:11: error: there is no function 'Text.uper' (did you mean 'Text.upper'?) [unknown-function]",
    )


def test_a_function_like_no_other_shows_where_to_look(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Zzz.qqq input="a"/>',
        "2:11: error: there is no function 'Zzz.qqq' (`forethought skills list` shows the functions there are)"
        " [unknown-function]",
    )


def test_nothing_else_is_told_of_a_call_that_nobody_knows(expect_problems: Expect) -> None:
    """Its arguments use variables, its output is of any type, the step before is used."""
    expect_problems(
        """
        <function.Text.upper input="a" setContextVariable="A"/>
        <function.Text.upper input="b"/>
        <function.Text.uper text="$A" setContextVariable="LOWER"/>
        <function.Lists.sum numbers="$LOWER"/>
        """,
        "4:11: error: there is no function 'Text.uper' (did you mean 'Text.upper'?) [unknown-function]",
    )


def test_as_the_first_step_it_may_take_the_input_of_the_plan(expect_problems: Expect) -> None:
    expect_problems(
        '<input name="INPUT"/>\n<function.Text.uper/>',
        "3:11: error: there is no function 'Text.uper' (did you mean 'Text.upper'?) [unknown-function]",
    )


def test_names_ignore_case_and_may_be_written_with_a_dash(expect_problems: Expect) -> None:
    expect_problems('<function.text-COUNT input="a"/>')
