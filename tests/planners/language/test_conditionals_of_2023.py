"""What Semantic Kernel's `<if>` and `<while>` of 2023 had to do, with the tests written as expressions."""

from __future__ import annotations

import pytest

from forethought.kernel.problems import Place
from forethought.planners.language.nodes import FunctionName, If, Node, Step, While
from forethought.planners.language.parsing import parse, read

A, B, C, D = (f"<function.S.{name}/>" for name in "abcd")
a, b, c, d = (Step(FunctionName(f"S.{name}")) for name in "abcd")


def nodes(inside: str) -> tuple[Node, ...]:
    return parse(f"<plan>{inside}</plan>").steps


GOAL = '<plan goal="Weekly digest">'
START = "<function.Mail.Fetch setContextVariable='MAIL'/>"
fetch = Step(FunctionName("Mail.Fetch"), (), "MAIL")


def test_an_if_alone() -> None:
    assert nodes(f"{START}<if test='MAIL | length > 0'>{A}{B}</if>") == (fetch, If("MAIL | length > 0", (a, b)))


def test_an_if_with_an_else_then_more_steps() -> None:
    assert nodes(f"<if test='TIME == 1'>{A}</if><else>{B}</else>{C}") == (If("TIME == 1", (a,), (b,)), c)


def test_an_if_in_either_branch_of_an_if() -> None:
    one, other = f"<if test='y'>{A}</if><else>{B}</else>", f"<if test='z'>{C}</if>{D}"
    assert nodes(f"<if test='x'>{one}</if><else>{other}</else>") == (
        If("x", (If("y", (a,), (b,)),), (If("z", (c,)), d)),
    )


def test_ifs_one_after_the_other() -> None:
    assert nodes(f"<if test='x'>{A}</if><if test='y'>{B}</if><else>{C}</else>") == (
        If("x", (a,)),
        If("y", (b,), (c,)),
    )


def test_a_while_in_a_while() -> None:
    assert nodes(f"<while test='x' max='3'><while test='y' max='2'>{A}</while>{B}</while>") == (
        While("x", 3, (While("y", 2, (a,)), b)),
    )


def test_a_while_with_an_else_if_in_it() -> None:
    chain = f"<if test='x'>{A}</if><else><if test='y'>{B}</if><else>{C}</else></else>"
    assert nodes(f"<while test='w' max='9'>{chain}{D}</while>{A}") == (
        While("w", 9, (If("x", (a,), (If("y", (b,), (c,)),)), d)),
        a,
    )


def test_a_while_in_a_branch_and_an_if_after_it() -> None:
    assert nodes(f"<if test='x'><while test='y' max='2'>{A}</while></if><else>{B}</else><if test='z'>{C}</if>") == (
        If("x", (While("y", 2, (a,)),), (b,)),
        If("z", (c,)),
    )


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (f"<if>{A}</if>", [("missing-attribute", Place(2, 1, 3))]),
        (f"<if foo='x'>{A}</if>", [("missing-attribute", Place(2, 1, 3)), ("unknown-attribute", Place(2, 5, 3))]),
        ("<if test='x'/>", [("empty-block", Place(2, 1, 3))]),
        (f"<else>{A}</else><if test='x'>{B}</if>", [("misplaced-else", Place(2, 1, 5))]),
        (f"<if test='x'>{A}</if><else></else>", [("empty-block", Place(2, 34, 5))]),
        (f"<while max='1'>{A}</while>", [("missing-attribute", Place(2, 1, 6))]),
        ("<while test='x' max='1'/>", [("empty-block", Place(2, 1, 6))]),
        (f"<while test='x' max='1'>{A}</while><else>{B}</else>", [("misplaced-else", Place(2, 48, 5))]),
        (f"<if test='x'>{A}</while>", [("stray-end-tag", Place(2, 29, 8)), ("unclosed-element", Place(2, 1, 3))]),
    ],
)
def test_malformed_ones_are_refused_at_their_place(inside: str, expected: list[tuple[str, Place]]) -> None:
    reading = read(f"{GOAL}\n{inside}</plan>")
    assert reading.plan is None
    assert sorted((problem.code, problem.place) for problem in reading.problems) == expected
