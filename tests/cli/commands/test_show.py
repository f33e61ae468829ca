"""`forethought show`: what a plan says, in five forms."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forethought.planners.language.parsing import parse

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought
    from tests.conftest import Snapshot

HOSTILE = """\
<plan goal="g&quot;]; evil --&gt; x \\ &amp;lt; &lt;/script&gt; # end">
  <function.Odd.na.me x="$in" setContextVariable="V"/>
  <function.Other.fn input="$V" y="a&quot;|b"/>
</plan>
"""
BLOCKS = """\
<plan goal="Greet everybody">
  <input name="PEOPLE" type="array"/>
  <!-- one after the other -->
  <foreach item="PERSON" in="$PEOPLE" max="10" setContextVariable="GREETINGS">
    <function.Names.getNickName input="$PERSON" setContextVariable="NICK"/>
    <if test="NICK|length &gt; 5 and PEOPLE">
      <function.StringFunctions.stringReplace input="Dear NAME" to="$NICK"/>
    </if>
    <else>
      <while test="NICK|length &lt; 5" max="3">
        <function.StringFunctions.stringReplace to="$NICK$NICK" setContextVariable="NICK"/>
      </while>
    </else>
    <function.Emailer.sendEmail message="Hello" emailaddress="$NICK"/>
  </foreach>
  <function.StringFunctions.stringReplace input="$GREETINGS" to="x"/>
</plan>
"""


@pytest.mark.parametrize("form", ["text", "json", "xml", "mermaid", "dot"])
def test_a_plan_is_shown_in_each_form(forethought: Forethought, greet: Path, snapshot: Snapshot, form: str) -> None:
    done = forethought("show", str(greet), "--format", form)
    assert (done.status, done.messages) == (0, "")
    snapshot(f"cli/show_greet.{form}.txt", done.output)


@pytest.mark.parametrize("form", ["text", "json", "xml", "mermaid", "dot"])
def test_blocks_are_shown_in_each_form(
    forethought: Forethought, workplace: Path, snapshot: Snapshot, form: str
) -> None:
    (workplace / "blocks.xml").write_text(BLOCKS, encoding="utf-8")
    done = forethought("show", "blocks.xml", "--format", form)
    assert done.status == 0
    snapshot(f"cli/show_blocks.{form}.txt", done.output)


def test_json_is_format_json(forethought: Forethought, greet: Path) -> None:
    assert forethought("show", str(greet), "--json") == forethought("show", str(greet), "--format", "json")


def test_json_is_the_documented_shape(forethought: Forethought, greet: Path) -> None:
    done = forethought("show", str(greet), "--json")
    shown = done.json
    assert list(shown) == ["goal", "inputs", "steps", "blocks", "width", "critical_path"]
    assert shown["inputs"] == [
        {"name": "INPUT", "type": "string", "description": "the greeting", "default": "Hello, USER_NAME."}
    ]
    steps = done.rows("steps")
    assert steps[1] == {
        "id": "2",
        "function": "StringFunctions.stringReplace",
        "arguments": {"input": "$INPUT", "to": "$NICKNAME"},
        "rationale": "",
        "reads": ["INPUT", "NICKNAME"],
        "sets": ["MESSAGE"],
        "after": ["1"],
        "effect": "pure",
    }
    assert (shown["width"], shown["critical_path"]) == (2, ["1", "2", "4"])


def test_xml_is_the_canonical_plan(forethought: Forethought, greet: Path) -> None:
    shown = forethought("show", str(greet), "--format", "xml").output
    assert parse(shown) == parse(greet.read_bytes())
    assert shown == parse(shown).to_xml().rstrip("\n") + "\n"


def test_what_the_plan_leaves_out_is_shown_with_where_it_comes_from(forethought: Forethought) -> None:
    plan = b"""\
<plan>
  <input name="INPUT">Steven</input>
  <input name="to">Bob</input>
  <function.Names.getNickName/>
  <function.StringFunctions.stringReplace from="$INPUT and $MISSING"/>
