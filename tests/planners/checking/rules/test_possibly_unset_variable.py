"""What is read is set on every way that leads there."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_what_one_branch_sets_is_not_set_after_it(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N == 'x'">
          <function.Text.upper input="a" setContextVariable="X"/>
        </if>
        <function.Text.upper input="$X"/>
        """,
        "6:29: error: 'X' may not be set here: step 1 does not always set it (set it in both branches, or"
        " before step 1) [possibly-unset-variable]",
    )


def test_what_both_branches_set_is_set(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N == 'x'">
          <function.Text.upper input="a" setContextVariable="X"/>
        </if>
        <else>
          <function.Text.upper input="b" setContextVariable="x"/>
        </else>
        <function.Text.upper input="$X"/>
        """,
    )


def test_what_is_set_before_the_block_is_set(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <function.Text.upper input="a" setContextVariable="X"/>
        <if test="N == 'x'">
          <function.Text.upper input="$X" setContextVariable="X"/>
        </if>
        <function.Text.upper input="$X"/>
        """,
    )


def test_what_the_other_branch_sets_is_not_set(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N == 'x'">
          <function.Text.upper input="a" setContextVariable="X"/>
        </if>
        <else>
          <function.Text.upper input="so $X"/>
        </else>
        """,
        "7:34: error: 'X' is not set here: step 1.1 sets it, in the other branch (set it in this branch,"
        " too, or before the 'if') [possibly-unset-variable]",
    )


def test_what_a_loop_sets_is_not_set_after_it_for_it_may_have_no_round(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="ROWS" type="array"/>
        <foreach item="ROW" in="$ROWS">
          <function.Text.upper input="$ROW" setContextVariable="X"/>
        </foreach>
        <function.Text.upper input="$X"/>
        """,
        "6:29: error: 'X' may not be set here: step 1 does not always set it (an empty list has no round:"
        " set it before step 1, too) [possibly-unset-variable]",
    )


def test_what_a_while_sets_is_not_set_after_it_for_its_test_may_never_hold(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <while test="N == 'x'" max="3">
          <function.Text.upper input="$N" setContextVariable="N"/>
          <function.Text.upper setContextVariable="X"/>
        </while>
        <function.Text.upper input="$X and $X and $N"/>
        """,
        "7:29: error: 'X' may not be set here: step 1 does not always set it (the test may never hold: set"
        " it before step 1, too) [possibly-unset-variable]",
    )


def test_what_a_loop_sets_further_down_is_not_set_in_the_first_round(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="ROWS" type="array"/>
        <foreach item="ROW" in="$ROWS">
          <function.Text.join input="$ROW" other="$LAST"/>
          <function.Text.upper setContextVariable="LAST"/>
        </foreach>
        """,
        "4:43: error: 'LAST' is not set here in the first round of step 1 (set it before step 1)"
        " [possibly-unset-variable]",
    )


def test_a_test_of_a_while_sees_what_was_set_before_it(expect_problems: Expect) -> None:
    expect_problems(
        """
        <while test="X == 'a'" max="3">
          <function.Text.upper input="a" setContextVariable="X"/>
        </while>
        """,
        "2:14: error: 'X' is not set here in the first round of step 1 (set it before step 1)"
        " [possibly-unset-variable]",
    )


def test_a_test_may_ask_whether_a_variable_is_set_and_what_it_guards_may_read_it(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N == 'x'">
          <function.Text.upper input="a" setContextVariable="X"/>
        </if>
        <if test="X is defined and X == 'A'">
          <if test="N == 'x'">
            <function.Text.upper input="$X"/>
          </if>
        </if>
        <else>
          <function.Text.upper input="$X"/>
        </else>
        """,
        "12:31: error: 'X' may not be set here: step 1 does not always set it (set it in both branches, or"
        " before step 1) [possibly-unset-variable]",
    )


def test_a_default_says_what_a_variable_is_that_is_not_set(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N == 'x'">
          <function.Text.upper input="a" setContextVariable="X"/>
        </if>
        <if test="X|default('') == 'A'">
          <function.Text.upper input="a"/>
        </if>
        """,
    )


def test_a_parameter_that_takes_the_variable_of_its_name_needs_it_set(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N == 'x'">
          <function.Text.upper input="a" setContextVariable="OTHER"/>
        </if>
        <function.Text.join input="a"/>
        """,
        "6:1: error: 'OTHER' may not be set here: step 1 does not always set it (set it in both branches, or"
        " before step 1) [possibly-unset-variable]",
    )


def test_what_only_an_inner_branch_sets_is_not_set_after_the_outer_block(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N == 'x'">
          <if test="N == 'y'">
            <function.Text.upper input="a" setContextVariable="X"/>
          </if>
        </if>
        <else>
          <function.Text.upper input="a" setContextVariable="X"/>
        </else>
        <function.Text.upper input="$X"/>
        """,
        "11:29: error: 'X' may not be set here: step 1 does not always set it (set it in both branches, or"
        " before step 1) [possibly-unset-variable]",
    )


def test_where_a_test_that_asks_whether_a_variable_is_missing_does_not_hold_it_is_set(expect_problems: Expect) -> None:
    maybe = '<if test="N == \'x\'"><function.Text.upper input="a" setContextVariable="X"/></if>'
    expect_problems(
        f"""
        <input name="N"/>
        {maybe}
        <if test="X is undefined">
          <function.Text.upper input="b" setContextVariable="X"/>
        </if>
        <function.Text.upper input="$X"/>
        """
    )
    expect_problems(
        f"""
        <input name="N"/>
        {maybe}
        <if test="X is undefined or N == ''">
          <function.Text.upper input="b" appendToResult="R"/>
        </if>
        <else>
          <function.Text.upper input="$X" appendToResult="R2"/>
        </else>
        <if test="X is undefined">
          <function.Text.upper input="$X"/>
        </if>
        """,
        "11:31: error: 'X' may not be set here: step 1 does not always set it (set it in both branches, or"
        " before step 1) [possibly-unset-variable]",
    )
