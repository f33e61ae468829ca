"""A declared input is read by a step."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_an_input_that_nobody_reads_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="NAME">Ann</input>
        <function.Text.count input="a"/>
        """,
        "2:1: warning: nobody reads the input 'NAME' (write '$NAME' where it is meant, or leave the input out)"
        " [unused-input]",
    )


def test_a_reference_a_parameter_of_its_name_and_the_first_step_read_it(expect_problems: Expect) -> None:
    expect_problems('<input name="NAME"/>\n<function.Text.count input="$name"/>')
    expect_problems('<input name="OTHER"/>\n<function.Text.join input="a"/>')
    expect_problems('<input name="INPUT"/>\n<function.Text.count/>')


def test_an_input_that_a_test_or_a_list_reads_is_read(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <input name="ROWS" type="array"/>
        <if test="n == 'x'">
          <foreach item="ROW" in="$ROWS">
            <function.Text.upper/>
          </foreach>
        </if>
        """,
    )


def test_in_a_test_that_cannot_be_read_every_word_may_be_an_input(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N ===== 'x'">
          <function.Text.upper input="a"/>
        </if>
        """,
        "3:15: error: the test cannot be read at '=' (write '==') [invalid-test]",
    )
