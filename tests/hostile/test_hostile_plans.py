"""Hostile plans: each gives a clean problem, at a place, in bounded time and memory, and never an exception."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forethought.kernel.problems import Place
from forethought.planners.language.parsing import Reading, read, read_reply
from forethought.planners.language.problems import MAX_NOTICES, MAX_PROBLEMS
from forethought.planners.language.source import MAX_REPLY, MAX_SIZE

pytestmark = pytest.mark.timeout(10)

STEP = '<function.A.b input="1"/>'


def first(reading: Reading) -> tuple[str, Place | None]:
    assert reading.plan is None
    return reading.problems[0].code, reading.problems[0].place


def test_an_entity_bomb_ends_at_its_doctype() -> None:
    bomb = (
        '<!DOCTYPE plan [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>\n'
        f'<plan goal="&c;">{STEP}</plan>'
    )
    reading = read(bomb)
    assert first(reading) == ("doctype", Place(1, 1, 2))
    assert reading.problems[0].message == "'<!DOCTYPE' is not allowed: a plan has no DOCTYPE and no entities"


@pytest.mark.parametrize("system", ["file:///etc/passwd", "http://127.0.0.1:9/x"])
def test_an_external_entity_is_never_fetched(system: str) -> None:
    text = f'\n<!DOCTYPE plan [<!ENTITY x SYSTEM "{system}">]><plan goal="&x;">{STEP}</plan>'
    assert first(read(text)) == ("doctype", Place(2, 1, 2))
    assert first(read_reply(f'<plan goal="g"><!DOCTYPE x SYSTEM "{system}">{STEP}</plan>')) == (
        "doctype",
        Place(1, 16, 2),
    )


def test_a_doctype_alone_is_refused() -> None:
    assert first(read(f"<!DOCTYPE plan><plan>{STEP}</plan>")) == ("doctype", Place(1, 1, 2))


def test_an_entity_that_is_nowhere_declared_is_refused() -> None:
    assert first(read(f'<plan goal="&xxe;">{STEP}</plan>')) == ("unknown-entity", Place(1, 13, 5))


def test_an_attribute_of_ten_megabytes_is_over_the_limit() -> None:
    reading = read(f'<plan goal="{"x" * 10_000_000}">{STEP}</plan>')
    assert first(reading) == ("document-too-large", Place(1, 1))
    assert reading.problems[0].message == "the document is longer than 8,388,608 characters, the most that is read"


def test_an_attribute_just_under_the_limit_is_read_whole() -> None:
    value = "x" * (MAX_SIZE - 1000)
    plan = read(f'<plan goal="{value}">{STEP}</plan>').plan
    assert plan is not None
    assert plan.goal == value


@pytest.mark.parametrize("name", ["plan", "a", "if", "else"])
def test_a_hundred_thousand_nested_elements_are_too_deep(name: str) -> None:
    text = f"<plan>{f'<{name}>' * 100_000}{f'</{name}>' * 100_000}</plan>"
    reading = read(text)
    assert reading.plan is None
    assert reading.problems[-1].code == "too-deep"
    assert reading.problems[-1].message == "elements stand in each other more than 64 deep"
    assert read_reply(text[:MAX_REPLY]).plan is None


def test_a_hundred_thousand_nested_functions_end_at_the_limit_of_problems() -> None:
    reading = read(f"<plan>{'<function.A.b>' * 100_000}</plan>")
    assert reading.plan is None
    assert len(reading.problems) == MAX_PROBLEMS + 1
    assert reading.problems[-1].code == "too-many-problems"


@pytest.mark.parametrize("unit", ['<if test="x">', f'<if test="x">{STEP}</if><else>', '<while test="x" max="2">'])
@pytest.mark.parametrize("read_it", [read, read_reply])
def test_blocks_in_blocks_end_at_the_limit(unit: str, read_it: Callable[[str], Reading]) -> None:
    reading = read_it(f"<plan>{unit * 1_000}{STEP}")
    assert reading.plan is None
    assert reading.problems[-1].code == "too-deep"


def test_a_reply_with_a_thousand_else_ifs_is_too_deep() -> None:
    reading = read_reply(f"<plan><if test='x'>{STEP}</if>" + f"<elseif test='y'>{STEP}</elseif>" * 1_000 + "</plan>")
    assert reading.plan is None
    assert reading.problems[-1].code == "too-deep"


def test_a_storm_of_elses_ends_at_the_limit_of_problems() -> None:
    block = f"<else>{STEP}</else>"
    for reading in (read(f"<plan>{block * 50_000}</plan>"), read_reply(f"<plan>{block * 20_000}</plan>")):
        assert reading.plan is None
        assert len(reading.problems) == MAX_PROBLEMS + 1
        assert reading.problems[0].code == "misplaced-else"


@pytest.mark.parametrize(
    "unit", ["$A ", "{{A}} ", "&lt;", "&lt;$A ", "'", '{{"', "A && ", "{{", "}}", "$", "(", "$A$A"]
)
def test_a_test_of_a_megabyte_is_read_in_bounded_time(unit: str) -> None:
    test = (unit * (1_000_000 // len(unit))).replace('"', "&quot;").replace("& ", "&amp; ").replace("&&", "&amp;&amp;")
    for read_it in (read, read_reply):
        reading = read_it(f'<plan><if test="{test[:1_000_000]}">{STEP}</if></plan>')
        assert len(reading.problems) <= MAX_PROBLEMS + MAX_NOTICES + 1


def test_ten_thousand_steps_are_read_and_one_more_is_too_many() -> None:
    plan = read(f"<plan>{STEP * 10_000}</plan>").plan
    assert plan is not None
    assert len(plan.steps) == 10_000
    reading = read("<plan>\n" + f"{STEP}\n" * 10_001 + "</plan>")
    assert first(reading) == ("too-many-steps", Place(10_002, 1, 13))
    assert reading.problems[0].message == "the plan has more than 10,000 steps"


def test_ten_thousand_blocks_are_one_too_many_with_their_steps() -> None:
    reading = read("<plan>" + f'<foreach item="I" in="$L">{STEP}</foreach>' * 5_001 + "</plan>")
    assert [problem.code for problem in reading.problems] == ["too-many-steps"]


def test_a_nul_is_refused_where_it_stands() -> None:
    reading = read('<plan>\n<function.A.b input="a\0b"/></plan>')
    assert first(reading) == ("forbidden-character", Place(2, 23))
    assert reading.problems[0].message == "the character U+0000 is not allowed in XML"
    assert first(read_reply('Sure!\n<plan><function.A.b input="a\0b"/></plan>')) == (
        "forbidden-character",
        Place(2, 29),
    )


def test_of_a_file_that_is_no_text_at_all_few_characters_are_told_and_the_rest_is_counted() -> None:
    problems = read(f"<plan>{STEP}</plan>" + "\x02" * 12_345).problems
    told = [problem for problem in problems if problem.code == "forbidden-character"]
    assert len(told) == 11
    assert told[-1].message == "after it, 12,335 more characters are not allowed in XML"
    assert told[-1].place == told[-2].place


@pytest.mark.parametrize("reference", ["&#0;", "&#x1F;", "&#xD800;", "&#xFFFE;", "&#x110000;", "&#1114112;"])
def test_a_reference_to_a_character_that_xml_cannot_hold_is_refused(reference: str) -> None:
    reading = read(f'<plan goal="{reference}">{STEP}</plan>')
    assert first(reading) == ("forbidden-character", Place(1, 13, len(reference)))


def test_a_lone_surrogate_is_refused() -> None:
    assert first(read(f'<plan goal="\ud800">{STEP}</plan>')) == ("forbidden-character", Place(1, 13))


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        ("<plan".encode("utf-16"), "unclosed-tag", Place(1, 1, 5)),
        (b'<plan goal="\xe9"/>', "wrong-encoding", Place(1, 13)),
        (b'<?xml version="1.0" encoding="utf-16"?><plan/>', "wrong-encoding", Place(1, 1)),
        (b'<?xml version="1.0" encoding="no-such"?><plan/>', "wrong-encoding", Place(1, 1)),
        ('<?xml version="1.0" encoding="utf-8"?><plan/>'.encode("utf-16"), "wrong-encoding", Place(1, 1)),
        ("<plan/>".encode("utf-16")[:-1], "wrong-encoding", Place(1, 7)),
        ("<plan/>".encode("utf-16-le"), "wrong-encoding", Place(1, 1)),
        ("<plan/>".encode("utf-32"), "wrong-encoding", Place(1, 1)),
        (b"\x80\x81\x82", "wrong-encoding", Place(1, 1)),
        (b"", "no-plan", Place(1, 1, 0)),
    ],
)
def test_bytes_of_a_wrong_encoding_are_a_problem(data: bytes, code: str, place: Place) -> None:
    assert first(read(data)) == (code, place)


@pytest.mark.parametrize(
    "unit",
    [
        "<", "&", "<a ", "</a>", "<!--", "<!---->", "<![CDATA[", "<plan ", "<plan>", "</plan>", '<plan a="', "<plan/>",
        "<think>", "</think>", "<plan/></think>", "```\n", "<function.", "<function.A ", '<function.A a="b" c=',
        "<function.A><arg name='", "<arg>", "&#10;", "]]>", "a='b\"c' d=\"", "\n", "<plan '", "<?", "<?a?>", "x y",
        "<plan><arg", "$", "${", "\u3000", "𝔘", '<if test="x">', "</if>", "<else>", "<else/>", "<elseif test='x'>",
        "<if test='x'><function.A.b/>", "<if test='x'><function.A.b/><else><function.A.b/>", "<for each ", "</else if>",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "head", ["", "<plan>", '<plan goal="', '<plan><function.A.b x="', "<plan><function.A.b><arg name='x'>"]
)
def test_one_thing_written_over_and_over_is_read_in_bounded_time(head: str, unit: str) -> None:
    for reading in (read(head + unit * (200_000 // len(unit))), read_reply(head + unit * (200_000 // len(unit)))):
        assert len(reading.problems) <= MAX_PROBLEMS + MAX_NOTICES + 1
        assert len(str(reading.problems)) < 1_000_000


@pytest.mark.parametrize(
    ("head", "unit", "tail"),
    [
        ("<plan><function.A.b ", ' a{}="$x"', "/></plan>"),
        ("<plan ", ' a{}="x"', "><function.A.b/></plan>"),
        ("<plan><function.A.b>", '<arg name="a{}">x</arg>', "</function.A.b></plan>"),
        ("<plan>", '<input name="a{}"/>', "<function.A.b/></plan>"),
        ("<plan><function.A.b/>", "<!--{}-->", "</plan>"),
        ("<plan><function.A.b><arg name='x'>", "<![CDATA[{}]]>", "</arg></function.A.b></plan>"),
    ],
)
def test_a_hundred_thousand_parts_of_one_thing_are_read_in_bounded_time(head: str, unit: str, tail: str) -> None:
    reading = read(head + "".join(unit.format(number) for number in range(100_000)) + tail)
    assert reading.plan is not None or len(reading.problems) == MAX_PROBLEMS + 1


def test_a_message_never_carries_control_characters_to_the_terminal() -> None:
    reading = read("<plan>\x1b[2Jgone\x9b1m\n\nreally</plan><b/>")
    assert [problem.message for problem in reading.problems if "gone" in problem.message] == []
    reading = read(f"<plan>{STEP}gone\x9b1m\nreally</plan>")
    assert [problem.message for problem in reading.problems] == ["text between the steps: 'gone\ufffd1m really'"]
