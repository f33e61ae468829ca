"""Naming: what a result, an item and a list of results are called."""

from __future__ import annotations

import pytest

from forethought.kernel.functions import FunctionSignature
from forethought.planners.naming import item_name, list_name, result_name


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("Joke", [], "JOKE"),
        ("getEmailAddress", [], "EMAIL_ADDRESS"),
        ("getEmailAddress", ["email_address"], "EMAIL_ADDRESS_2"),
        ("Joke", ["JOKE", "JOKE_2"], "JOKE_3"),
        ("upper-case", [], "UPPER_CASE"),
        ("get", [], "GET"),
        ("HTTPGet2", [], "HTTP_GET_2"),
        ("2nd", [], "RESULT_2_ND"),
        ("翻译", [], "RESULT"),
        ("not", [], "RESULT_NOT"),
    ],
)
def test_a_result_is_named_after_its_function(name: str, known: list[str], expected: str) -> None:
    assert result_name(FunctionSignature(plugin="P", name=name), known) == expected


@pytest.mark.parametrize(
    ("variable", "known", "expected"),
    [
        ("ROWS", [], "ROW"),
        ("rows", ["ROW"], "row_2"),
        ("DATA", [], "DATA_ITEM"),
        ("ADDRESS", [], "ADDRESS_ITEM"),
        ("IFS", [], "IFS_ITEM"),
    ],
)
def test_an_item_is_one_of_its_list(variable: str, known: list[str], expected: str) -> None:
    assert item_name(variable, known) == expected


def test_a_list_of_results_is_named_after_the_item() -> None:
    assert (list_name("ROW", []), list_name("ROW", ["row_results"])) == ("ROW_RESULTS", "ROW_RESULTS_2")
