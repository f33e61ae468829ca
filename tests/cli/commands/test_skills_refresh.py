"""`forethought skills refresh` asks the servers that packs declare; every other command reads what it kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought

TOOLS = Path(__file__).parent.parent.parent / "servers" / "tools.py"
PLAN = """
<plan goal="Add, and keep it">
  <function.Weather.add a="1" b="2" setContextVariable="SUM"/>
  <function.Weather.note text="$SUM"/>
</plan>
"""


@pytest.fixture
def weather(packs: Path) -> Path:
    """A pack beside the others that declares an MCP server."""
    folder = packs / "Weather"
    folder.mkdir()
    (folder / "pack.yaml").write_text(
        f'mcp:\n  command: {sys.executable}\n  args: ["{TOOLS}"]\n  env: {{NOTES: "${{env:NOTES}}"}}\n',
        encoding="utf-8",
    )
    return folder


def test_what_servers_can_do_is_asked_kept_compared_and_run(
    forethought: Forethought, weather: Path, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workplace / "plan.xml").write_text(PLAN, encoding="utf-8")
    monkeypatch.setenv("NOTES", str(workplace / "notes.txt"))
    before = forethought("check", "plan.xml")
    assert (before.status, "there is no function 'Weather.add'" in before.messages + before.output) == (1, True)

    done = forethought("skills", "refresh")
    lock = weather / "mcp.lock.json"
    assert (done.status, done.messages) == (0, "")
    assert done.output == (
        f"{lock}: 7 functions\n  + forecast\n  + add\n  + note\n  + wipe\n  + whoami\n  + turn\n  + die\n"
    )
    assert forethought("skills", "refresh", str(weather)).output == f"{lock}: 7 functions, as before\n"

    listed = forethought("skills", "list", "Weather").output.splitlines()
    assert listed[2] == "  add(a: integer, b: integer) -> integer  [reads weather]"
    assert forethought("check", "plan.xml").status == 0

    ran = forethought("run", "plan.xml", "--yes")
    assert (ran.status, ran.output) == (0, "noted 3\n")
    assert (workplace / "notes.txt").read_text(encoding="utf-8") == "3\n"

    lock.write_text(lock.read_text(encoding="utf-8").replace("Add two", "Sum two"), encoding="utf-8")
    stopped = forethought("run", "plan.xml", "--yes")
    assert stopped.status == 1
    assert "says something else of its tool 'add' than was read; run `forethought skills refresh`" in stopped.messages
    assert forethought("skills", "refresh", str(weather)).output == f"{lock}: 7 functions\n  ~ add\n"


def test_a_server_that_does_not_answer_is_told_and_the_others_are_asked(
    forethought: Forethought, weather: Path, packs: Path
) -> None:
    (packs / "Gone").mkdir()
    (packs / "Gone" / "pack.yaml").write_text("mcp: {command: no-such-command}\n", encoding="utf-8")
    done = forethought("skills", "refresh", "--json")
    assert done.status == 1
    assert json.loads(done.output) == {
        "refreshed": [],
        "failed": [
            {"pack": "Gone", "error": "the server 'no-such-command': there is no 'no-such-command' to start"},
            {
                "pack": "Weather",
                "error": f"the environment variable 'NOTES' is not set, and '{sys.executable} {TOOLS}' needs it",
            },
        ],
    }
    assert done.messages.startswith("forethought: error: Gone: the server 'no-such-command': there is no")


def test_packs_without_servers_are_left_alone(forethought: Forethought) -> None:
    done = forethought("skills", "refresh")
    assert (done.status, done.output) == (0, "No pack here has a server to ask.\n")


@pytest.mark.parametrize(
    "command", [["skills", "list"], ["skills", "check"], ["check", "plan.xml"], ["show", "plan.xml"]]
)
def test_nothing_else_starts_a_server(
    forethought: Forethought, packs: Path, workplace: Path, command: list[str]
) -> None:
    (packs / "Trap").mkdir()
    started = f"open({str(workplace / 'started')!r}, 'w')"
    manifest = {"mcp": {"command": [sys.executable, "-c", started]}, "openapi": "http://127.0.0.1:9/api.json"}
    (packs / "Trap" / "pack.yaml").write_text(json.dumps(manifest), encoding="utf-8")
    (workplace / "plan.xml").write_text("<plan><function.Trap.x/></plan>", encoding="utf-8")
    forethought(*command)
    assert not (workplace / "started").exists()


def test_a_recipe_is_listed_shown_checked_and_run(forethought: Forethought, packs: Path, workplace: Path) -> None:
    (packs / "Names" / "plans").mkdir()
    recipe = packs / "Names" / "plans" / "greet.xml"
    recipe.write_text(
        '<plan goal="Greet somebody"><input name="WHO"/><function.getNickName input="$WHO" setContextVariable="N"/>'
        '<function.StringFunctions.stringReplace input="Hello, USER_NAME" to="$N"/></plan>',
        encoding="utf-8",
    )
    assert forethought("skills", "list", "Names").output.splitlines() == [
        "Names",
        "  getNickName(input: string) -> string  [reads contacts]",
        "  greet(WHO: string) -> string  [reads contacts]",
    ]
    shown = forethought("skills", "show", "Names.greet").output
    assert "kind     recipe, a saved plan\n" in shown
    (workplace / "plan.xml").write_text('<plan><function.Names.greet WHO="Steven"/></plan>', encoding="utf-8")
    assert forethought("check", "plan.xml").status == 0
    assert forethought("run", "plan.xml").output == "Hello, Stevie\n"
    recipe.write_text("<plan><function.Names.greet/></plan>", encoding="utf-8")
    checked = forethought("skills", "check")
    assert checked.status == 1
    assert "the recipe calls itself: Names.greet → Names.greet [recipe-cycle]" in checked.output
