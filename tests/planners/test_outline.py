"""Outlines: what may follow where a plan is drafted."""

from __future__ import annotations

import re

import pytest

from forethought.kernel.functions import PURE, FunctionSignature, Parameter
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import STRING, ValueType
from forethought.planners.outline import Outline

INTEGER = ValueType("integer")


def function(full_name: str, returns: ValueType = STRING) -> FunctionSignature:
    plugin, _, name = full_name.rpartition(".")
    taken = (Parameter("input", STRING),)
    return FunctionSignature(plugin=plugin, name=name, parameters=taken, returns=returns, effect=PURE)


SKILLS = SkillRegistry([function("T.loud"), function("T.split", ValueType("array")), function("T.count", INTEGER)])


def outline(*written: str, most: int = 20) -> Outline:
    found = Outline(SKILLS, ["WORD"], most)
    for each in written:
        assert found.take(each), each
    return found


def readable(found: Outline) -> list[str]:
    """The variables that a text may refer to."""
    rule = re.search(r'^reference ::= "\$" \((.*)\)$', found.grammar(), re.MULTILINE)
    assert rule
    return re.findall(r'"(\w+)"', rule[1])


def tags(found: Outline) -> set[str]:
    """What may follow beside a call."""
    root = found.grammar().splitlines()[0]
    return set(re.findall(r'"<(/?(?:plan|if|else|foreach|while))', root))


LOUD, SPLIT, COUNT = (f'<function.T.{name} input="a"/>' for name in ("loud", "split", "count"))
IF, WHILE, EACH = "<if test=\"WORD == 'a'\">", '<while test="WORD == true" max="3">', '<foreach item="I" in="$WORD">'


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([], {"if", "foreach", "while"}),
        ([LOUD], {"if", "foreach", "while", "/plan"}),
        ([IF], {"if", "foreach", "while"}),
        ([IF, LOUD], {"if", "foreach", "while", "/if"}),
        ([IF, LOUD, "</if>"], {"if", "foreach", "while", "else", "/plan"}),
        ([IF, LOUD, "</if>", "<else>"], {"if", "foreach", "while"}),
        ([IF, LOUD, "</if>", "<else>", COUNT], {"if", "foreach", "while", "/else"}),
        ([IF, LOUD, "</if>", COUNT], {"if", "foreach", "while", "/plan"}),
        ([WHILE, COUNT], {"if", "foreach", "while"}),
        ([WHILE, LOUD.replace("/>", ' setContextVariable="WORD"/>')], {"if", "foreach", "while", "/while"}),
        ([IF, EACH, IF], set[str]()),
        ([IF, EACH, IF, LOUD], {"/if"}),
    ],
)
def test_what_may_follow_is_what_the_language_has_there(written: list[str], expected: set[str]) -> None:
    assert tags(outline(*written)) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([LOUD], ["WORD", "LOUD"]),
        ([IF, LOUD], ["WORD", "LOUD"]),
        ([IF, LOUD, "</if>"], ["WORD"]),
        ([IF, LOUD, "</if>", "<else>"], ["WORD"]),
        (
            [IF, LOUD, "</if>", "<else>", LOUD.replace("/>", ' setContextVariable="LOUD"/>'), "</else>"],
            ["WORD", "LOUD"],
        ),
        ([EACH], ["WORD", "I"]),
        ([EACH, LOUD, "</foreach>"], ["WORD", "I_RESULTS"]),
        ([WHILE, LOUD.replace("/>", ' setContextVariable="WORD"/>'), COUNT, "</while>"], ["WORD"]),
    ],
)
def test_a_variable_is_readable_where_every_way_has_set_it(written: list[str], expected: list[str]) -> None:
    assert readable(outline(*written)) == expected


def test_a_block_is_opened_only_where_a_call_fits_into_it() -> None:
    assert "if" in tags(outline(LOUD, most=3))
    assert tags(outline(LOUD, COUNT, most=3)) == {"/plan"}


def test_only_lists_and_what_may_be_one_are_gone_over() -> None:
    root = outline(SPLIT, COUNT).grammar().splitlines()[0]
    assert re.findall(r'in=\\"\$(\w+)"', root) == ["WORD", "SPLIT"]


def test_a_call_may_set_only_what_a_loop_waits_for_and_what_the_other_branch_sets() -> None:
    def settable(found: Outline) -> set[str]:
        return set(re.findall(r'setContextVariable=\\"" \(([^)]*)\)', found.grammar()))

    assert settable(outline(LOUD)) == set()
    assert settable(outline(WHILE)) == {'"WORD"'}
    assert settable(outline(IF, COUNT, "</if>", "<else>")) == {'"COUNT"'}


@pytest.mark.parametrize("wrong", ["</plan>", "</if>", "<else>", "", LOUD])
def test_what_cannot_follow_ends_the_plan(wrong: str) -> None:
    assert not outline(LOUD).take(wrong)


def test_the_same_call_may_stand_in_both_branches() -> None:
    assert outline(IF, LOUD, "</if>", "<else>", LOUD, "</else>", LOUD).text().count(LOUD[:-2]) == 3
