"""The canonical text of a plan."""

from __future__ import annotations

import pytest

from forethought.kernel.errors import PlanError
from forethought.planners.language.nodes import (
    MAX_DEPTH,
    Argument,
    ForEach,
    FunctionName,
    If,
    Input,
    Node,
    Plan,
    Step,
    While,
)
from forethought.planners.language.parsing import parse
from forethought.planners.language.printing import print_plan


def step(*arguments: tuple[str, str], sets: str | None = None, appends: str | None = None, rationale: str = "") -> Step:
    pairs = tuple(Argument(name, value) for name, value in arguments)
    return Step(FunctionName("A.b"), pairs, sets, appends, rationale)


def line_of(value: str) -> str:
    """What is printed of a plan with one step that has one argument, without the plan around it."""
    plan = Plan(steps=(step(("x", value)),))
    text = print_plan(plan)
    assert parse(text) == plan
    return text.removeprefix("<plan>\n").removesuffix("</plan>\n")


def test_a_plan_is_printed_goal_inputs_steps_remark() -> None:
    plan = Plan(
        goal="写信 & send",
        inputs=(Input("INPUT", "Hello", "string", "the greeting"), Input("N", None, "integer"), Input("E", "")),
        steps=(
            step(("input", "$INPUT"), sets="OUT", rationale="first this"),
            step(("input", "$OUT"), appends="RESULT", rationale="then\n  that"),
        ),
        remark="done",
    )
    assert print_plan(plan) == (
        '<plan goal="写信 &amp; send">\n'
        '  <input name="INPUT" type="string" description="the greeting">Hello</input>\n'
        '  <input name="N" type="integer"/>\n'
        '  <input name="E" type="string"><![CDATA[]]></input>\n'
        "  <!-- first this -->\n"
        '  <function.A.b input="$INPUT" setContextVariable="OUT"/>\n'
        "  <!-- then\n  that -->\n"
        '  <function.A.b input="$OUT" appendToResult="RESULT"/>\n'
        "  <!-- done -->\n"
        "</plan>\n"
    )
    assert parse(print_plan(plan)) == plan


def test_an_impossible_plan_is_empty_or_holds_its_reason() -> None:
    assert print_plan(Plan()) == "<plan/>\n"
    assert print_plan(Plan(goal="fly")) == '<plan goal="fly"/>\n'
    assert print_plan(Plan(reason="no wings < 2")) == "<plan>\n  no wings &lt; 2\n</plan>\n"


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("", '  <function.A.b x=""/>\n'),
        (" a  b ", '  <function.A.b x=" a  b "/>\n'),
        ("a\tb\rc", '  <function.A.b x="a&#9;b&#13;c"/>\n'),
        ("5 < 6 & 7 > 6", '  <function.A.b x="5 &lt; 6 &amp; 7 &gt; 6"/>\n'),
        ('it\'s "so"', '  <function.A.b x="it\'s &quot;so&quot;"/>\n'),
    ],
)
def test_a_short_value_is_an_attribute(value: str, line: str) -> None:
    assert line_of(value) == line


@pytest.mark.parametrize(
    ("value", "inside"),
    [
        ("x" * 101, "x" * 101),
        ("one\ntwo ", "one\ntwo "),
        ('{"a": "b"}', '{"a": "b"}'),
        ("a < b\n", "<![CDATA[a < b\n]]>"),
        ("]]>\n]]>", "<![CDATA[]]]]><![CDATA[>\n]]]]><![CDATA[>]]>"),
        ("&\r\n", "&amp;&#13;\n"),
    ],
)
def test_a_long_quote_heavy_or_broken_value_is_an_arg(value: str, inside: str) -> None:
    assert line_of(value) == f'  <function.A.b>\n    <arg name="x">{inside}</arg>\n  </function.A.b>\n'


