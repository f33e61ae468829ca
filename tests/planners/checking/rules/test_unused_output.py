"""A step that changes nothing is there for its output."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_an_output_that_nobody_takes_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.count input="a"/>
        <function.Text.count input="b"/>
        """,
        "2:1: warning: nobody uses the output of 'Text.count' (set a variable and read it, append it to the result, or"
        " leave the step out) [unused-output]",
    )


def test_who_only_reads_changes_nothing(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Clock.now/>
        <function.Text.count input="b"/>
        """,
        "2:1: warning: nobody uses the output of 'Clock.now' (set a variable and read it, append it to the result, or"
        " leave the step out) [unused-output]",
    )


def test_the_next_step_takes_it_as_its_input(expect_problems: Expect) -> None:
    expect_problems('<function.Text.count input="a"/>\n<function.Text.count/>')


def test_the_result_takes_it(expect_problems: Expect) -> None:
    expect_problems('<function.Text.count input="a" appendToResult="A"/>\n<function.Text.count input="b"/>')


def test_a_step_with_an_effect_is_there_for_that(expect_problems: Expect) -> None:
    expect_problems('<function.Mail.send to="a" message="b"/>\n<function.Text.count input="b"/>')


def test_an_output_at_the_end_of_a_branch_is_used_by_who_takes_the_output_of_the_block(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N == 'x'">
          <function.Text.count input="a"/>
          <function.Text.upper input="a"/>
        </if>
        <else>
          <function.Text.upper input="b"/>
        </else>
        <function.Text.upper/>
        """,
        "4:3: warning: nobody uses the output of 'Text.count' (set a variable and read it, append it to the"
        " result, or leave the step out) [unused-output]",
    )


def test_an_output_of_a_round_is_used_by_the_next_round_and_after_the_loop(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <function.Text.upper input="$N"/>
        <while test="N == 'x'" max="3">
          <function.Text.upper/>
          <function.Text.upper setContextVariable="N"/>
        </while>
        <function.Text.count/>
        """,
    )


def test_the_outputs_of_a_loop_that_nobody_collects_are_unused(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in="[1, 2]">
          <function.Text.upper/>
        </foreach>
        <function.Text.upper input="a"/>
        """,
        "3:3: warning: nobody uses the output of 'Text.upper' (set a variable and read it, append it to the"
        " result, or leave the step out) [unused-output]",
    )


def test_those_of_one_that_ends_the_plan_are_its_value(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in="[1, 2]">
          <function.Text.upper/>
        </foreach>
        """,
    )
