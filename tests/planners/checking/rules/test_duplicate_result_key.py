"""Each key of the result is appended to once."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_the_second_of_one_key_names_the_first(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.count input="a" appendToResult="LENGTH"/>
        <function.Text.count input="b" appendToResult="length"/>
        """,
        "3:48: warning: step 1 already appends to 'length': both are joined under it, in order (write another key to"
        " keep them apart) [duplicate-result-key]",
    )


def test_steps_in_the_two_branches_of_an_if_may_share_a_key(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N == 'x'">
          <if test="N == 'y'">
            <function.Text.upper input="a" appendToResult="R"/>
          </if>
        </if>
        <else>
          <function.Text.upper input="b" appendToResult="R"/>
        </else>
        """,
    )


def test_one_after_the_block_may_not(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N == 'x'">
          <function.Text.upper input="a" appendToResult="R"/>
        </if>
        <else>
          <function.Text.upper input="b" appendToResult="R"/>
        </else>
        <function.Text.upper input="c" appendToResult="r"/>
        """,
        "9:48: warning: step 1.1 already appends to 'r': both are joined under it, in order (write another"
        " key to keep them apart) [duplicate-result-key]",
    )


def test_the_rounds_of_a_loop_are_meant_to_share_one(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in="[1, 2]">
          <function.Text.upper appendToResult="R"/>
        </foreach>
        """,
    )
