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


def test_a_path_in_a_test_leads_into_what_has_such_parts(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.People.find input="a" setContextVariable="ROWS"/>
        <if test="ROWS.length &gt; 0 and ROWS.name == 'a' and ROWS[0].age.years == 3">
          <function.Text.upper input="a"/>
        </if>
        """,
        "3:11: error: 'ROWS.length' leads nowhere: 'ROWS' is an array, which has no fields (write"
        " 'ROWS|length') [impossible-path]",
        "3:34: error: 'ROWS.name' leads nowhere: 'ROWS' is an array, which has no fields (write"
        " 'ROWS[0].name' for the first item) [impossible-path]",
        "3:55: error: 'ROWS[0].age.years' leads nowhere: 'ROWS[0].age' is an integer, which has no fields"
        " [impossible-path]",
    )


def test_text_has_no_fields_in_a_test(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.Text.upper input="a" setContextVariable="NAME"/>
        <while test="NAME.first == 'a'" max="3">
          <function.Text.upper input="a" setContextVariable="NAME"/>
        </while>
        """,
    )


def test_a_list_that_a_foreach_goes_over_is_reached_by_a_path(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.People.find input="a" setContextVariable="ROWS"/>
        <foreach item="TAG" in="$ROWS.tags">
          <function.Text.upper/>
        </foreach>
        """,
        "3:25: error: '$ROWS.tags' leads nowhere: '$ROWS' is an array, which has no fields (write"
        " '$ROWS[0].tags' for the first item) [impossible-path]",
    )


def test_the_item_of_a_loop_has_the_type_of_the_items(expect_problems: Expect) -> None:
    expect_problems(
        """
        <function.People.find input="a" setContextVariable="ROWS"/>
        <foreach item="ROW" in="$ROWS">
          <function.Text.upper input="$ROW.name.first"/>
        </foreach>
        """,
        "4:31: error: '$ROW.name.first' leads nowhere: '$ROW.name' is a string, which has no fields (write"
        " '${ROW.name}.first' if '.first' is text) [impossible-path]",
    )
