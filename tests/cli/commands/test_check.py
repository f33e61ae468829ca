"""`forethought check`: every problem of a plan, and the exit status that says whether it may run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought

GOOD = '<plan goal="g">\n  <function.Names.getNickName input="Steven"/>\n</plan>\n'
BAD = """\
<plan goal="g">
  <function.Names.getNikName input="Steven" setContextVariable="NAME"/>
  <function.StringFunctions.stringReplace input="$NAEM" to="x" times="many"/>
</plan>
"""


def test_a_plan_without_problems_says_so(forethought: Forethought, workplace: Path) -> None:
    (workplace / "plan.xml").write_text(GOOD, encoding="utf-8")
    assert forethought("check", "plan.xml").output == "plan.xml: no problems\n"


def test_all_problems_go_to_standard_output_and_the_status_is_1(forethought: Forethought, workplace: Path) -> None:
    (workplace / "plan.xml").write_text(BAD, encoding="utf-8")
    done = forethought("check", "plan.xml")
    assert (done.status, done.messages) == (1, "")
    lines = done.output.splitlines()
    assert lines[:4] == [
        "plan.xml:2:13: error: there is no function 'Names.getNikName' [unknown-function]",
        '  2 |   <function.Names.getNikName input="Steven" setContextVariable="NAME"/>',
        "    |             ^~~~~~~~~~~~~~~~",
        "  hint: did you mean 'Names.getNickName'?",
    ]
    assert [each.partition(":3:")[2][:10] for each in lines if each.startswith("plan.xml:3:")] == [
        "50: error:",
        "71: error:",
    ]
    assert lines[-1].startswith("3 errors")


def test_json_is_the_documented_shape(forethought: Forethought, workplace: Path) -> None:
    (workplace / "plan.xml").write_text(BAD, encoding="utf-8")
    done = forethought("check", "plan.xml", "--json")
    assert (done.status, done.messages) == (1, "")
    assert list(done.json) == ["ok", "problems"]
    assert done.json["ok"] is False
    problems = done.rows("problems")
    assert problems[0] == {
        "code": "unknown-function",
        "severity": "error",
        "message": "there is no function 'Names.getNikName'",
        "line": 2,
        "column": 13,
        "step": "1",
        "hint": "did you mean 'Names.getNickName'?",
    }


def test_json_of_a_good_plan_is_ok(forethought: Forethought) -> None:
    done = forethought("check", "-", "--json", stdin=GOOD.encode())
    assert (done.status, done.json) == (0, {"ok": True, "problems": []})


def test_warnings_alone_are_no_failure(forethought: Forethought) -> None:
    plan = b'<plan goal="g"><function.Names.getNickName input="$WHO is it"/></plan>'
    done = forethought("check", "-", stdin=plan)
    assert done.status == 0
    assert done.output.startswith("<stdin>:1:")
    assert done.output.endswith("1 warning\n")


def test_a_variable_that_the_run_will_be_given_is_known(forethought: Forethought) -> None:
    plan = b'<plan goal="g"><function.Names.getNickName input="$WHO"/></plan>'
    assert forethought("check", "-", stdin=plan).status == 1
    assert forethought("check", "-", "--input", "WHO", stdin=plan).output == "<stdin>: no problems\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "<stdin>:1:1: error: there is no plan in the text [no-plan]\n"),
        (
            '<plan goal="caf\u00e9">'.encode("latin-1"),
            "<stdin>:1:16: error: the bytes are not UTF-8: 0xe9 at byte 15 begins no character [wrong-encoding]\n"
            '  1 | <plan goal="caf\ufffd">\n'
            "    |                ^\n"
            "  hint: save the plan as UTF-8\n"
            "1 error\n",
        ),
        (b'<!DOCTYPE plan [<!ENTITY a "b">]><plan/>', "<stdin>:1:1: error: "),
        (b"<plan>\x00</plan>", "<stdin>:1:7: error: "),
    ],
    ids=["empty", "latin-1", "doctype", "nul"],
)
def test_what_cannot_be_read_is_a_problem_with_a_place(forethought: Forethought, data: bytes, expected: str) -> None:
    done = forethought("check", "-", stdin=data)
    assert (done.status, done.messages) == (1, "")
    assert done.output.startswith(expected)


def test_lines_of_windows_and_a_byte_order_mark_do_not_shift_places(forethought: Forethought) -> None:
    data = b"\xef\xbb\xbf" + BAD.replace("\n", "\r\n").encode()
    lines = forethought("check", "-", stdin=data).output.splitlines()
    assert lines[0].startswith("<stdin>:2:13: error:")
    assert lines[1] == '  2 |   <function.Names.getNikName input="Steven" setContextVariable="NAME"/>'


def test_utf_16_is_shown_as_it_reads(forethought: Forethought) -> None:
    lines = forethought("check", "-", stdin=BAD.encode("utf-16")).output.splitlines()
    assert lines[1] == '  2 |   <function.Names.getNikName input="Steven" setContextVariable="NAME"/>'


def test_hostile_names_and_values_reach_no_terminal(forethought: Forethought) -> None:
    plan = '<plan goal="g"><function.Names.getNickName inpu\u202et="&#x9b;31m\u202e"/></plan>'
    done = forethought("check", "-", stdin=plan.encode())
    assert "\u202e" not in done.output
    assert "\x9b" not in done.output
    assert "\\u202e" in done.output


def test_nothing_of_a_pack_runs(forethought: Forethought, packs: Path) -> None:
    file = packs / "Names" / "names.py"
    file.write_text(file.read_text(encoding="utf-8") + "\nraise SystemExit('it ran')\n", encoding="utf-8")
    assert forethought("check", "-", stdin=GOOD.encode()).status == 0


def test_a_folder_of_packs_that_is_not_there_is_named(forethought: Forethought, workplace: Path) -> None:
    (workplace / "plan.xml").write_text(GOOD, encoding="utf-8")
    done = forethought("check", "plan.xml", "--skills", "nowhere", skills=False)
    assert (done.status, done.messages) == (2, "forethought: error: there is no folder of packs 'nowhere'\n")
