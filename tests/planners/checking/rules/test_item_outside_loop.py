"""The item of a foreach is known inside its loop only."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_an_item_is_not_known_after_its_loop(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in="[1, 2]" setContextVariable="OUT">
          <function.Text.upper/>
        </foreach>
        <function.Text.join input="$row.name" other="$OUT" by="so $ROW"/>
        """,
        "5:28: error: 'row' is the item of step 1, and is not known outside of it (read it inside step 1, or"
        " collect the outputs: setContextVariable on the foreach) [item-outside-loop]",
        "5:59: error: 'ROW' is the item of step 1, and is not known outside of it (read it inside step 1, or"
        " collect the outputs: setContextVariable on the foreach) [item-outside-loop]",
    )


def test_nor_before_it_nor_in_a_test(expect_problems: Expect) -> None:
    expect_problems(
        """
        <if test="ROW == 1">
          <function.Text.upper input="a"/>
        </if>
        <foreach item="ROW" in="[1, 2]">
          <function.Text.upper/>
        </foreach>
        """,
        "2:11: error: 'ROW' is the item of step 2, and is not known outside of it (read it inside step 2, or"
        " collect the outputs: setContextVariable on the foreach) [item-outside-loop]",
        "3:3: warning: nobody uses the output of 'Text.upper' (set a variable and read it, append it to the"
        " result, or leave the step out) [unused-output]",
    )


def test_an_item_is_known_in_blocks_inside_its_loop(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in="[1, 2]">
          <if test="ROW == 1">
            <function.Text.upper input="$ROW"/>
          </if>
        </foreach>
        """,
    )


def test_two_loops_may_name_their_items_alike(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in="[1, 2]" setContextVariable="ROWS">
          <function.Text.upper/>
        </foreach>
        <foreach item="row" in="$ROWS">
          <function.Text.upper/>
        </foreach>
        """,
    )
