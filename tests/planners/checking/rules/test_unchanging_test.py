"""The body of a while sets a variable of its test."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_a_test_that_nothing_in_the_loop_changes_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="DONE"/>
        <input name="N"/>
        <while test="DONE == 'no' and N != '3' and DONE != N" max="3">
          <function.Text.upper input="$N" setContextVariable="OTHER"/>
        </while>
        """,
        "4:14: warning: nothing in the loop sets 'DONE', 'N': its test never changes (set a variable of the"
        " test with setContextVariable inside the loop) [unchanging-test]",
        "5:55: notice: nobody reads 'OTHER' as this step sets it (write '$OTHER' where it is meant, or leave"
        " setContextVariable out) [unused-variable]",
    )


def test_one_that_always_holds_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <while test="true" max="3">
          <function.Text.upper input="a"/>
        </while>
        """,
        "2:14: warning: the test always holds: the loop ends after its most rounds only (set a variable of"
        " the test with setContextVariable inside the loop) [unchanging-test]",
    )


def test_what_a_block_inside_sets_changes_the_test(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="DONE"/>
        <while test="DONE == 'no'" max="3">
          <if test="DONE == 'x'">
            <function.Text.upper input="a" setContextVariable="done"/>
          </if>
        </while>
        """,
    )


def test_so_does_what_a_loop_inside_collects(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="ROWS" type="array"/>
        <while test="ROWS|length &lt; 3" max="3">
          <foreach item="ROW" in="$ROWS" setContextVariable="ROWS">
            <function.Text.upper/>
          </foreach>
        </while>
        """,
    )
