"""Branching: what a test may ask of each type."""

from __future__ import annotations

import random
import re

import pytest

from forethought.kernel.values import ANY, STRING, ValueType
from forethought.planners.branching import may_be_list, openings
from forethought.planners.grammar import COMMON_RULES

from .test_grammar import Sampler


def clauses(kind: ValueType) -> set[str]:
    """What is asked of a variable X, with `0` for a number and `'…'` for a text."""
    _, rules = openings({"X": kind}, items={}, changing=[])
    if "clause" not in rules:
        return set()
    common = {name: body for name, body in {**COMMON_RULES, **rules}.items() if name not in ("also", "rounds")}
    grammar = "".join(f"{name} ::= {body}\n" for name, body in {"root": "clause", **common}.items())
    sampler, chance = Sampler(grammar), random.Random(3)
    found = (sampler.write(chance).removeprefix("not ") for _ in range(600))
    orders = (re.sub(r"(==|!=|&lt;=?|>=?) (?=-?\d)", "> ", each) for each in found)
    plain = (re.sub(r"(not in|in)(?= )", "in", re.sub(r"'[^']*'", "'…'", each)) for each in orders)
    return {re.sub(r"(?<![\w'(])-?\d[\d.]*", "0", each).replace("!=", "==") for each in plain}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ValueType("integer"), {"X > 0"}),
        (ValueType("boolean"), {"X", "X == true", "X == false"}),
        (ValueType("array"), {"X|length > 0", "'…' in X", "0 in X"}),
        (ValueType("object"), {"X|length > 0", "'…' in X"}),
        (ValueType("string", choices=("a", "b'c", 3)), {"X == '…'", "X > 0"}),
        (ValueType("integer", nullable=True), {"X > 0", "X|float(0) > 0", "X is none", "X is not none"}),
        (ValueType("duration"), {"X == '…'"}),
        (ValueType("null"), set[str]()),
    ],
)
def test_a_test_asks_what_the_type_has(kind: ValueType, expected: set[str]) -> None:
    assert clauses(kind) == expected


def test_text_is_compared_looked_into_measured_and_read() -> None:
    found = {re.sub(r"\[.*\]", "[…]", each) for each in clauses(STRING)}
    assert found == {
        *("X == '…'", "X == true", "X == false", "X in […]", "'…' in X"),
        *("X|lower == '…'", "'…' in X|lower", "X|length > 0", "X|float(0) > 0"),
    }


def test_a_loop_does_not_wait_for_the_size_of_what_is_not_known() -> None:
    """What sets it may have none."""
    _, rules = openings({"X": ANY}, items={}, changing=["X"])
    assert ["length" in rules[each] for each in ("clause", "steady", "changing")] == [True, False, False]


def test_without_variables_no_block_is_opened() -> None:
    assert openings({}, items={}, changing=[])[0] == []


def test_text_may_be_a_list_but_no_choice_is_one() -> None:
    kinds = (ANY, STRING, ValueType("array"), ValueType("integer"), ValueType("string", choices=("a",)))
    assert [may_be_list(each) for each in kinds] == [True, True, True, False, False]
