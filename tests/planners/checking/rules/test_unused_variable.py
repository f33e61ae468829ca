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
