"""A test depends on a variable."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_what_never_runs_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <if test="1 &gt; 2">
          <function.Text.upper input="a"/>
        </if>
        <while test="false" max="2">
          <function.Text.upper input="a"/>
        </while>
        """,
        "2:11: warning: the test always fails: what is in it never runs (name a variable in the test, or"
        " leave the block out) [unreachable-branch]",
        "5:14: warning: the test always fails: what is in it never runs (name a variable in the test, or"
        " leave the block out) [unreachable-branch]",
    )


def test_an_else_that_never_runs_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <if test="true">
          <function.Text.upper input="a"/>
        </if>
        <else>
          <function.Text.upper input="a"/>
        </else>
        """,
        "2:11: warning: the test always holds: what is in the 'else' never runs (name a variable in the"
        " test, or leave the block out) [unreachable-branch]",
    )


def test_a_test_that_always_holds_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <if test="not false">
          <function.Text.upper input="a"/>
        </if>
        """,
        "2:11: warning: the test always holds: what is in it always runs (name a variable in the test, or"
        " leave the block out) [unreachable-branch]",
    )