</plan>"""
    assert forethought("show", "-", stdin=plan).output == (
        'Input: $INPUT (string) = "Steven"\n'
        'Input: $to (string) = "Bob"\n'
        "\n"
        "1. Names.getNickName  [reads contacts]\n"
        "   input = $INPUT  (implicit, input)\n"
        "\n"
        "2. StringFunctions.stringReplace  [pure]\n"
        "   input = output of step 1  (implicit)\n"
        "   to    = $to  (implicit, input)\n"
        '   from  = "$INPUT and $MISSING"  ($INPUT input, $MISSING not set)\n'
        "   times = -1  (default)\n"
        "   after 1 (its output)\n"
        "\n"
        "2 steps, one at a time; longest chain: 1 -> 2\n"
    )


def test_text_of_several_lines_stands_in_full(forethought: Forethought) -> None:
    plan = '<plan><function.Names.getNickName><arg name="input">Dear\n\tall</arg></function.Names.getNickName></plan>'
    shown = forethought("show", "-", stdin=plan.encode()).output
    assert "   input =\n      | Dear\n      | \\tall\n" in shown


def test_a_plan_with_problems_is_shown_and_they_follow(forethought: Forethought) -> None:
    plan = b'<plan><function.Names.getNikName input="Steven" setContextVariable="N"/></plan>'
    done = forethought("show", "-", stdin=plan)
    assert done.status == 0
    assert done.output == '1. Names.getNikName -> $N  [unknown function]\n   input = "Steven"\n\n1 step\n'
    assert done.messages.startswith("\n<stdin>:1:17: error: there is no function 'Names.getNikName'")
    assert done.messages.splitlines()[-1].startswith("1 error")


def test_a_function_that_is_not_known_counts_as_writing_everything(forethought: Forethought) -> None:
    plan = b'<plan><function.No.a/><function.Names.getNickName input="x"/><function.No.b/></plan>'
    steps = forethought("show", "-", "--json", stdin=plan).rows("steps")
    assert [(each["effect"], each["after"]) for each in steps] == [
        ("writes:*", []),
        ("reads:contacts", ["1"]),
        ("writes:*", ["2"]),
    ]


def test_an_impossible_plan_says_why(forethought: Forethought) -> None:
    done = forethought("show", "-", stdin=b'<plan goal="Fly">There is no function that flies.</plan>')
    assert done.output == "Goal: Fly\n\nImpossible: There is no function that flies.\n"


@pytest.mark.parametrize("form", ["text", "json", "xml", "dot"])
def test_what_cannot_be_read_is_not_shown(forethought: Forethought, form: str) -> None:
    done = forethought("show", "-", "--format", form, stdin=b"<plan><oops></plan>")
    assert done.status == 1
    assert done.messages.startswith("<stdin>:1:")
    if form == "json":
        assert list(done.json) == ["error", "problems"]
    else:
        assert done.output == ""


def test_controls_are_written_out_in_every_form(forethought: Forethought) -> None:
    plan = '<plan goal="\u202e&#x9b;2J"><function.A.b c="\u202e&#x9b;2J" setContextVariable="\u202e"/></plan>'
    for form in ("text", "json", "mermaid", "dot"):
        done = forethought("show", "-", "--format", form, stdin=plan.encode())
        assert "\u202e" not in done.output + done.messages
        assert "\x9b" not in done.output + done.messages


def test_names_and_goals_cannot_leave_their_label_in_mermaid(forethought: Forethought) -> None:
    lines = forethought("show", "-", "--format", "mermaid", stdin=HOSTILE.encode()).output.splitlines()
    assert lines[0] == lines[2] == "---"
    assert json.loads(lines[1].removeprefix("title: ")) == parse(HOSTILE).goal
    node = re.compile(r'  s\d\["[\w\s.,:$/()*#;-]*<br/>unknown function"\]')
    assert all(node.fullmatch(each) for each in lines[4:6]), lines[4:6]


def test_names_and_goals_cannot_leave_their_label_in_dot(forethought: Forethought) -> None:
    shown = forethought("show", "-", "--format", "dot", stdin=HOSTILE.encode()).output
    without_strings = re.sub(r'"(?:[^"\\]|\\.)*"', '""', shown)
    assert without_strings == (
        "digraph plan {\n"
        '  node [shape=box, style=rounded, fontname=""];\n'
        '  edge [fontname="", fontsize=10];\n'
        '  label=""; labelloc=t;\n'
        '  s1 [label=""];\n'
        '  s2 [label=""];\n'
        '  s1 -> s2 [label=""];\n'
        '  s1 -> s2 [label="", style=dashed];\n'
        "}\n"
    )


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("hostile", [False, True])
def test_graphviz_draws_what_dot_says(forethought: Forethought, greet: Path, hostile: bool) -> None:
    plan = HOSTILE.encode() if hostile else greet.read_bytes()
    shown = forethought("show", "-", "--format", "dot", stdin=plan).output
    drawn = subprocess.run(["dot", "-Tplain"], input=shown.encode(), capture_output=True, check=True)
    assert drawn.stderr == b""
    assert drawn.stdout.count(b"\nedge ") == shown.count(" -> ")


def test_what_a_step_in_a_branch_or_a_round_waits_for_is_said_in_its_own_words(forethought: Forethought) -> None:
    send = '<function.Emailer.sendEmail emailaddress="a" message="b" subject="c"/>'
    plan = (
        f'<plan><input name="V">x</input><if test="V == \'x\'">{send}</if><else>{send}</else>{send}'
        '<foreach item="W" in=\'["a"]\' setContextVariable="R"><function.Names.getNickName/></foreach></plan>'
    )
    shown = forethought("show", "-", stdin=plan.encode()).output.splitlines()
    assert [each.strip() for each in shown if each.strip().startswith("after")] == [
        "after 1 (if it holds)",
        "after 1 (if it does not), in place of 1.1 (both touch mail)",
        "after 2.1 (both touch mail)",
        "after 4 (in each round and what a round begins with)",
    ]
