"""What a model may write, a hostile file may hold and a Chinese pack may say, from the text to the outcome."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forethought.cli.main import main
from forethought.kernel import Kernel, skill
from forethought.kernel.problems import Severity
from forethought.kernel.testing import ScriptedModel
from forethought.planners import SequentialPlanner, parse, run

REPLY = """\
<think>
First I thought of <plan><function.Graph.query body="nothing"/></plan>, but no.
</think>
Of course! Here is the plan for Fish & Chips, which costs < 5:

```xml
<plan>
  <!-- Graph wants JSON -->
  <function.Graph-query body="{&quot;$top&quot;:3, &quot;of&quot;:&quot;$WHO&quot;}" setContextVariable="$ROWS"/>
  <function.Graph.get-first rows="$ROWS" setContextVariable="FIRST"/>
  <function.tell to='$FIRST.email' text="Fish & chips < 5
for $WHO的邮箱, not $WHOEVER" appendToResult="RESULT__TOLD"/>
  <function.Graph.tell to="$ROWS[-1].email">
    <arg name="text" value="He said "hi""/>
  </function.Graph.tell>
```
I hope it helps.
"""


class Graph:
    @skill(effect="reads:graph", quick=True)
    def query(self, body: dict[str, object]) -> list[dict[str, object]]:
        """Query people."""
        return [{"email": f"{body['of']}.{n}@example.org", "n": n} for n in range(int(str(body["$top"])))]

    @skill(name="get-first", effect="pure", quick=True)
    def get_first(self, rows: list[dict[str, object]]) -> dict[str, object]:
        """Get the first row."""
        return rows[0]

    @skill(effect="writes:mail", quick=True)
    def tell(self, to: str, text: str) -> str:
        """Tell somebody something."""
        return f"{to}: {text}"


async def test_an_untidy_answer_is_read_as_meant_told_and_run() -> None:
    """All of it at once: thinking, prose, a fence, no end, stray marks, JSON, every way to write a name."""
    kernel = Kernel(model=ScriptedModel([REPLY]))
    kernel.add_functions(Graph(), "Graph")
    planned = await SequentialPlanner(kernel).plan("Tell them", inputs=["WHO"])
    assert planned.plan is not None
    assert [problem.code for problem in planned.problems if problem.severity is not Severity.NOTICE] == [
        "undefined-variable",  # $top
        "undefined-variable",  # $WHOEVER
    ]
    assert planned.plan.steps[0].rationale == "Graph wants JSON"
    assert parse(planned.plan.to_xml()) == planned.plan
    result = await run(planned.plan, kernel, inputs={"WHO": "李"})
    assert [step.output for step in result.steps[2:]] == [
        "李.0@example.org: Fish & chips < 5\nfor 李的邮箱, not $WHOEVER",
        '李.2@example.org: He said "hi"',
    ]
    assert result.results == {"RESULT__TOLD": result.steps[2].output}
    assert result.value == result.steps[2].output


def test_chinese_works_from_the_pack_to_the_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    pack = tmp_path / "包" / "文字"
    pack.mkdir(parents=True)
    (pack / "工具.py").write_text(
        "from forethought.kernel import skill\n\n\n"
        '@skill(effect="pure", quick=True)\n'
        "def 重复(文字: str, 次数: int = 2) -> str:\n"
        '    """把文字重复几次。"""\n'
        "    return 文字 * 次数\n",
        encoding="utf-8",
    )
    (tmp_path / "计划.xml").write_text(
        '<plan goal="向小明问好">\n'
        '  <input name="NAME" description="姓名">小明</input>\n'
        "  <!-- 先写一遍 -->\n"
        '  <function.文字.重复 文字="$NAME的邮箱；" setContextVariable="TEXT"/>\n'
        '  <function.重复 文字="$TEXT！" 次数="1" appendToResult="结果"/>\n'
        "</plan>\n",
        encoding="utf-8",
    )

    def said(*arguments: str) -> str:
        assert main([*arguments, "--skills", "包"]) == 0
        return capsys.readouterr().out

    assert said("skills", "list") == "文字\n  重复(文字: string, 次数: integer = 2) -> string  [pure]\n"
    assert said("check", "计划.xml") == "计划.xml: no problems\n"
    assert '   # 先写一遍\n   文字 = "$NAME的邮箱；"  ($NAME input)\n   次数 = 2  (default)\n' in said(
        "show", "计划.xml"
    )
    assert said("run", "计划.xml") == "小明的邮箱；小明的邮箱；！\n"
    document = json.loads(said("run", "计划.xml", "--input", "name=李", "--json"))
    assert document["results"] == {"结果": "李的邮箱；李的邮箱；！"}


BOMB = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><plan goal="&c;"/>'
STEP = '<function.TextSkill.uppercase input="x"/>'
HOSTILE = {
    "an entity bomb": BOMB.encode(),
    "an external entity": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><plan goal="&b;"/>',
    "a doctype": b"<!DOCTYPE plan><plan/>",
    "ten megabytes in an attribute": b'<plan goal="' + b"a" * 10_000_000 + b'"/>',
    "a hundred thousand elements in each other": b"<plan>" + b"<a>" * 100_000,
    "a NUL": b'<plan goal="a\0b"/>',
    "another encoding": '<plan goal="é"/>'.encode("latin-1"),
    "an encoding that is none": b'<?xml version="1.0" encoding="nonsense"?><plan/>',
    "half a character": "<plan/>".encode("utf-16")[:-1],
    "a step too many": f"<plan>{STEP * 10_001}</plan>".encode(),
    "nothing": b"",
    "a program": b"\x7fELF\x02\x01\x01\x00" * 1000,
}


@pytest.mark.parametrize("arguments", [["check"], ["show"], ["run", "--yes"], ["run", "--dry-run"]], ids=" ".join)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_document_whatever_is_done_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], name: str
) -> None:
    file = tmp_path / "hostile.xml"
    file.write_bytes(HOSTILE[name])
    assert main([*arguments, str(file), "--json"]) == 1
    written = capsys.readouterr()
    problems = json.loads(written.out)["problems"]
    assert any(problem["severity"] == "error" and problem["line"] == 1 for problem in problems)
    assert "Traceback" not in written.err
    assert len(written.err) < 10_000
