"""A foreach goes over a list."""

from __future__ import annotations

from collections.abc import Callable

Expect = Callable[..., None]


def test_a_variable_that_is_no_list_is_told(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="N" type="integer"/>
        <foreach item="ROW" in="$N">
          <function.Text.upper/>
        </foreach>
        """,
        "3:25: error: a foreach goes over a list, and '$N' is an integer [not-a-list]",
    )


def test_neither_is_a_field_nor_nothing(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.People.get name="a" setContextVariable="WHO"/>
        <function.Lists.drop setContextVariable="NOTHING"/>
        <foreach item="ROW" in="$WHO.age" setContextVariable="A">
          <function.Text.upper/>
        </foreach>
        <foreach item="ROW" in="$NOTHING" setContextVariable="B">
          <function.Text.upper/>
        </foreach>
        <function.Text.upper input="$A $B"/>
        """,
        "4:25: error: a foreach goes over a list, and '$WHO.age' is an integer [not-a-list]",
        "7:25: error: a foreach goes over a list, and '$NOTHING' is nothing (null) [not-a-list]",
    )


def test_written_text_is_a_list_where_it_is_json(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in="a, b">
          <function.Text.upper/>
        </foreach>
        """,
        '2:25: error: a foreach goes over a list, and \'a, b\' is none (write JSON: ["a", "b"], or a variable:'
        " $ROWS) [not-a-list]",
    )


def test_an_object_is_no_list(expect_problems: Expect) -> None:
    expect_problems(
        """
        <foreach item="ROW" in='{"a": 1}'>
          <function.Text.upper/>
        </foreach>
        """,
        '2:25: error: a foreach goes over a list, and \'{"a": 1}\' is none (write JSON: ["a", "b"], or a'
        " variable: $ROWS) [not-a-list]",
    )


def test_text_that_only_a_run_brings_may_be_the_json_of_a_list(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="ROWS"/>
        <foreach item="ROW" in="$ROWS">
          <function.Text.upper/>
        </foreach>
        """,
    )


def test_lists_within_objects_and_lists_are_lists(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.People.find input="a" setContextVariable="P"/>
        <foreach item="WHO" in="$P">
          <foreach item="TAG" in="$WHO.tags">
            <function.Text.upper input="$TAG and $P[0].tags"/>
          </foreach>
        </foreach>
        """,
    )
