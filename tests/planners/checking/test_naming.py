"""Names: which one is meant, and how a sentence shows them."""

from __future__ import annotations

import pytest

from forethought.planners.checking.naming import article, is_name, listed, nearest


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("NICKNAM", ["EMAIL", "NICKNAME"], "NICKNAME"),
        ("nickname", ["NICKNAME"], "NICKNAME"),
        ("DATA", ["DATE"], "DATE"),
        ("ROW", ["RAW", "ROWS"], "ROWS"),
        ("ABC", ["AB", "A"], None),
        ("AB", ["ABC"], None),
        ("SUBJECT", ["MESSAGE"], None),
        ("X", [], None),
    ],
)
def test_the_nearest_name_is_almost_spelled_so(name: str, known: list[str], expected: str | None) -> None:
    assert nearest(name, known) == expected


@pytest.mark.parametrize(("text", "expected"), [("A_1", True), ("_", True), ("1A", False), ("é", False), ("", False)])
def test_a_name_is_an_ascii_identifier(text: str, expected: bool) -> None:
    assert is_name(text) is expected


def test_a_sentence_lists_names_in_quotes_and_no_more_than_it_should() -> None:
    assert listed(["a", "b"]) == "'a', 'b'"
    assert listed(["a", "b", "c"], 2) == "'a', 'b', …"
    assert listed([]) == ""


def test_a_noun_has_its_article() -> None:
    assert [article("integer"), article("string")] == ["an integer", "a string"]