def test_blocks_are_indented_and_their_attributes_in_order() -> None:
    plan = Plan(
        steps=(
            If("A > 1", (step(("x", "two\nlines"), rationale="why"),), (step(),), "either or"),
            ForEach("ROW", "$ROWS", (While("B < 2", 3, (step(),)),), 10, "OUT", "all"),
            ForEach("I", '["a"]', (If("x", (step(),)),)),
        ),
        remark="done",
    )
    assert print_plan(plan) == (
        "<plan>\n"
        "  <!-- either or -->\n"
        '  <if test="A > 1">\n'
        "    <!-- why -->\n"
        "    <function.A.b>\n"
        '      <arg name="x">two\nlines</arg>\n'
        "    </function.A.b>\n"
        "  </if>\n"
        "  <else>\n"
        "    <function.A.b/>\n"
        "  </else>\n"
        "  <!-- all -->\n"
        '  <foreach item="ROW" in="$ROWS" max="10" setContextVariable="OUT">\n'
        '    <while test="B &lt; 2" max="3">\n'
        "      <function.A.b/>\n"
        "    </while>\n"
        "  </foreach>\n"
        '  <foreach item="I" in="[&quot;a&quot;]">\n'
        '    <if test="x">\n'
        "      <function.A.b/>\n"
        "    </if>\n"
        "  </foreach>\n"
        "  <!-- done -->\n"
        "</plan>\n"
    )
    assert parse(print_plan(plan)) == plan


@pytest.mark.parametrize(
    ("test", "printed"),
    [
        ("A >= 1", '"A >= 1"'),
        ("A < 1 and B & C", '"A &lt; 1 and B &amp; C"'),
        ("A == 'x'", "\"A == 'x'\""),
        ('A == "x" > "y"', '\'A == "x" > "y"\''),
        ('A == "it\'s"', '"A == &quot;it\'s&quot;"'),
        (" a\n\t\rb ", '" a&#10;&#9;&#13;b "'),
    ],
)
def test_a_test_is_printed_as_it_reads_best(test: str, printed: str) -> None:
    plan = Plan(steps=(While(test, 2, (step(),)),))
    assert print_plan(plan).splitlines()[1] == f'  <while test={printed} max="2">'
    assert parse(print_plan(plan)) == plan


def test_blocks_in_each_other_to_the_limit_are_printed() -> None:
    body: tuple[Node, ...] = (step(),)
    for _ in range(MAX_DEPTH - 1):
        body = (If("x", body),)
    assert parse(print_plan(Plan(steps=body))) == Plan(steps=body)


def test_arguments_keep_their_order_so_all_after_an_arg_are_args() -> None:
    plan = Plan(steps=(step(("a", "1"), ("b", "2\n"), ("c", "3"), sets="V"),))
    assert print_plan(plan) == (
        '<plan>\n  <function.A.b a="1" setContextVariable="V">\n    <arg name="b">2\n</arg>\n'
        '    <arg name="c">3</arg>\n  </function.A.b>\n</plan>\n'
    )
    assert parse(print_plan(plan)) == plan


def test_a_parameter_whose_name_is_no_name_in_xml_is_an_arg() -> None:
    plan = Plan(steps=(step(("first name", "x")),))
    assert '<arg name="first name">x</arg>' in print_plan(plan)
    assert parse(print_plan(plan)) == plan


def test_dashes_in_a_comment_are_made_safe() -> None:
    text = print_plan(Plan(steps=(step(rationale="a --> b ---"),)))
    assert "<!-- a - -> b - - - -->" in text
    assert parse(text).steps[0].rationale == "a - -> b - - -"


def test_a_character_that_xml_cannot_hold_is_an_error() -> None:
    with pytest.raises(PlanError) as caught:
        print_plan(Plan(goal="a\0b"))
    assert str(caught.value) == "error: the plan has the character U+0000, which XML cannot hold [forbidden-character]"


def test_the_digest_is_of_what_a_plan_says_not_of_how_it_is_written() -> None:
    one = parse("<plan goal='x'><function.A.b   x='1'/></plan>")
    other = parse('<plan goal="x">\n  <function.A.b x="1"></function.A.b>\n</plan>\n')
    assert one == other
    assert one.digest() == other.digest() != parse('<plan goal="y"><function.A.b x="1"/></plan>').digest()
