"""A written list has no more items than allowed, and loops in each other do not multiply without end."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_a_written_list_that_is_longer_than_max_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in="[1, 2, 3]" max="2">
          <function.Text.upper/>
        </foreach>
        """,
        "2:41: error: the list has 3 items, and at most 2 are allowed (raise max, or shorten the list)"
        " [too-many-rounds]",
    )


def test_loops_in_each_other_multiply(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="ROWS" type="array"/>
        <foreach item="A" in="$ROWS" max="1000">
          <if test="A == 1">
            <function.Text.upper input="$A"/>
          </if>
          <else>
            <foreach item="B" in="$A" max="101">
              <foreach item="C" in="[1, 2]">
                <function.Text.upper input="$B $C"/>
              </foreach>
            </foreach>
          </else>
        </foreach>
        """,
        "8:36: warning: with the loops around it this loop may have 101,000 rounds (lower max: more than"
        " 100,000 are seldom meant) [too-many-rounds]",
    )


def test_loops_after_each_other_do_not(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="A" in="[1]" max="10000" setContextVariable="X">
          <function.Text.upper/>
        </foreach>
        <foreach item="B" in="$X" max="10000">
          <function.Text.upper/>
        </foreach>
        """,
    )
