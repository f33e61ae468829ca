"""Laws of the plan language, for any text and any plan."""

from __future__ import annotations

import itertools
import re

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from forethought.kernel.problems import Place, has_errors
from forethought.planners.language.nodes import Argument, ForEach, FunctionName, If, Input, Node, Plan, Step, While
from forethought.planners.language.parsing import Reading, parse, read, read_reply
from forethought.planners.language.printing import print_plan
from forethought.planners.language.problems import CODES
from forethought.planners.language.source import decode
from forethought.planners.language.templates import Reference, Text, escape, parse_template
from forethought.planners.language.trees import read_tree

TEXT = st.text(
    st.one_of(
        st.sampled_from("\"'<>&$]-\n\t\r {}.[0]ab_"),
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
    ),
    max_size=150,
) | st.sampled_from(
    ["]]>", "a]]>b]]", "<![CDATA[x]]>", "<!-- c -->", "$$ $A ${A.b} $", "&amp;", "你好，$NAME的邮箱", "--->"]
)
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
FUNCTIONS = st.from_regex(r"[A-Za-z_][\w.-]{0,12}", fullmatch=True).filter(str.isascii) | st.just("天气.查询")


def _apart(names: list[str]) -> bool:
    return len({name.lower() for name in names}) == len(names)


@st.composite
def steps(draw: st.DrawFn) -> Step:
    parameters = draw(st.lists(NAMES | st.sampled_from(["邮箱", "a b", "1st"]), max_size=4).filter(_apart))
    parameters = [name for name in parameters if name.lower() not in ("setcontextvariable", "appendtoresult", "xmlns")]
    return Step(
        FunctionName(draw(FUNCTIONS)),
        tuple(Argument(name, draw(TEXT)) for name in parameters),
        draw(st.none() | NAMES),
        draw(st.none() | NAMES),
        _comment(draw(TEXT)),
    )


def _comment(text: str) -> str:
    return re.sub("-(?=-)", "- ", text.replace("\r", "")).strip()


COMMENTS = TEXT.map(_comment)


def _expression(text: str) -> str:
    """A test as a file may have it, and a reply without repair."""
    return re.sub(r"[$|]|(?<=[{&=])[{&=]", "+", text) if text.strip() else "x"


TESTS = st.one_of(
    TEXT.map(_expression),
    st.sampled_from(["COUNT > 3", "A == '$B {{'", 'A != "$B" and not C', "a < b", " x "]),
)
LISTS = TEXT.map("[{}]".format) | st.sampled_from(["$ROWS[0].all", '["a", "b"]', " $A "])
ROUNDS = st.integers(1, 10_000)


