"""What the page on the language says of tests is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from forethought.planners.checking.conditions import MAX_TEST, MAX_TESTS
from forethought.planners.checking.filters import FILTERS, KINDS
from forethought.planners.checking.rules.too_many_rounds import MAX_NESTED
from forethought.planners.language.blocks import MAX_ROUNDS, MAX_STEPS
from forethought.planners.language.nodes import MAX_DEPTH

PAGE = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")


def _row(first: str) -> str:
    return PAGE.partition(f"\n| {first} | ")[2].partition(" |\n")[0]


@pytest.mark.parametrize(
    ("row", "names"), [("filters", {*FILTERS, "default", "map"}), ("`is`", {*KINDS, "defined", "undefined"})]
)
def test_every_filter_and_kind_of_a_test_is_listed(row: str, names: set[str]) -> None:
    assert re.findall(r"`(\w+)`", _row(row)) == sorted(names)


@pytest.mark.parametrize(
    ("row", "limit"),
    [
        ("steps and blocks", MAX_STEPS),
        ("`max` and rounds of a loop", MAX_ROUNDS),
        ("rounds of all loops of a run together", MAX_NESTED),
        ("a test", MAX_TEST),
        ("all tests together, equal ones once", MAX_TESTS),
        ("elements in each other", MAX_DEPTH),
    ],
)
def test_the_limits_are_those_that_hold(row: str, limit: int) -> None:
    assert _row(row).removesuffix(" characters") == f"{limit:,}"
