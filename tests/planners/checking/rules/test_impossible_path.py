"""A path leads into what has such parts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Expect = Callable[..., None]


def test_an_integer_has_no_fields(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.count input="Total: $N.field"/>',
        "2:36: error: '$N.field' leads nowhere: '$N' is an integer, which has no fields (write '${N}.field' if '.field'"
        " is text) [impossible-path]",
        variables={"N": 3},
    )


def test_the_rows_of_an_array_are_reached_by_their_number(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.People.find input="a" setContextVariable="ROWS"/>
        <function.Text.count input="$ROWS.name"/>
        """,
        "3:29: error: '$ROWS.name' leads nowhere: '$ROWS' is an array, which has no fields (write '$ROWS[0].name' for"
        " the first item) [impossible-path]",
    )


def test_a_path_may_end_too_late(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.People.get name="a" setContextVariable="WHO"/>
        <function.Text.count input="Dear $WHO.name.Thanks"/>
        """,
        "3:34: error: '$WHO.name.Thanks' leads nowhere: '$WHO.name' is a string, which has no fields (write"
        " '${WHO.name}.Thanks' if '.Thanks' is text) [impossible-path]",
    )


def test_an_object_has_no_items(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.count input="$V[0]"/>',
        "2:29: error: '$V[0]' leads nowhere: '$V' is an object, which has no items (write '${V}[0]' if '[0]' is text)"
        " [impossible-path]",
        variables={"V": {}},
    )


def test_a_bare_path_after_text_is_text_where_there_is_more(expect_problems: Expect) -> None:
    expect_problems('<function.Text.count input="Dear $NAME.Thanks"/>', variables={"NAME": "Ann"})


@pytest.mark.parametrize("value", ["$NAME.first", "Dear ${NAME.first}"])
def test_text_has_no_fields(expect_problems: Expect, value: str) -> None:
    reference = value.removeprefix("Dear ")
    expect_problems(
        f'<function.Text.count input="{value}"/>',
        f"2:{29 + value.index('$')}: error: '{reference}' leads nowhere: '$NAME' is a string, which has no fields"
        " (write '${NAME}.first' if '.first' is text) [impossible-path]",
        variables={"NAME": "Ann"},
    )


def test_nothing_is_told_where_the_type_is_not_known(expect_problems: Expect) -> None:
    expect_problems('<function.Text.count input="$V.a[0].b"/>', variables=["V"])