def _blocks(inside: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    body = st.lists(inside, min_size=1, max_size=3).map(tuple)
    other = st.just(()) | body
    return st.one_of(
        st.builds(If, TESTS, body, other, COMMENTS),
        st.builds(ForEach, NAMES, LISTS, body, st.none() | ROUNDS, st.none() | NAMES, COMMENTS),
        st.builds(While, TESTS, ROUNDS, body, COMMENTS),
    )


NODES: st.SearchStrategy[Node] = st.recursive(steps(), _blocks, max_leaves=6)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    declared = draw(st.lists(NAMES, max_size=3).filter(_apart))
    body = tuple(draw(st.lists(NODES, max_size=4)))
    comment = draw(COMMENTS)
    return Plan(
        goal=draw(TEXT),
        inputs=tuple(
            Input(name, draw(st.none() | TEXT), draw(st.sampled_from(["string", "integer", "date"])), draw(TEXT))
            for name in declared
        ),
        steps=body,
        reason="" if body else draw(TEXT).strip(),
        remark=comment,
    )


@given(plans())
def test_print_then_parse_is_the_identity(plan: Plan) -> None:
    text = print_plan(plan)
    assert parse(text) == plan
    assert print_plan(parse(text)) == text


@given(plans())
def test_a_printed_plan_is_read_from_a_reply_without_repair(plan: Plan) -> None:
    reading = read_reply(f"Here is the plan:\n```xml\n{print_plan(plan)}```\nGood luck!")
    assert (reading.plan, reading.problems) == (plan, ())


@given(plans())
def test_a_printed_plan_is_xml_and_means_the_same_to_another_reader(plan: Plan) -> None:
    root = etree.fromstring(print_plan(plan).encode())
    assert root.get("goal", "") == plan.goal
    calls = [child for child in root.iter() if str(child.tag).startswith("function.")]
    for call, (_, step) in zip(calls, plan.walk(), strict=True):
        written = {str(name): str(value) for name, value in call.attrib.items()}
        written |= {str(arg.get("name")): arg.text or "" for arg in call if arg.tag == "arg"}
        meant = {argument.name: argument.value for argument in step.arguments}
        for name, value in (("setContextVariable", step.sets), ("appendToResult", step.appends)):
            if value is not None:
                meant[name] = value
        assert written == meant


FRAGMENTS = [
    "<plan>",
    "</plan>",
    '<plan goal="x">',
    "<plan/>",
    "<function.A.b ",
    "<function.A.b>",
    "</function.A.b>",
    "/>",
    ">",
    "<",
    'x="1"',
    " y='2'",
    " z=3",
    '"',
    "'",
    "&",
    "&amp;",
    "&#10;",
    "&#0;",
    "&nope;",
    "<!--",
    "-->",
    "--",
    "<![CDATA[",
    "]]>",
    '<arg name="q">',
    "</arg>",
    '<input name="I" type="string">',
    "</input>",
    "<think>",
    "</think>",
    "```xml\n",
    "\n```",
    '<?xml version="1.0"?>',
    "<?pi?>",
    "<!DOCTYPE a>",
    ' setContextVariable="$V" ',
    "\n",
    " ",
    "text",
    "1 < 2 <3",
    "a & b",
    "]]>",
    "<b>",
    "</b>",
    "a:b",
    "\x00",
    "你好",
    "<Function.C.d/>",
    "<C.e/>",
    'xmlns="u"',
    '<if test="a">',
    "<if test='$A > {{b}}'>",
    '<if condition="a && b">',
    "</if>",
    "<else>",
    "</else>",
    "<else/>",
    '<elseif test="b">',
    "</elseif>",
    '<foreach item="I" in="$L">',
    '<for each="$I" list="L" max="3">',
    "</foreach>",
    "</for>",
    '<while test="a" max="2">',
    "</while>",
    '<if test="a"><function.A.b/></if>',
]
PIECES = st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join) | st.text(max_size=40)
AROUND = [
    "{}",
    "<plan>{}</plan>",
    "<plan>{}<function.A.b/></plan>",
    '<plan><if test="x"><function.A.b/>{}</if>{}</plan>',
    '<plan><if test="x"><function.A.b/></if><else>{}<function.A.b/></else>{}</plan>',
    '<plan><while test="{}" max="2"><foreach item="I" in="{}"><function.A.b/></foreach>{}</while></plan>',
    "<plan><function.A.b {}/></plan>",
    '<plan><function.A.b x="{}"/></plan>',
    "<plan><function.A.b><arg name='x'>{}</arg></function.A.b></plan>",
    "<plan><!--{}--></plan>",
    "{}<plan/>{}",
]


def _put(around: str, pieces: str) -> str:
    return around.replace("{}", pieces)


SOUP = st.builds(_put, st.sampled_from(AROUND), PIECES)


def _is_sound(reading: Reading, lines: int) -> None:
    assert (reading.plan is None) == has_errors(reading.problems)
    for problem in reading.problems:
        assert problem.code in CODES
        assert problem.place is not None
        assert problem.place.line <= lines
        assert problem.place.column >= 1
        assert problem.place.length >= 0
    assert list(reading.problems) == sorted(reading.problems, key=lambda problem: problem.place or Place(0, 0))


