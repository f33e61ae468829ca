"""Nothing inside a foreach sets its item."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_a_step_that_sets_the_item_of_its_loop_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in="[1, 2]">
          <function.Text.upper input="$ROW" setContextVariable="row"/>
        </foreach>
        """,
        "3:57: error: 'row' is the item of the loop in step 1, and cannot be set in it (set a variable of"
        " another name) [assigned-item]",
    )


def test_so_is_one_further_inside_and_a_loop(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in="[1, 2]">
          <if test="ROW == 1">
            <foreach item="R" in="[3]" setContextVariable="ROW">
              <function.Text.upper/>
            </foreach>
          </if>
        </foreach>
        """,
        "4:52: error: 'ROW' is the item of the loop in step 1, and cannot be set in it (set a variable of"
        " another name) [assigned-item]",
    )


def test_a_variable_of_that_name_may_be_set_after_the_loop(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in="[1, 2]">
          <function.Text.upper/>
        </foreach>
        <function.Text.upper input="a" setContextVariable="ROW"/>
        <function.Text.upper input="$ROW"/>
        """,
        "3:3: warning: nobody uses the output of 'Text.upper' (set a variable and read it, append it to the"
        " result, or leave the step out) [unused-output]",
    )
