"""Reading a model's reply: where the plan is, what is repaired, and that each repair is told."""

from __future__ import annotations

import pytest

from forethought.kernel.problems import Place, Severity
from forethought.planners.language.nodes import Argument, FunctionName, Plan, Step
from forethought.planners.language.parsing import parse, read_reply

STEP = '<function.A.b x="1"/>'
PLAN = f'<plan goal="g">\n  {STEP}\n</plan>'
MEANT = Plan(goal="g", steps=(Step(FunctionName("A.b"), (Argument("x", "1"),)),))


def steps_of(plan: Plan) -> list[Step]:
    return [step for _, step in plan.walk()]


def told(text: str) -> list[str]:
    reading = read_reply(text)
    assert reading.plan is not None
    assert all(problem.severity is Severity.NOTICE for problem in reading.problems)
    return [str(problem) for problem in reading.problems]


def value_of(text: str) -> str:
    plan = read_reply(text).plan
    assert plan is not None
    return steps_of(plan)[0].arguments[0].value


@pytest.mark.parametrize(
    "reply",
    [
        PLAN,
        f"Here you are:\n\n{PLAN}\n\nThat does it, 1 < 2 & so on.",
        f"```xml\n{PLAN}\n```",
        f"```\n{PLAN}\n<!-- END -->\n```",
        f"<think>\nI could call a <b> & c.\n</think>\n{PLAN}",
        f"thinking without a start </think>{PLAN}",
        f"<think>maybe <plan><function.Z.z/></plan> or not</think>\n{PLAN}",
        f'<think>maybe <plan goal="unfinished"></think>\n{PLAN}',
        f"好的，计划如下：\n{PLAN}\n完成。",
        f"<!-- <plan/> -->{PLAN}",
        f'<?xml version="1.0" encoding="utf-8"?>\n{PLAN}',
        PLAN.replace("\n", "\r\n"),
    ],
)
def test_the_plan_is_found_whatever_is_around_it(reply: str) -> None:
    reading = read_reply(reply)
    assert (reading.plan, reading.problems) == (MEANT, ())


def test_places_are_those_of_the_reply() -> None:
    plan = read_reply(f"One\nTwo\n{PLAN}").plan
    assert plan is not None
    assert (plan.place, steps_of(plan)[0].place) == (Place(3, 1, 5), Place(4, 3, 13))


def test_of_two_plans_the_last_closed_one_is_taken() -> None:
    notice = "1:19: notice: the reply begins 2 plans; the last closed one, here, is taken [several-plans]"
    assert told(f"<plan>first</plan> {PLAN}")[0].endswith("[several-plans]")
    reading = read_reply(f"I write a <plan>: {PLAN}")
    assert (reading.plan, [str(problem) for problem in reading.problems]) == (MEANT, [notice])
    assert read_reply(f'{PLAN} and then <plan goal="unfinished"').plan == MEANT


def test_a_goal_may_speak_of_plans() -> None:
    plan = read_reply(f'<plan goal="write a <plan> & </plan> page">{STEP}</plan>').plan
    assert plan is not None
    assert plan.goal == "write a <plan> & </plan> page"


def test_a_plan_in_the_thinking_counts_where_none_follows() -> None:
    assert told(f"<think>{PLAN}</think>I am done.") == [
        "1:8: notice: the only plan stands in the thinking; it is taken [plan-in-thinking]"
    ]


def test_a_plan_in_a_plan_is_not_taken_for_two() -> None:
    reading = read_reply(f"<plan>{STEP}<plan>{STEP}</plan>{STEP}</plan>")
    assert [problem.code for problem in reading.problems] == ["nested-plan"]


@pytest.mark.parametrize("tail", ["", "\n```\nThat is the plan.", "</think>"])
def test_a_missing_end_is_added(tail: str) -> None:
    text = f'<plan goal="g">\n  {STEP}\n{tail}'
    reading = read_reply(text)
    assert reading.plan == MEANT
    assert str(reading.problems[-1]) == "1:1: notice: 'plan' has no end tag; it is closed there [unclosed-element]" or (
        tail == "</think>"
    )


def test_steps_without_a_plan_make_one() -> None:
    reading = read_reply(f"Just call\n```xml\n{STEP}\n{STEP}\n```\nok?")
    assert reading.plan is not None
    assert [step.function.text for step in steps_of(reading.plan)] == ["A.b", "A.b"]
    assert [str(problem) for problem in reading.problems] == [
        "3:1: notice: there is no <plan> around the steps; one is read from here [missing-plan-element]"
    ]


@pytest.mark.parametrize("thought", ["think", "thinking", "THINK"])
def test_steps_in_the_thinking_are_none_of_the_plan(thought: str) -> None:
    reading = read_reply(f"<{thought}>{STEP}{STEP}</{thought}>\n{STEP}")
    assert reading.plan is not None
    assert len(steps_of(reading.plan)) == 1
    assert [problem.code for problem in reading.problems] == ["missing-plan-element"]


def test_impossible_is_an_answer() -> None:
    assert read_reply("Sorry. <plan/>").plan == Plan()
    assert read_reply("<plan>No function does that.</plan>").plan == Plan(reason="No function does that.")


@pytest.mark.parametrize("reply", ["", "I cannot do that.", "< plan >", "plan goal"])
def test_a_reply_without_a_plan_is_an_error(reply: str) -> None:
    reading = read_reply(reply)
    assert reading.plan is None
    assert [str(problem) for problem in reading.problems] == [
        '1:1: error: there is no plan in the reply (a plan is <plan goal="..."> ... </plan>) [no-plan]'
    ]


