"""The quick way of a long plan: what goes it, what does not, and that places come when they are asked for."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import pytest

from forethought.kernel.problems import Place
from forethought.planners.language.nodes import Argument, ForEach, FunctionName, If, Input, Plan, Step, While
from forethought.planners.language.parsing import LONG, parse, read
from forethought.planners.language.trees import read_tree

PLAN = """\
<?xml version="1.0" encoding="utf-8"?>
<!-- before -->
<plan goal="1 &lt; 2">
  <input name="INPUT" type="integer" description="a&#10;b">3</input>
  <!-- why -->
  <function.A.b x="&#9;" SetContextVariable="V"
      y='"'><!-- and more -->
    <arg name="a b"><![CDATA[<&>
]]>&amp;</arg>
    <arg name="empty"/>
  </function.A.b>
  <function.天气.查询 appendToResult="最后 结果"></function.天气.查询>
  <!-- end -->
</plan>
"""


def steps_of(plan: Plan) -> list[Step]:
    return [step for _, step in plan.walk()]


def test_every_element_is_read() -> None:
    assert read_tree(PLAN) == Plan(
        goal="1 < 2",
        inputs=(Input("INPUT", "3", "integer", "a\nb"),),
        steps=(
            Step(
                FunctionName("A.b"),
                (Argument("x", "\t"), Argument("y", '"'), Argument("a b", "<&>\n&"), Argument("empty", "")),
                sets="V",
                rationale="why\nand more",
            ),
            Step(FunctionName("天气.查询"), appends="最后 结果"),
        ),
        remark="end",
    )


def test_every_block_is_read() -> None:
    text = """<plan>
      <if test='A == "$"'><!-- one --><function.A.b/><!-- two --></if> <!-- three -->
      <else><foreach item="R" in=" $L" max="10000" SETcontextVARIABLE="O"><function.A.b x="1"/></foreach></else>
      <!-- four --><while max="3" test=" x "><if test="y"><function.A.b/></if></while><!-- five -->
    </plan>""".replace("$", "S")
    step = Step(FunctionName("A.b"))
    loop = ForEach("R", " SL", (Step(FunctionName("A.b"), (Argument("x", "1"),)),), 10_000, "O", "two\nthree")
    assert read_tree(text) == Plan(
        steps=(
            If('A == "S"', (step._replace(rationale="one"),), (loop,)),
            While(" x ", 3, (If("y", (step,)),), "four"),
        ),
        remark="five",
    )
    assert read_tree(text) == parse(text)


def test_a_long_plan_has_its_places_when_they_are_asked_for() -> None:
    text = PLAN.replace("why", "why " * LONG)
    plan = parse(text)
    assert (plan.place, plan.source) == (None, text)
    placed = plan.placed()
    assert placed == plan
    assert (placed.place, steps_of(placed)[1].place) == (Place(3, 1, 5), Place(12, 3, 15))
    assert placed.placed() is placed


@pytest.mark.parametrize("text", [PLAN, PLAN.replace("why", "why " * LONG)], ids=["short", "long"])
def test_a_copy_of_a_plan_is_the_plan_with_its_places(text: str) -> None:
    plan = parse(text)
    for again in (copy.deepcopy(plan), pickle.loads(pickle.dumps(plan))):
        assert again == plan
        assert steps_of(again)[0].arguments == steps_of(plan)[0].arguments
        assert steps_of(again)[0].argument_at(0).place == steps_of(plan)[0].argument_at(0).place


def test_steps_are_equal_whatever_their_places() -> None:
    bare, placed = read_tree(PLAN), parse(PLAN)
    assert bare is not None
    for one, other in zip(steps_of(bare), steps_of(placed), strict=True):
        assert one == other
        assert (one != other) is False
        assert (hash(one), hash(one.function)) == (hash(other), hash(other.function))
        assert [hash(each) for each in one.arguments] == [hash(each) for each in other.arguments]
        assert not any(left != right for left, right in zip(one.arguments, other.arguments, strict=True))
        assert one != one._replace(rationale="another")
        assert one != tuple(one)


def test_a_plan_that_is_not_what_its_source_says_has_no_places() -> None:
    plan = parse(PLAN.replace("why", "why " * LONG))
    changed = replace(plan, goal="another")
    assert changed.placed() is changed
    made = Plan(goal="made in code")
    assert made.placed() is made


def test_a_short_plan_has_its_places_at_once() -> None:
    assert parse(PLAN).place == Place(3, 1, 5)


def test_the_problems_of_a_long_text_are_those_of_a_short_one() -> None:
    long = "why " * LONG
    reading = read(PLAN.replace("why", long).replace("</plan>", "</plan>\n</plan>"))
    assert [str(problem) for problem in reading.problems] == [
        "15:1: error: '</plan>' closes nothing (remove it) [stray-end-tag]"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<plan/>",
        "<plan>no wings</plan>",
        "<plan><function.A.b/></plan><plan/>",
        "<plan><function.A.b/>x</plan>",
        "<plan>x<function.A.b/></plan>",
        "<plan><function.A.b>x</function.A.b></plan>",
        "<plan><function.A.b/>&#32;</plan>",
        "<plan><function.A.b/><![CDATA[ ]]></plan>",
        "<plan><function.A.b> <![CDATA[]]></function.A.b></plan>",
        "<plan><function.A.b><b/></function.A.b></plan>",
        "<plan><function.A.b><arg/></function.A.b></plan>",
        "<plan><function.A.b><arg name='x'><!-- c --></arg></function.A.b></plan>",
        "<plan><function.A.b x='1'><arg name='X'/></function.A.b></plan>",
        "<plan><function.A.b setContextVariable='V'><arg name='setContextVariable'>W</arg></function.A.b></plan>",
        "<plan><function.A.b x='1' X='2'/></plan>",
        "<plan><function.A.b setContextVariable='$V'/></plan>",
        "<plan><function.A.b setContextVariable='1st'/></plan>",
        "<plan><function.A.b appendToResult='$R'/></plan>",
        "<plan><function.A.b appendToResult=' '/></plan>",
        "<plan><function.A.b x='one\ntwo'/></plan>",
        "<plan><function.A.b x='one\ttwo'/></plan>",
        "<plan><function.A.b xml:x='1'/></plan>",
        "<plan xmlns:p='u'><function.A.b/></plan>",
        "<plan xmlns='u'><function.A.b/></plan>",
        "<plan gaol='x'><function.A.b/></plan>",
        "<plan><function./></plan>",
        "<plan><b/><function.A.b/></plan>",
        "<plan><input name='A'><![CDATA[]]></input><function.A.b/></plan>",
        "<plan><input name='1'/><function.A.b/></plan>",
        "<plan><input name='A'/><input name='a'/><function.A.b/></plan>",
        "<plan><input name='A' type='text'/><function.A.b/></plan>",
        "<plan><?pi?><function.A.b/></plan>",
        "<!DOCTYPE plan [<!ENTITY e 'x'>]><plan><function.A.b x='&e;'/></plan>",
        "<plan><function.A.b/></plan>\0",
        "<plan><function.A.b x='\ud800'/></plan>",
        "<plan>" + "<function.A.b/>" * 10_001 + "</plan>",
        "<plan><if test='x'/></plan>",
        "<plan><if test='x'><!-- c --></if></plan>",
        "<plan><if><function.A.b/></if></plan>",
        "<plan><if test=' '><function.A.b/></if></plan>",
        "<plan><if test='$A'><function.A.b/></if></plan>",
        "<plan><if test='{{A}}'><function.A.b/></if></plan>",
        "<plan><if test='x' max='1'><function.A.b/></if></plan>",
        "<plan><if test='x'>y<function.A.b/></if></plan>",
        "<plan><if test='x'><function.A.b/>y</if></plan>",
        "<plan><if test='x'><input name='I'/><function.A.b/></if></plan>",
        "<plan><if test='x'><plan/></if></plan>",
        "<plan><else><function.A.b/></else></plan>",
        "<plan><function.A.b/><else><function.A.b/></else></plan>",
        "<plan><if test='x'><function.A.b/></if><function.A.b/><else><function.A.b/></else></plan>",
        "<plan><if test='x'><function.A.b/></if><input name='I'/><else><function.A.b/></else></plan>",
        "<plan><if test='x'><function.A.b/></if><else x='1'><function.A.b/></else></plan>",
        "<plan><if test='x'><function.A.b/></if><else><function.A.b/></else><else><function.A.b/></else></plan>",
        "<plan><if test='x'><function.A.b/></if><else/></plan>",
        "<plan><while test='x'><function.A.b/></while></plan>",
        "<plan><while test='x' max='0'><function.A.b/></while></plan>",
        "<plan><while test='x' max='10001'><function.A.b/></while></plan>",
        "<plan><foreach item='I'><function.A.b/></foreach></plan>",
        "<plan><foreach in='$L'><function.A.b/></foreach></plan>",
        "<plan><foreach item='$I' in='$L'><function.A.b/></foreach></plan>",
        "<plan><foreach item='I' in=' '><function.A.b/></foreach></plan>",
        "<plan><foreach item='I' in='$L' setContextVariable=''><function.A.b/></foreach></plan>",
        "<plan><foreach item='I' in='L' setContextVariable='A' SetContextVariable='B'><function.A.b/></foreach></plan>",
        "<plan><foreach item='I' in='$L' Max='1'><function.A.b/></foreach></plan>",
        "<plan><If test='x'><function.A.b/></If></plan>",
        "<plan><function.A.b><if test='x'/></function.A.b></plan>",
        "<plan>" + "<if test='x'>" * 64 + "<function.A.b/>" + "</if>" * 64 + "</plan>",
        "<plan>" + "<if test='x'><function.A.b/></if>" * 5_001 + "</plan>",
    ],
)
def test_what_is_out_of_the_ordinary_is_left_to_the_other_reader(text: str) -> None:
    assert read_tree(text) is None
