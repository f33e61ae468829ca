"""Every required parameter has a value."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_a_parameter_that_nothing_gives_a_value_is_missing(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Mail.send to="a@b.c" appendToResult="SENT"/>',
        """2:1: error: 'Mail.send' needs a value for 'message' (write message="…") [missing-parameter]""",
    )


def test_the_first_step_has_no_output_before_it(expect_problems: Expect) -> None:
    expect_problems(
        "<function.Text.count/>",
        """2:1: error: 'Text.count' needs a value for 'input' (write input="…") [missing-parameter]""",
    )


def test_the_input_of_the_plan_is_what_the_first_step_takes(expect_problems: Expect) -> None:
    expect_problems('<input name="INPUT"/>\n<function.Text.count/>')
    expect_problems("<function.Text.count/>", variables=["input"])


def test_a_variable_of_the_parameters_name_gives_the_value(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.join input="a" other="b" setContextVariable="MESSAGE"/>
        <function.Mail.send to="a@b.c" appendToResult="SENT"/>
        """
    )


def test_every_missing_parameter_is_told(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Mail.send appendToResult="SENT"/>',
        """2:1: error: 'Mail.send' needs a value for 'to' (write to="…") [missing-parameter]""",
        """2:1: error: 'Mail.send' needs a value for 'message' (write message="…") [missing-parameter]""",
    )


def test_input_is_missing_where_one_way_leads_to_it_without_an_output(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N == 'x'">
          <function.Text.upper input="a"/>
        </if>
        <function.Text.upper/>
        """,
        "4:3: warning: nobody uses the output of 'Text.upper' (set a variable and read it, append it to the"
        " result, or leave the step out) [unused-output]",
        "6:1: error: 'Text.upper' needs a value for 'input' (write input=\"…\") [missing-parameter]",
    )
