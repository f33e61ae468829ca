"""Goals: their parts, and the functions that take the values in them."""

from __future__ import annotations

import pytest

from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.values import ValueType
from forethought.planners.choosing.goals import Takers, clauses


@pytest.mark.parametrize(
    ("goal", "parts"),
    [
        ("Tell a joke, translate it; then mail it to Ada!", ["Tell a joke", "mail it to Ada"]),
        ("Find the sandwich bar and thence home", ["Find the sandwich bar", "thence home"]),
        ("Read notes.txt at 5:30", ["Read notes.txt at 5:30"]),
        ("翻译这段文字。然后发给小王", ["翻译这段文字", "然后发给小王"]),
        ("Hello", ["Hello"]),
        ("", [""]),
    ],
)
def test_a_goal_falls_into_parts_where_it_pauses(goal: str, parts: list[str]) -> None:
    assert clauses(goal) == parts


def test_a_goal_of_many_parts_has_the_first_thirty_two() -> None:
    assert len(clauses("send a mail. " * 1_000)) == 32


def function(name: str, *parameters: str, kind: ValueType | None = None) -> FunctionSignature:
    return FunctionSignature(
        plugin="P", name=name, parameters=tuple(Parameter(p, kind or ValueType()) for p in parameters)
    )


FUNCTIONS = [
    function("fetch", "page_url"),
    function("mail", "email", "body"),
    function("look", "day"),
    function("ring", "when", kind=ValueType("date-time")),
    function("open", "filePath"),
    function("joke", "subject"),
]


@pytest.mark.parametrize(
    ("goal", "taking"),
    [
        ("What does https://example.org/a.html say?", ["fetch"]),
        ("Summarise www.example.com", ["fetch"]),
        ("Summarise example.com/today", ["fetch"]),
        ("Write to ada@example.com", ["mail"]),
        ("What is on 2026-05-01?", ["look", "ring"]),
        ("What is on May 24th?", ["look", "ring"]),
        ("Wake me at 07:30", ["ring"]),
        ("Read notes.txt", ["open"]),
        ("Read notes.txt and mail it to ada@example.com", ["mail", "open"]),
        ("Tell a joke", []),
    ],
)
def test_a_value_in_a_goal_points_at_what_takes_it(goal: str, taking: list[str]) -> None:
    found = sorted(Takers(FUNCTIONS).of(goal))
    assert [FUNCTIONS[number].name for number in found] == taking