@given(SOUP)
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@example("<plan></function.A.b></plan></plan>")
@example("<function.A.b></plan></plan>")
def test_any_text_gives_a_plan_or_errors_with_places(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    _is_sound(read(text), lines)
    _is_sound(read_reply(text), lines)


@given(SOUP)
@settings(max_examples=400)
def test_a_plan_read_from_a_reply_prints_as_a_file_that_means_the_same(text: str) -> None:
    plan = read_reply(text).plan
    if plan is not None:
        assert parse(print_plan(plan)) == plan


@given(SOUP)
@settings(max_examples=400)
def test_what_reads_as_a_plan_is_well_formed_xml(text: str) -> None:
    """The reader accepts nothing that lxml refuses."""
    if read(text).plan is not None:
        etree.fromstring(text.encode())


def _means_the_same_to_both(text: str) -> bool:
    """Say whether lxml reads a plan in `text`; it must be the one that our own reader finds, without a problem."""
    text, _ = decode(text)
    plan, reading = read_tree(text), read(text)
    if plan is not None:
        assert (plan, ()) == (reading.plan, reading.problems)
        assert plan.placed().place is not None
        assert plan.source == text
    return plan is not None


@given(SOUP | st.builds("<plan>{}<function.A.b{}>{}</function.A.b>{}</plan>{}".format, *[PIECES] * 5))
@settings(max_examples=1000)
@example("<plan><function.A.b/>&#32;</plan>")
@example("<plan><function.A.b> <![CDATA[ ]]></function.A.b></plan>")
@example("<plan><function.A.b/><!-- --><![CDATA[]]></plan>")
@example('<plan><input name="A"><![CDATA[]]></input><function.A.b/></plan>')
@example('<plan xmlns:p="u"><function.A.b/></plan>')
@example('<plan xml:lang="en"><function.A.b/></plan>')
@example('<plan><function.A.b a="1" A="2"/></plan>')
@example('<plan><function.A.b x="one\n<"/></plan>')
@example('<plan><function.A.b x="one\ntwo"/></plan>')
@example("<plan><function.A.b x='one\ty=\"'/></plan>")
@example("<plan><function.A.b/></plan>\0")
@example("\ufeff\ufeff<plan><function.A.b/></plan>")
@example("<plan><function.A.b/>\x85</plan>")
@example('<plan><function.A.b x="&nope;"/></plan>')
@example('<plan><if test="a"><function.A.b/></if>&#32;<else><function.A.b/></else></plan>')
@example('<plan><if test="a">&#32;<function.A.b/></if></plan>')
@example('<plan><if test="a"><function.A.b/></if><input name="I"/><else><function.A.b/></else></plan>')
@example(
    '<plan><foreach item="I" in="$L" setContextVariable="A" SETCONTEXTVARIABLE="B"><function.A.b/></foreach></plan>'
)
@example('<plan><foreach item="I" in="\x85"><function.A.b/></foreach></plan>')
@example('<plan><while test="\u3000" max="1"><function.A.b/></while></plan>')
@example("<plan><function.A.b><arg name='{x}y'>&nope;</arg></function.A.b></plan>")
def test_what_lxml_reads_as_a_plan_our_reader_reads_as_the_same(text: str) -> None:
    _means_the_same_to_both(text)


@given(plans(), st.data())
def test_a_plan_means_the_same_to_lxml_and_to_our_reader(plan: Plan, data: st.DataObject) -> None:
    text = print_plan(plan)
    _means_the_same_to_both(text)
    at = data.draw(st.integers(0, len(text)))
    to = data.draw(st.integers(at, min(at + 3, len(text))))
    _means_the_same_to_both(text[:at] + data.draw(st.sampled_from(FRAGMENTS)) + text[to:])


def _ordinary(node: Node) -> Node:
    match node:
        case Step():
            return node._replace(values=("x",) * len(node.names), rationale="why")
        case If():
            return If("a > 1", tuple(map(_ordinary, node.then)), tuple(map(_ordinary, node.otherwise)))
        case ForEach():
            return ForEach(node.item, "$ROWS", tuple(map(_ordinary, node.body)), node.max, node.sets, "why")
        case While():
            return While("a < '1'", node.max, tuple(map(_ordinary, node.body)))


@given(st.lists(NODES, min_size=1, max_size=4))
def test_an_ordinary_plan_goes_the_quick_way(body: list[Node]) -> None:
    assert _means_the_same_to_both(print_plan(Plan(steps=tuple(map(_ordinary, body)))))


def _as_utf_16(text: str) -> bytes:
    return text.encode("utf-16", errors="replace")


@given(st.binary(max_size=60) | SOUP.map(_as_utf_16))
def test_any_bytes_give_a_plan_or_problems(data: bytes) -> None:
    reading = read(data)
    assert (reading.plan is None) == has_errors(reading.problems)


@given(TEXT)
def test_the_pieces_of_a_template_written_out_again_are_the_template(value: str) -> None:
    pieces = parse_template(value).pieces
    again = parse_template("".join(escape(each.text) if isinstance(each, Text) else each.source for each in pieces))
    assert [_without_offset(each) for each in again.pieces] == [_without_offset(each) for each in pieces]
    for reference in parse_template(value).references:
        assert value.startswith(reference.source, reference.offset)
    for one, other in itertools.pairwise(pieces):
        assert not (isinstance(one, Text) and isinstance(other, Text))


def _without_offset(piece: Text | Reference) -> Text | Reference:
    return piece if isinstance(piece, Text) else piece._replace(offset=0)


@given(st.text(st.characters(exclude_characters="$")))
def test_without_a_dollar_a_value_is_text(value: str) -> None:
    assert parse_template(value).pieces == ((Text(value),) if value else ())


@given(TEXT, TEXT)
def test_escaped_text_is_text_wherever_it_is_put(text: str, more: str) -> None:
    pieces = parse_template(escape(text) + escape(more)).pieces
    assert pieces == ((Text(text + more),) if text + more else ())
