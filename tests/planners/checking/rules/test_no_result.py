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


def test_where_the_branches_of_the_last_block_return_nothing_the_plan_has_no_value(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N == 'x'">
          <function.Lists.drop/>
        </if>
        <else>
          <function.Lists.drop/>
        </else>
        """,
        "7:3: warning: the plan has no value, for its last step 'Lists.drop' returns nothing (write"
        ' appendToResult="RESULT" on the step whose output is the result) [no-result]',
    )


def test_where_one_of_them_returns_something_it_may_have_one(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N == 'x'">
          <function.Lists.drop/>
        </if>
        <else>
          <function.Text.upper input="a"/>
        </else>
        """,
    )
