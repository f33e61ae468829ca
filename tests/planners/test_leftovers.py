"""Leftovers: which values of a goal a plan leaves out, or gives too often."""

from __future__ import annotations

import pytest

from forethought.planners.language.parsing import parse
from forethought.planners.leftovers import leftovers


def left(goal: str, *values: str) -> dict[str, int]:
    arguments = "".join(f"<function.A.b x='{value}'/>" for value in values)
    return dict(leftovers(goal, parse(f"<plan>{arguments}</plan>")))


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("Read notes.txt, then old/b2.md.", ["notes.txt", "old/b2.md"]),
        ("Mail bob@example.com the page https://example.org/a?b=c.", ["bob@example.com", "https://example.org/a?b=c"]),
        ("Add 3.5 to 17, and round 2.", ["3.5", "17", "2"]),
        ("What day is 2026-02-28?", ["2026-02-28"]),
        ("Put 'mind the gap' and \"it's 5 pm\" and “so 2” into French", ["mind the gap", "it's 5 pm", "so 2"]),
        ("Find Bob's and Ann's age for room12", []),
        ("1. Read it\n2. say it 3) twice", []),
    ],
)
def test_values_are_quotations_addresses_files_dates_and_numbers(goal: str, expected: list[str]) -> None:
    assert list(left(goal, "nothing")) == expected


def test_a_value_is_given_as_a_whole_or_within_another_one() -> None:
    assert left("Add 17 to 25 and email b@c.de", "17", "the number 25", "$A") == {"b@c.de": 1}


def test_a_value_that_is_given_oftener_than_the_goal_has_it_is_left_over_too() -> None:
    assert left("Multiply 6 by 7", "6", "7", "7", "7") == {"7": 2}
    assert left("Multiply 7 by 7", "7", "7") == {}


def test_a_dollar_in_a_value_is_the_one_in_the_plan() -> None:
    assert left("Say 'for $FIVE'", "for $$FIVE") == {}
