"""A variable that a step sets is read by a later one."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


WARNING = (
    "2:52: warning: nobody reads 'A' as this step sets it (write '$A' where it is meant, or leave setContextVariable"
    " out) [unused-variable]"
)
NOTICE = WARNING.replace("warning", "notice")


def test_a_variable_that_nobody_reads_is_told_once(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.count input="a" setContextVariable="A"/>\n<function.Text.count input="b"/>',
        WARNING,
    )


def test_one_that_is_set_again_before_it_is_read_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.count input="a" setContextVariable="A"/>
        <function.Text.count input="b" setContextVariable="a"/>
        <function.Text.count input="$A"/>
        """,
        WARNING,
    )


def test_where_the_output_is_used_otherwise_it_is_a_notice(expect_problems: Expect) -> None:
    expect_problems('<function.Text.count input="a" setContextVariable="A"/>\n<function.Text.count/>', NOTICE)
    expect_problems('<function.Text.count input="a" setContextVariable="A"/>', NOTICE)
    expect_problems(
        '<function.Text.count input="a" setContextVariable="A" appendToResult="R"/>\n<function.Text.count input="b"/>',
        NOTICE,
    )


def test_where_the_step_has_an_effect_it_is_a_notice(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Mail.send to="a" message="bbbb" setContextVariable="A"/>\n<function.Text.count input="b"/>',
        NOTICE.replace("2:52", "2:63"),
    )


def test_a_parameter_of_its_name_reads_it(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.count input="a" setContextVariable="OTHER"/>\n<function.Text.join input="b"/>',
    )


def test_a_variable_that_is_read_after_its_block_is_read(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <function.Text.upper input="a" setContextVariable="X"/>
        <if test="N == 'x'">
          <function.Text.upper input="b" setContextVariable="X"/>
        </if>
        <function.Text.upper input="$X"/>
        """,
    )


def test_a_variable_that_both_branches_set_anew_is_not(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <function.Text.upper input="a" setContextVariable="X"/>
        <if test="N == 'x'">
          <function.Text.upper input="b" setContextVariable="X"/>
        </if>
        <else>
          <function.Text.upper input="c" setContextVariable="X"/>
        </else>
        <function.Text.upper input="$X"/>
        """,
        "3:52: warning: nobody reads 'X' as this step sets it (write '$X' where it is meant, or leave"
        " setContextVariable out) [unused-variable]",
    )


def test_a_variable_that_the_next_round_reads_is_read(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.upper input="a" setContextVariable="LAST"/>
        <foreach item="ROW" in="[1, 2]">
          <function.Text.join input="$ROW" other="$LAST" setContextVariable="LAST"/>
        </foreach>
        """,
    )


def test_a_variable_that_a_test_reads_is_read(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.upper input="a" setContextVariable="X"/>
        <if test="x == 'A'">
          <function.Text.upper input="b"/>
        </if>
        """,
    )


def test_a_list_of_outputs_that_nobody_reads_is_told_and_so_is_an_item(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in="[1, 2]" setContextVariable="OUT">
          <function.Mail.send to="a" message="b"/>
        </foreach>
        <function.Text.upper input="a"/>
        """,
        "2:16: warning: nobody in this loop reads its item 'ROW' (write '$ROW' where it is meant) [unused-variable]",
        "2:53: notice: nobody reads 'OUT' as this step sets it (write '$OUT' where it is meant, or leave"
        " setContextVariable out) [unused-variable]",
    )
