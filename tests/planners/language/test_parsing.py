"""Reading a file: what each element means, where each part is, and every way to be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from forethought.kernel.errors import PlanError
from forethought.kernel.problems import Place
from forethought.planners.language.nodes import Argument, FunctionName, Input, Plan, Step
from forethought.planners.language.parsing import parse, read, read_file
from forethought.planners.language.problems import CODES

CLASSIC = """\
<plan goal="Greet Steven by his nickname">
  <input name="INPUT" type="string" description="the greeting">Hello, USER_NAME.</input>
  <!-- Steven prefers his nickname -->
  <function.Names.getNickName input="Steven" setContextVariable="NICKNAME"/>
  <function.StringFunctions.stringReplace from="USER_NAME" to="$NICKNAME" setContextVariable="MESSAGE">
    <arg name="input"><![CDATA[$INPUT Fish & chips at 5 < 6?]]></arg>
  </function.StringFunctions.stringReplace>
  <function.Emailer.sendEmail
      message="$MESSAGE"
      subject='Hello'
      appendToResult="RESULT__SENT"/>
</plan>
<!-- END -->
"""


def steps_of(plan: Plan) -> list[Step]:
    return [step for _, step in plan.walk()]


def problems(text: str | bytes) -> list[str]:
    return [str(problem) for problem in read(text).problems]


def test_a_plan_is_its_goal_inputs_and_steps() -> None:
    assert parse(CLASSIC) == Plan(
        goal="Greet Steven by his nickname",
        inputs=(Input("INPUT", "Hello, USER_NAME.", "string", "the greeting"),),
        steps=(
            Step(
                FunctionName("Names.getNickName"),
                (Argument("input", "Steven"),),
                sets="NICKNAME",
                rationale="Steven prefers his nickname",
            ),
            Step(
                FunctionName("StringFunctions.stringReplace"),
                (
                    Argument("from", "USER_NAME"),
                    Argument("to", "$NICKNAME"),
                    Argument("input", "$INPUT Fish & chips at 5 < 6?"),
                ),
                sets="MESSAGE",
            ),
            Step(
                FunctionName("Emailer.sendEmail"),
                (Argument("message", "$MESSAGE"), Argument("subject", "Hello")),
                appends="RESULT__SENT",
            ),
        ),
    )


def test_every_part_knows_its_place() -> None:
    plan = parse(CLASSIC)
    nickname, replace, send = steps_of(plan)
    assert plan.place == Place(1, 1, 5)
    assert plan.source == CLASSIC
    assert (plan.inputs[0].place, plan.inputs[0].value_place) == (Place(2, 3, 6), Place(2, 64, 17))
    assert (nickname.place, nickname.function.place) == (Place(4, 3, 27), Place(4, 13, 17))
    assert nickname.sets_place == Place(4, 66, 8)
    assert [(a.place, a.value_place) for a in replace.arguments] == [
        (Place(5, 43, 4), Place(5, 49, 9)),
        (Place(5, 60, 2), Place(5, 64, 9)),
        (Place(6, 16, 5), Place(6, 32, 29)),
    ]
    assert [(a.place, a.value_place) for a in send.arguments] == [
        (Place(9, 7, 7), Place(9, 16, 8)),
        (Place(10, 7, 7), Place(10, 16, 5)),
    ]
    assert (send.place, send.appends_place) == (Place(8, 3, 27), Place(11, 23, 12))


def test_columns_count_characters_and_bytes_are_decoded() -> None:
    text = '<plan goal="发邮件给史蒂文">\n<!-- 用昵称 --><function.邮件.发送 收件人="$EMAIL" 主题="你好"/></plan>'
    plan = parse(text.encode())
    assert plan == parse(text) == parse(text.encode("utf-16"))
    assert (plan.goal, steps_of(plan)[0].rationale) == ("发邮件给史蒂文", "用昵称")
    assert [(a.name, a.value, a.place) for a in steps_of(plan)[0].arguments] == [
        ("收件人", "$EMAIL", Place(2, 29, 3)),
        ("主题", "你好", Place(2, 42, 2)),
    ]


@pytest.mark.parametrize("name", ["A.b", "A-b", "b", "A.get-thing", "A-get-thing", "Some.Nested.name", "A.b_1"])
def test_a_function_keeps_its_name_as_written(name: str) -> None:
    assert steps_of(parse(f"<plan><function.{name}/></plan>"))[0].function.text == name


def test_set_and_append_are_matched_without_case() -> None:
    (step,) = steps_of(parse('<plan><function.A.b SETCONTEXTVARIABLE="V" AppendToResult="最后 结果"/></plan>'))
    assert (step.sets, step.appends, step.arguments) == ("V", "最后 结果", ())


def test_values_are_kept_exactly() -> None:
    plan = parse(
        "<plan><function.A.b a=' x  y ' b='&#10;&#9;&lt;&quot;&apos;&#x4f60;'>"
        '<arg name="c">\n  x &amp; <![CDATA[ <b> & ]]>\n</arg><arg name="d"/><arg name="e"></arg></function.A.b></plan>'
    )
    (step,) = steps_of(plan)
    assert {argument.name: argument.value for argument in step.arguments} == {
        "a": " x  y ",
        "b": "\n\t<\"'你",
        "c": "\n  x &  <b> & \n",
        "d": "",
        "e": "",
    }


def test_json_in_an_attribute_is_intact() -> None:
    (step,) = steps_of(parse('<plan><function.A.b payload="{&quot;$top&quot;:3}"/></plan>'))
    assert step.arguments[0].value == '{"$top":3}'


def test_comments_before_a_step_are_its_rationale_and_after_the_last_the_remark() -> None:
    plan = parse(
        "<!-- before --><plan><!-- one --><!--two\n  lines--><!----><function.A.a><!-- inside --></function.A.a>"
        "<function.A.b/><!-- end --></plan><!-- after -->"
    )
    assert [step.rationale for step in steps_of(plan)] == ["one\ntwo\n  lines\ninside", ""]
    assert plan.remark == "end"


def test_an_input_may_have_no_default_or_an_empty_one() -> None:
    plan = parse(
        '<plan><input name="A"/><input name="B"></input><input name="C"><![CDATA[]]></input>'
        '<input name="D" type="integer"> 3 </input></plan>'
    )
    assert [(each.name, each.value, each.type) for each in plan.inputs] == [
        ("A", None, "string"),
        ("B", None, "string"),
        ("C", "", "string"),
        ("D", " 3 ", "integer"),
    ]


@pytest.mark.parametrize(
    "text", ["<plan/>", "<plan></plan>", "<plan>\n  \n</plan >", '<?xml version="1.0"?>\n<plan />']
)
def test_a_plan_without_steps_is_impossible(text: str) -> None:
    plan = parse(text)
    assert plan.impossible
    assert plan.reason == ""


def test_text_in_a_plan_without_steps_is_the_reason() -> None:
    plan = parse("<plan>\n  <!-- sorry -->\n  No function sends <![CDATA[a&b]]> faxes.\n</plan>")
    assert (plan.reason, plan.remark) == ("No function sends a&b faxes.", "sorry")


def test_a_raw_line_end_in_an_attribute_is_a_space_and_a_notice_says_so() -> None:
    reading = read('<plan><function.A.b x="one\n  two&#10;three"/></plan>')
    assert reading.plan is not None
    assert steps_of(reading.plan)[0].arguments[0].value == "one   two\nthree"
    assert [str(problem) for problem in reading.problems] == [
        "1:27: notice: a line end in an attribute is a space in XML; it is read as one "
        "(write &#10; to keep it) [line-end-in-attribute]"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1: error: there is no plan in the text [no-plan]"),
        (
            "<program/>",
            "1:1: error: 'program' is not a plan (a plan is <plan goal=\"...\"> ... </plan>) [no-plan]",
        ),
        ("<plan/>\n<plan/>", "2:1: error: 'plan' stands after the plan (a file holds one plan) [second-plan]"),
        (
            "Sure: <plan/>",
            "1:1: error: text outside the plan: 'Sure:' (put it into a comment: <!-- ... -->) [stray-text]",
        ),
        ("<plan>", "1:1: error: 'plan' has no end tag (write </plan>) [unclosed-element]"),
        ("<plan/></plan>", "1:8: error: '</plan>' closes nothing (remove it) [stray-end-tag]"),
        ("<plan></plan x>", "1:7: error: '</plan x>' is no end tag (write </plan>) [malformed-tag]"),
        ("<plan goal='x'", "1:1: error: the tag '<plan' has no '>' [unclosed-tag]"),
        ("<plan goal='x/>", "1:12: error: the value of 'goal' has no closing quote [unclosed-value]"),
        (
            "<plan goal=x/>",
            "1:12: error: the value of 'goal' has no quotes around it (write goal=\"x\") [missing-quotes]",
        ),
        ("<plan goal/>", "1:7: error: the attribute 'goal' has no value [malformed-tag]"),
        ('<plan gaol="x"/>', "1:7: error: 'plan' has no attribute 'gaol' (it has goal) [unknown-attribute]"),
        (
            '<plan goal="a" goal="b"/>',
            "1:16: error: the attribute 'goal' is given twice (keep one) [duplicate-attribute]",
        ),
        (
            '<plan goal="a < b"/>',
            "1:15: error: a '<' in a value must be written &lt; (write &lt; for it) [stray-less-than]",
        ),
        ('<plan goal="a & b"/>', "1:15: error: a '&' begins no entity (write &amp; for it) [stray-ampersand]"),
        (
            '<plan goal="a&nbsp;b"/>',
            "1:14: error: '&nbsp;' is not one of the five entities of XML "
            "(write &amp;nbsp; for the text) [unknown-entity]",
        ),
        ("<plan>a ]]> b</plan>", "1:9: error: ']]>' must not stand in text (write ]]&gt; for it) [stray-cdata-end]"),
        ("<plan>1 < 2</plan>", "1:9: error: a '<' in text begins no element (write &lt; for it) [stray-less-than]"),
        (
            "<plan><!-- a -- b --></plan>",
            "1:14: error: '--' is not allowed in a comment (write - - for it) [dashes-in-comment]",
        ),
        ("<plan><!-- a</plan>", "1:7: error: the comment has no '-->' [unclosed-comment]"),
        ("<plan><![CDATA[a</plan>", "1:7: error: the CDATA section has no ']]>' [unclosed-cdata]"),
        (
            "<plan><?php x?></plan>",
            "1:7: error: a plan has no processing instructions (remove it) [processing-instruction]",
        ),
        ('<plan xmlns="urn:x"/>', "1:7: error: 'xmlns': a plan has no namespaces (remove it) [namespace]"),
        (
            "<plan><sk:step/></plan>",
            "1:8: error: 'sk:step': a plan has no namespaces (leave the prefix out) [namespace]",
        ),
        (
            "<plan><step/></plan>",
            "1:7: error: there is no element 'step' in 'plan' (a step is <function.Plugin.Name ...>) [unknown-element]",
        ),
        (
            "<plan><repeat times='2'><function.A.b/></repeat></plan>",
            "1:7: error: there is no element 'repeat' in 'plan' "
            "(a step is <function.Plugin.Name ...>) [unknown-element]",
        ),
        ("<plan><plan/></plan>", "1:7: error: a plan stands inside a plan (move its steps out) [nested-plan]"),
        (
            "<plan><function./></plan>",
            "1:7: error: 'function.' names no function (write function.Plugin.Name) [no-function-name]",
        ),
        (
            "<plan><function.A.b>Hi</function.A.b></plan>",
            "1:21: error: text inside 'function.A.b': 'Hi' "
            '(write a value as an attribute or as <arg name="...">) [stray-text]',
        ),
        (
            "<plan>then <function.A.b/></plan>",
            "1:7: error: text between the steps: 'then' (put it into a comment: <!-- ... -->) [stray-text]",
        ),
        (
            "<plan><function.A.b></plan>",
            "1:7: error: 'function.A.b' has no end tag before '</plan' (write </function.A.b>) [unclosed-element]",
        ),
        (
            "<plan><function.A.b><function.C.d/></plan>",
            "1:7: error: 'function.A.b' has no end tag before '<function.C.d' (write "
            "</function.A.b>) [unclosed-element]",
        ),
        (
            '<plan><function.A.b x="1" X="2"/></plan>',
            "1:27: error: the argument 'X' is given twice (names ignore case; keep one) [duplicate-argument]",
        ),
        (
            '<plan><function.A.b x="1"><arg name="x">2</arg></function.A.b></plan>',
            "1:38: error: the argument 'x' is given twice (names ignore case; keep one) [duplicate-argument]",
        ),
        (
            "<plan><function.A.b><arg>2</arg></function.A.b></plan>",
            "1:21: error: 'arg' has no 'name' (write <arg name=\"...\">) [missing-attribute]",
        ),
        (
            "<plan><function.A.b><arg name='x'>a <b>c</b></arg></function.A.b></plan>",
            "1:37: error: the element 'b' in a value "
            "(put a value that looks like markup into <![CDATA[...]]>) [markup-in-value]",
        ),
        (
            "<plan><function.A.b><arg name='x'><!-- c --></arg></function.A.b></plan>",
            "1:35: error: a comment in a value (put a value that looks like markup into "
            "<![CDATA[...]]>) [markup-in-value]",
        ),
        (
            '<plan><function.A.b setContextVariable="$X"/></plan>',
            "1:41: error: '$X' is a reference, and a name is wanted here (write 'X') [dollar-in-name]",
        ),
        (
            '<plan><function.A.b setContextVariable="变量"/></plan>',
            "1:41: error: a variable cannot be named '变量' "
            "(a name has ASCII letters, digits and underscores, and does not begin with a digit) [bad-name]",
        ),
        (
            '<plan><function.A.b setContextVariable=""/></plan>',
            "1:21: error: 'setContextVariable' names no variable [bad-name]",
        ),
        ('<plan><function.A.b appendToResult=" "/></plan>', "1:21: error: 'appendToResult' names no key [bad-name]"),
        ("<plan><input/></plan>", "1:7: error: 'input' has no 'name' (write <input name=\"...\">) [missing-attribute]"),
        (
            '<plan><input name="A"/><input name="a"/></plan>',
            "1:37: error: the input 'a' is declared twice (keep one) [duplicate-input]",
        ),
        (
            '<plan><input name="A" type="str"/></plan>',
            "1:29: error: 'str' is no type (the types are any, string, integer, number, boolean, array, object, null, "
            "date, date-time, time, duration) [unknown-type]",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place_and_the_way_out(text: str, expected: str) -> None:
    reading = read(text)
    assert reading.plan is None
    assert [str(problem) for problem in reading.problems] == [expected]
    assert reading.problems[0].code in CODES


def test_all_problems_are_found_in_document_order() -> None:
    text = '<plan gaol="x">\n  <step/>\n  <function.A.b x="1" X="2" setContextVariable="$V"/> & more\n</plan>\n<b/>'
    reading = read(text)
    assert reading.plan is None
    assert [(problem.code, problem.place) for problem in reading.problems] == [
        ("unknown-attribute", Place(1, 7, 4)),
        ("unknown-element", Place(2, 3, 5)),
        ("duplicate-argument", Place(3, 23, 1)),
        ("dollar-in-name", Place(3, 49, 2)),
        ("stray-ampersand", Place(3, 55, 1)),
        ("stray-text", Place(3, 55, 6)),
        ("second-plan", Place(5, 1, 2)),
    ]


def test_what_stands_in_an_unknown_element_is_passed_over_to_its_end() -> None:
    assert [p.split(": ")[0] for p in problems("<plan><b><a/><b></b></b>\n<x/></plan>")] == ["1:7", "2:1"]


def test_parse_raises_all_problems_at_once() -> None:
    with pytest.raises(PlanError) as caught:
        parse("<plan><a/><b/></plan>")
    assert [problem.code for problem in caught.value.problems] == ["unknown-element", "unknown-element"]
    assert str(caught.value).count("\n") == 1


def test_a_file_is_read_and_its_problems_name_it(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_text(CLASSIC, encoding="utf-8")
    bad.write_text("<plan>\r\n<x/></plan>", encoding="utf-8")
    assert read_file(good).plan == parse(CLASSIC)
    (problem,) = read_file(bad).problems
    assert (problem.file, problem.place) == (str(bad), Place(2, 1, 2))
