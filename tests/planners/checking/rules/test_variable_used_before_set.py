"""A variable is read only after a step has set it."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_the_step_that_sets_it_later_is_named(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.join input="Hi $NAME" other="b" setContextVariable="A"/>
        <function.Text.join input="$A" other="c" setContextVariable="NAME"/>
        """,
        "2:31: error: 'NAME' is read before step 2 sets it (put step 2 before step 1) [variable-used-before-set]",
    )


def test_a_step_does_not_read_what_it_sets_itself(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.count input="$N" setContextVariable="N"/>',
        "2:29: error: 'N' is read before this very step sets it [variable-used-before-set]",
    )


def test_what_was_set_before_and_is_set_again_is_known(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <function.Text.count input="$N" setContextVariable="N"/>
        <function.Text.count input="$n"/>
        """
    )


def test_a_block_that_reads_what_is_set_later_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <if test="X == 'a'">
          <function.Text.upper input="$X"/>
        </if>
        <foreach item="ROW" in="$Y">
          <function.Text.upper/>
        </foreach>
        <function.Text.upper input="a" setContextVariable="X"/>
        <function.Text.split input="$X" setContextVariable="Y"/>
        <function.Lists.sort rows="$Y" order="up"/>
        """,
        "2:11: error: 'X' is read before step 3 sets it (put step 3 before step 1) [variable-used-before-set]",
        "3:3: warning: nobody uses the output of 'Text.upper' (set a variable and read it, append it to the"
        " result, or leave the step out) [unused-output]",
        "3:31: error: 'X' is read before step 3 sets it (set it before step 1.1) [variable-used-before-set]",
        "5:25: error: 'Y' is read before step 4 sets it (put step 4 before step 2) [variable-used-before-set]",
        "6:3: warning: nobody uses the output of 'Text.upper' (set a variable and read it, append it to the"
        " result, or leave the step out) [unused-output]",
    )


def test_what_a_later_block_sets_is_told_as_well(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.upper input="$X"/>
        <foreach item="ROW" in="[1, 2]" setContextVariable="X">
          <function.Text.upper/>
        </foreach>
        """,
        "2:1: warning: nobody uses the output of 'Text.upper' (set a variable and read it, append it to the"
        " result, or leave the step out) [unused-output]",
        "2:29: error: 'X' is read before step 2 sets it (put step 2 before step 1) [variable-used-before-set]",
    )
