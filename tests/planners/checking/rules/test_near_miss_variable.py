"""A reference inside text that names no variable is not almost the name of one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Expect = Callable[..., None]


def test_a_misspelled_reference_inside_text_is_an_error(expect_problems: Expect) -> None:
    expect_problems(
        '<function.Text.count input="Dear $NICKNAM!"/>',
        "2:34: error: there is no variable 'NICKNAM', but one that is almost named so (did you mean '$NICKNAME'? If it"
        " is text, write '$$NICKNAM') [near-miss-variable]",
        variables=["NICKNAME"],
    )


@pytest.mark.parametrize(("written", "known"), [("NAMES", "NAME"), ("DATA", "DATE"), ("EMAIL_ADRESS", "EMAIL_ADDRESS")])
def test_a_letter_more_or_less_or_another_is_almost_the_same(expect_problems: Expect, written: str, known: str) -> None:
    expect_problems(
        f'<function.Text.count input="x ${written}"/>',
        f"2:31: error: there is no variable '{written}', but one that is almost named so (did you mean '${known}'? If"
        f" it is text, write '$${written}') [near-miss-variable]",
        variables=[known],
    )


@pytest.mark.parametrize(("written", "known"), [("ABC", "A"), ("AB", "ABC"), ("top", "TOPIC"), ("EMAIL", "ADDRESS")])
def test_what_is_not_near_is_text(expect_problems: Expect, written: str, known: str) -> None:
    expect_problems(
        f'<function.Text.count input="x ${written}"/>',
        f"2:31: warning: there is no variable '{written}': '${written}' stays text ('$${written}' says so)"
        " [undefined-variable]",
        variables=[known],
    )


def test_what_it_means_is_used(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="NICKNAME"/>
        <function.Text.count input="Dear ${NICKNAM}"/>
        """,
        "3:34: error: there is no variable 'NICKNAM', but one that is almost named so (did you mean '$NICKNAME'? If it"
        " is text, write '$${NICKNAM}') [near-miss-variable]",
    )


def test_the_text_of_a_list_is_looked_at(expect_problems: Expect) -> None:
    expect_problems(
        """
        <input name="NICKNAME"/>
        <foreach item="ROW" in='["$NICKNAM"]'>
          <function.Text.upper/>
        </foreach>
        """,
        "3:27: error: there is no variable 'NICKNAM', but one that is almost named so (did you mean"
        " '$NICKNAME'? If it is text, write '$$NICKNAM') [near-miss-variable]",
    )
