"""Telling: a value is one line of JSON without markup; what is long is cut, and says so."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from forethought.planners.telling import told_in_line


@dataclass
class Card:
    name: str


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("plain", '{"x": "plain"}'),
        ("größer 数", '{"x": "größer 数"}'),
        ("a\nb", '{"x": "a\\nb"}'),
        ("<b> & </b>", '{"x": "\\u003cb\\u003e \\u0026 \\u003c/b\\u003e"}'),
        (Card("Ann"), '{"x": {"name": "Ann"}}'),
        ([1, None, True], '{"x": [1, null, true]}'),
        ({"<k>": 1}, '{"x": {"\\u003ck\\u003e": 1}}'),
        ("x" * 502, '{"x": "' + "x" * 500 + '… (2 more characters)"}'),
    ],
)
def test_a_value_is_told_as_it_is(value: object, told: str) -> None:
    assert told_in_line({"x": value}) == told


def test_long_lists_and_dicts_end_early_and_say_how_much_is_left_out() -> None:
    told = json.loads(told_in_line({"list": ["x" * 100] * 10, "dict": {f"key {n}": "x" * 100 for n in range(10)}}))
    assert told["list"][-1] == "… (5 more)"
    assert told["dict"]["…"] == "5 more"
    assert len(told["list"]) == len(told["dict"]) == 6


def test_long_names_of_members_are_cut_like_other_text() -> None:
    told = told_in_line({"x": {"k" * 100_000: {"j" * 100_000: 1}}})
    assert "… (99,500 more characters)" in told
    assert len(told) < 1200
