"""A plan has a value."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


HINT = '(write appendToResult="RESULT" on the step whose output is the result) [no-result]'


def test_a_last_step_that_returns_nothing_gives_no_value(expect_problems: Expect) -> None:
    expect_problems(
        "<function.Lists.drop/>",
        f"2:1: warning: the plan has no value, for its last step 'Lists.drop' returns nothing {HINT}",
    )


def test_one_that_has_an_effect_may_be_there_for_that(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Mail.send to="a" message="b"/>',
        f"2:1: notice: the plan has no value, for its last step 'Mail.send' returns nothing {HINT}",
    )


def test_what_is_appended_is_the_value(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.count input="a" appendToResult="LENGTH"/>\n<function.Mail.send to="a" message="b"/>'
    )
