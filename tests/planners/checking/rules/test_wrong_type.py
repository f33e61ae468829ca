"""A literal fits the type of what it is given to."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_text_that_is_no_integer_is_told_where_it_stands(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.repeat input="a" times="three"/>',
        "2:40: error: parameter 'times' takes an integer, not 'three' (input should be a valid integer, unable to parse"
        " string as an integer) [wrong-type]",
    )


def test_text_that_is_no_json_is_no_array(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Lists.sum numbers="1, 2"/>',
        "2:30: error: parameter 'numbers' takes an array[number], not '1, 2' (it is not JSON (Extra data: line 1 column"
        " 2 (char 1))) [wrong-type]",
    )


def test_the_items_of_an_array_are_looked_at(expect_problems: Expect) -> None:
    expect_problems('<function.Lists.sum numbers="[1, 2.5]"/>')
    expect_problems(
        """<function.Lists.sum numbers='[1, "b"]'/>""",
        """2:30: error: parameter 'numbers' takes an array[number], not '[1, "b"]' (1: input should be a valid"""
        " number, unable to parse string as a number) [wrong-type]",
    )


def test_a_date_is_a_day_that_exists(expect_problems: Expect) -> None:
    expect_problems('<function.Clock.day day="2026-02-28"/>')
    expect_problems(
        '<function.Clock.day day="2026-02-30"/>',
        "2:26: error: parameter 'day' takes a date, not '2026-02-30' (input should be a valid date or datetime, day"
        " value is outside expected range) [wrong-type]",
    )


def test_a_choice_is_one_of_those_allowed(expect_problems: Expect) -> None:
    expect_problems('<function.Lists.sort rows="[]" order="up"/>')
    expect_problems(
        '<function.Lists.sort rows="[]" order="sideways"/>',
        "2:39: error: parameter 'order' does not allow 'sideways' (it must be one of up, down) [wrong-type]",
    )


def test_text_takes_any_literal_and_what_contains_a_reference_is_not_looked_at(expect_problems: Expect) -> None:
    expect_problems('<function.Text.repeat input="[1]" times="$N"/>', variables={"N": "three"})
    expect_problems('<function.Text.repeat input="[1]" times="1$N"/>', variables={"N": "x"})


def test_what_only_code_can_say_is_looked_at(expect_problems: Expect) -> None:
    expect_problems('<function.Any.number of="2.5"/>')
    expect_problems(
        '<function.Any.number of="two"/>',
        "2:26: error: parameter 'of' does not take 'two' (int: input should be a valid integer, unable to parse string"
        " as an integer) [wrong-type]",
    )


def test_two_dollars_are_one_in_a_literal(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.repeat input="a" times="$$5"/>',
        "2:40: error: parameter 'times' takes an integer, not '$5' (input should be a valid integer, unable to parse"
        " string as an integer) [wrong-type]",
    )


def test_the_default_of_an_input_fits_its_declared_type(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N" type="integer">many</input>
        <function.Text.repeat input="a" times="$N"/>
        """,
        "2:32: error: input 'N' takes an integer, not 'many' (input should be a valid integer, unable to parse string"
        " as an integer) [wrong-type]",
    )


def test_an_empty_value_is_a_value(expect_problems: Expect) -> None:
    expect_problems('<function.Text.count input=""/>')
    expect_problems(
        '<function.Text.repeat input="a" times=""/>',
        "2:40: error: parameter 'times' takes an integer, not '' (input should be a valid integer, unable to parse"
        " string as an integer) [wrong-type]",
    )
