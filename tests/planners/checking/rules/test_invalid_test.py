"""A test is an expression that is allowed."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_the_place_is_where_the_test_goes_wrong(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N &lt; 3 &amp;&amp; N &gt; 1">
          <function.Text.upper input="a"/>
        </if>
        """,
        "3:20: error: the test cannot be read at '&' (write 'and') [invalid-test]",
    )


def test_what_no_test_may_say_is_told_with_the_way_out(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="NAME"/>
        <while test="NAME.upper() == 'A'" max="3">
          <function.Text.upper input="a" setContextVariable="NAME"/>
        </while>
        """,
        "3:18: error: a test calls nothing (write 'NAME|upper') [invalid-test]",
    )


def test_a_test_without_variables_that_cannot_be_worked_out_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <if test="1 / 0 == 1">
          <function.Text.upper input="a"/>
        </if>
        """,
        "2:11: error: the test cannot be worked out: '/' divides by zero [invalid-test]",
    )


def test_a_text_is_no_test(expect_problems: Expect) -> None:
    expect_problems(
        """
        <if test="'a'">
          <function.Text.upper input="a"/>
        </if>
        """,
        "2:11: error: the test cannot be worked out: the text 'a' is neither true nor false (compare it:"
        " NAME == 'done', or NAME|length > 0) [invalid-test]",
    )