@pytest.mark.parametrize(
    ("step", "value", "codes"),
    [
        ('<function.A.b x="Fish & chips"/>', "Fish & chips", ["stray-ampersand"]),
        ('<function.A.b x="a < b > c"/>', "a < b > c", ["stray-less-than"]),
        ('<function.A.b x="a&nbsp;b &amp; c"/>', "a&nbsp;b & c", ["unknown-entity"]),
        ('<function.A.b x="He said "hi" to me" y="2"/>', 'He said "hi" to me', ["stray-quote"]),
        ("<function.A.b x='it's so'/>", "it's so", ["stray-quote"]),
        ("<function.A.b x=5 />", "5", ["missing-quotes"]),
        ('<function.A.b x="1"y="2"/>', "1", ["malformed-tag"]),
        ('<function.A.b x="one\ntwo"/>', "one\ntwo", ["line-end-in-attribute"]),
        (
            '<function.A.b><arg name="x">a <b & c</arg></function.A.b>',
            "a <b & c",
            ["stray-less-than", "stray-ampersand"],
        ),
        ('<function.A.b><arg name="x"><p>Hi</p></arg></function.A.b>', "<p>Hi</p>", ["stray-less-than"]),
        ('<function.A.b><arg name="x">a<![CDATA[ & <b>]]></arg></function.A.b>', "a & <b>", []),
        ('<function.A.b><arg name="x">one</function.A.b>', "one", ["unclosed-element"]),
        ('<function.A.b><arg name="x">one</arg>', "one", ["unclosed-element"]),
        ('<function.A.b x="1"><function.C.d/>', "1", ["unclosed-element"]),
        ('<Function.A.b x="1"/>', "1", ["misspelt-element"]),
        ('<A.b x="1"/>', "1", ["misspelt-element"]),
        ('<function.A.b><Arg name="x">1</Arg></function.A.b>', "1", ["misspelt-element"]),
        ('<function.A.b x="1" setContextVariable="$V"/>', "1", ["dollar-in-name"]),
        ('<function.A.b x="1" setContextVariable="${V}"/>', "1", ["dollar-in-name"]),
        ('<function.A.b x="1" appendToResult=""/>', "1", ["bad-name"]),
        ('First: <function.A.b x="1"/>', "1", ["stray-text"]),
        ('1. <function.A.b x="1"/>\n2. <function.C.d/>\n', "1", ["stray-text", "stray-text"]),
        ('<function.A.b><arg name="x" value="<2"/></function.A.b>', "<2", ["unknown-attribute", "stray-less-than"]),
        ('<function.A.b><arg name="x" value="1"></arg></function.A.b>', "1", ["unknown-attribute"]),
        ('<function.A.b><arg name="x" type="t">1</arg></function.A.b>', "1", ["unknown-attribute"]),
        ('<function.A.b x="1"/></function.A.b>', "1", ["stray-end-tag"]),
        ('<!-- a -- b --><function.A.b x="1"/>', "1", ["dashes-in-comment"]),
    ],
)  # fmt: skip
def test_what_can_only_be_meant_one_way_is_repaired_and_told(step: str, value: str, codes: list[str]) -> None:
    reading = read_reply(f"<plan>{step}</plan>")
    assert [(problem.code, problem.severity) for problem in reading.problems] == [(c, Severity.NOTICE) for c in codes]
    assert reading.plan is not None
    assert steps_of(reading.plan)[0].function.text == "A.b"
    assert steps_of(reading.plan)[0].arguments[0].value == value


def test_a_repair_says_what_was_wrong_and_what_is_done() -> None:
    assert told('<plan>\n<function.A.b x="Fish & chips" setContextVariable="$V"/></plan>') == [
        "2:23: notice: a '&' begins no entity; it is read as text [stray-ampersand]",
        "2:52: notice: '$V' is a reference, and a name is wanted here; it is read as 'V' [dollar-in-name]",
    ]


def test_a_repaired_name_is_the_name() -> None:
    plan = read_reply('<plan><function.A.b setContextVariable="$V"/></plan>').plan
    assert plan is not None
    assert steps_of(plan)[0].sets == "V"


def test_dashes_of_a_comment_are_kept_apart_so_that_it_can_be_printed() -> None:
    plan = read_reply("<plan><!-- a -- b --- c --><function.A.b/></plan>").plan
    assert plan is not None
    assert steps_of(plan)[0].rationale == "a - - b - - - c"
    assert parse(plan.to_xml()) == plan


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("<step/>", "unknown-element"),
        ("<if test='x'></if>", "empty-block"),
        ('<function.A.b x="1" X="2"/>', "duplicate-argument"),
        ('<function.A.b setContextVariable="a b"/>', "bad-name"),
        ('<function.A.b x="cut off', "unclosed-value"),
        ("<function.A.b x='1'", "unclosed-tag"),
        ("<!DOCTYPE x>", "doctype"),
        ("<function.A.b xmlns:a='b'/>", "namespace"),
        ("<function./>", "no-function-name"),
        ("<function.A.b><arg>x</arg></function.A.b>", "missing-attribute"),
        ("<function.A.b>Steven</function.A.b>", "stray-text"),
        ('<function.A.b><arg name="x" value="1">2</arg></function.A.b>', "unknown-attribute"),
    ],
)
def test_what_could_be_meant_many_ways_stays_an_error(step: str, code: str) -> None:
    reading = read_reply(f"<plan>{step}")
    assert reading.plan is None
    assert [problem.code for problem in reading.problems if problem.severity is Severity.ERROR] == [code]
