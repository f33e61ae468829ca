"""What a reference or an implicit value brings can become what the parameter takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Expect = Callable[..., None]


def test_an_array_is_no_integer(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.split input="a b" setContextVariable="WORDS"/>
        <function.Text.repeat input="a" times="$WORDS"/>
        """,
        "3:40: error: parameter 'times' takes an integer, and '$WORDS' is an array[string] (one item of it is"
        " '$WORDS[0]') [mismatched-type]",
    )


def test_the_type_at_the_end_of_a_path_counts(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.People.find input="a" setContextVariable="ROWS"/>
        <function.Lists.sum numbers="$ROWS[0].tags"/>
        """
    )
    expect_problems(
        """
        <function.People.find input="a" setContextVariable="ROWS"/>
        <function.Lists.sum numbers="$ROWS[0].age"/>
        """,
        "3:30: error: parameter 'numbers' takes an array[number], and '$ROWS[0].age' is an integer [mismatched-type]",
    )


def test_the_chain_and_a_variable_of_the_parameters_name_are_looked_at(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.count input="a" setContextVariable="ROWS"/>
        <function.Lists.sort order="up"/>
        """,
        "3:1: error: parameter 'rows' takes an array, and '$ROWS' is an integer (write rows=\"…\") [mismatched-type]",
    )


def test_nothing_reads_as_null_where_text_is_taken(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Mail.send to="a" message="b"/>
        <function.Text.count/>
        """,
        "3:1: warning: parameter 'input' takes a string, and the output of step 1 is nothing (null) (write input=\"…\")"
        " [mismatched-type]",
    )


@pytest.mark.parametrize("value", ["text", 3, 2.5, True, [1], {"a": 1}])
def test_text_takes_everything(expect_problems: Expect, value: object) -> None:
    expect_problems('<function.Text.count input="$V"/>', variables={"V": value})


@pytest.mark.parametrize("value", ["3", 3, 3.0, True])
def test_what_may_become_an_integer_is_not_told(expect_problems: Expect, value: object) -> None:
    expect_problems('<function.Text.repeat input="a" times="$V"/>', variables={"V": value})


def test_a_reference_inside_text_is_text(expect_problems: Expect) -> None:
    expect_problems('<function.Lists.sum numbers="[$V]"/>', variables={"V": 1})


def test_what_may_be_null_or_fit_is_not_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Lists.maybe setContextVariable="ROWS"/>
        <function.Text.cut input="a" at="$ROWS"/>
        """
    )


def test_nothing_is_a_value_where_null_is_taken(expect_problems: Expect) -> None:
    expect_problems('<function.Text.cut input="a" at="$V"/>', variables={"V": None})
    expect_problems(
        '<function.Text.repeat input="a" times="$V"/>',
        "2:40: error: parameter 'times' takes an integer, and '$V' is nothing (null) [mismatched-type]",
        variables={"V": None},
    )


def test_a_time_is_no_number(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Clock.now setContextVariable="NOW"/>
        <function.Text.repeat input="a" times="$NOW"/>
        """,
        "3:40: error: parameter 'times' takes an integer, and '$NOW' is a date-time [mismatched-type]",
    )


def test_the_item_of_a_loop_is_what_its_body_begins_with(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.People.find input="a" setContextVariable="ROWS"/>
        <foreach item="ROW" in="$ROWS">
          <function.Lists.sort rows="$ROW" order="up"/>
        </foreach>
        """,
        "4:30: error: parameter 'rows' takes an array, and '$ROW' is an object [mismatched-type]",
    )


def test_what_both_branches_set_to_one_type_has_it(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N"/>
        <if test="N == 'x'">
          <function.Text.count input="a" setContextVariable="X"/>
        </if>
        <else>
          <function.Text.count input="b" setContextVariable="X"/>
        </else>
        <function.Lists.sort rows="$X" order="up"/>
        """,
        "9:28: error: parameter 'rows' takes an array, and '$X' is an integer [mismatched-type]",
    )
