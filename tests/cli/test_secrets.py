"""Secrets: none is on any output of any command, unless --show-secrets asks for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought, ModelServer

HOUSE = '''
from pydantic import SecretStr

from forethought.kernel.functions import skill


@skill(effect="reads:vault")
def take() -> str:
    """Takes the key out of the vault."""
    return "lion rampant & co"


@skill(effect="writes:door")
def enter(door: str, password: str) -> str:
    """Opens a door."""
    print("entering with", password)
    if door == "shut":
        raise PermissionError(f"the door does not open for '{password}'")
    return f"{door} opened with {password}"


@skill(effect="pure")
def sign(text: str, stamp: SecretStr) -> dict[str, str]:
    """Signs a text."""
    return {"text": text, "signature": f"by {stamp.get_secret_value()}", "api_key": "k-1"}
'''
SECRET = "lion rampant & co"
SHOWN = "secrets are hidden; --show-secrets shows them\n"
WRITTEN = '<plan><function.House.enter door="front" password="lion rampant &amp; co"/></plan>'
TAKEN = '<plan><function.House.take setContextVariable="K"/><function.House.enter door="front" password="$K"/></plan>'
GIVEN = '<plan><input name="MARK"/><function.House.sign text="hello" stamp="$MARK"/></plan>'
FAILS = '<plan><function.House.enter door="shut" password="lion rampant &amp; co"/></plan>'
WRONG = '<plan><function.House.enter door="front" pasword="" password="lion rampant &amp; co"/></plan>'


@pytest.fixture
def house(packs: Path, workplace: Path) -> Path:
    """A pack of functions with secrets, and plans that use them."""
    (packs / "House").mkdir()
    (packs / "House" / "house.py").write_text(HOUSE, encoding="utf-8")
    for name, text in [("written", WRITTEN), ("taken", TAKEN), ("given", GIVEN), ("fails", FAILS), ("wrong", WRONG)]:
        (workplace / f"{name}.xml").write_text(text, encoding="utf-8")
    return workplace


@pytest.mark.parametrize(
    "words",
    [
        ["run", "written.xml", "--yes"],
        ["run", "written.xml", "--yes", "--json"],
        ["run", "written.xml"],
        ["run", "written.xml", "--json"],
        ["run", "written.xml", "--dry-run"],
        ["run", "written.xml", "--dry-run", "--json"],
        ["run", "taken.xml", "--yes"],
        ["run", "taken.xml", "--yes", "--json"],
        ["run", "given.xml", "--input", f"MARK={SECRET}"],
        ["run", "given.xml", "--input", f"MARK={SECRET}", "--json"],
        ["run", "given.xml", "--input", f"MARK={SECRET}", "--dry-run"],
        ["run", "fails.xml", "--yes"],
        ["run", "fails.xml", "--yes", "--json"],
        ["run", "wrong.xml"],
        ["run", "wrong.xml", "--json"],
        ["show", "written.xml"],
        ["show", "written.xml", "--json"],
        ["show", "written.xml", "--format", "mermaid"],
        ["show", "written.xml", "--format", "xml"],
        ["check", "wrong.xml"],
        ["check", "wrong.xml", "--json"],
        ["diff", "written.xml", "fails.xml"],
        ["diff", "written.xml", "given.xml", "--json"],
    ],
    ids=" ".join,
)
def test_no_output_of_a_plan_has_its_secrets(forethought: Forethought, house: Path, words: list[str]) -> None:
    done = forethought(*words)
    assert "lion" not in done.output + done.messages
    assert "Traceback" not in done.messages


@pytest.mark.parametrize(
    "words",
    [
        ["resume", "last", "--plan", "written.xml", "--yes"],
        ["resume", "last", "--plan", "written.xml", "--yes", "--json"],
        ["replay", "last"],
        ["replay", "last", "--json"],
        ["fork", "last", "--from", "1", "--yes"],
        ["runs", "show", "last"],
        ["runs", "show", "last", "--json"],
        ["runs", "export", "last"],
        ["approve", "last"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("plan", ["written.xml", "taken.xml"])
def test_no_output_of_a_run_that_is_kept_has_its_secrets(
    forethought: Forethought, house: Path, words: list[str], plan: str
) -> None:
    assert forethought("run", plan, "--yes").status == 0
    done = forethought(*words)
    assert "lion" not in done.output + done.messages
    assert "Traceback" not in done.messages


def test_what_is_hidden_is_said_and_can_be_shown(forethought: Forethought, house: Path) -> None:
    done = forethought("run", "written.xml", "--yes")
    assert (done.status, done.output) == (0, "front opened with [redacted]\n")
    assert "entering with [redacted]\n" in done.messages
    assert "[1] House.enter done: front opened with [redacted]\n" in done.messages
    assert done.messages.endswith(SHOWN)
    shown = forethought("run", "written.xml", "--yes", "--show-secrets")
    assert shown.output == f"front opened with {SECRET}\n"
    assert f"entering with {SECRET}\n" in shown.messages
    assert "[redacted]" not in shown.messages
    assert not shown.messages.endswith(SHOWN)


def test_a_document_says_which_values_are_hidden(forethought: Forethought, house: Path) -> None:
    done = forethought("run", "taken.xml", "--yes", "--json")
    assert done.json["variables"] == {"K": "[redacted]"}
    assert [each["output"] for each in done.rows("steps")] == ["[redacted]", "front opened with [redacted]"]
    signed = forethought("run", "given.xml", "--input", f"MARK={SECRET}", "--json")
    assert signed.json["value"] == {"text": "hello", "signature": "by [redacted]", "api_key": "[redacted]"}
    whole = forethought("run", "given.xml", "--input", f"MARK={SECRET}", "--json", "--show-secrets")
    assert whole.json["value"] == {"text": "hello", "signature": f"by {SECRET}", "api_key": "k-1"}
    assert whole.json["variables"] == {"MARK": SECRET}


def test_what_is_agreed_to_is_shown_without_secrets(forethought: Forethought, house: Path) -> None:
    (house / "forethought.toml").write_text('[approval]\neach = ["House.*"]\n', encoding="utf-8")
    asked = forethought("run", "written.xml")
    assert '   door     = "front"\n   password = "[redacted]"\n' in asked.messages
    agreed = forethought("run", "written.xml", "--dry-run").messages.split("approval: ")[1].split()[0]
    assert forethought("run", "written.xml", "--approved", agreed).status == 3
    said = forethought("approve", "last")
    assert "     door = front\n     password = [redacted]\n" in said.messages


def test_a_place_in_a_plan_stays_under_its_mark(forethought: Forethought, house: Path) -> None:
    checked = forethought("check", "wrong.xml").output.splitlines()
    assert checked[1].endswith(f'pasword="" password="{"*" * len("lion rampant &amp; co")}"/></plan>')
    assert checked[2].index("^") == checked[1].index("pasword")


def test_a_pattern_of_the_settings_holds_for_every_output(forethought: Forethought, house: Path) -> None:
    (house / "forethought.toml").write_text('[journal]\nredact = ["CUST-[0-9]{4}"]\n', encoding="utf-8")
    (house / "note.xml").write_text('<plan><function.Names.getNickName input="CUST-1234"/></plan>', encoding="utf-8")
    done = forethought("run", "note.xml")
    assert done.output == "[redacted]\n"
    assert "CUST-1234" not in done.messages


def test_an_error_that_repeats_a_secret_does_not_show_it(forethought: Forethought, house: Path) -> None:
    done = forethought("run", "fails.xml", "--yes", "--json")
    assert done.status == 1
    assert done.json["error"] == (
        "step 1, House.enter, failed: the door does not open for '[redacted]' "
        '(where door is "shut", password is "[redacted]")'
    )


def test_half_of_a_secret_is_none(forethought: Forethought, house: Path) -> None:
    """What is told of an output is cut; what looks like a secret is hidden before."""
    text = "x" * 50 + " sk-abcdefghijklmnopqrstuvwxyz0123456789abcdefgh"
    (house / "long.xml").write_text(f'<plan><function.Names.getNickName input="{text}"/></plan>', encoding="utf-8")
    done = forethought("run", "long.xml")
    assert "sk-abc" not in done.output + done.messages


def test_a_goal_that_names_a_secret_gives_a_plan_that_does_not_show_it(
    forethought: Forethought, house: Path, model_server: ModelServer
) -> None:
    """But in the file that is asked for."""
    model_server.replies = [WRITTEN] * 2
    made = forethought("plan", "Enter", "--model", model_server.spec)
    assert (made.status, "lion" in made.output + made.messages) == (0, False)
    assert forethought("plan", "Enter", "-o", "plan.xml", "--model", model_server.spec).status == 0
    assert "lion rampant" in (house / "plan.xml").read_text(encoding="utf-8")


def test_steps_of_a_goal_are_told_without_secrets(
    forethought: Forethought, house: Path, model_server: ModelServer
) -> None:
    take = '<plan><function.House.take setContextVariable="K"/></plan>'
    enter = '<plan><function.House.enter door="front" password="$K"/></plan>'
    model_server.replies = [take, enter, "<answer>It was entered.</answer>"] * 2
    for words in (["--json"], []):
        command = ["run", "--stepwise", "Enter", "--yes", *words]
        done = forethought(*command, "--model", model_server.spec)
        assert done.status == 0
        if words:
            steps = [(each["id"], each["output"]) for each in json.loads(done.output)["steps"]]
            assert steps == [("1", "[redacted]"), ("2", "front opened with [redacted]")]


def test_a_goal_is_kept_without_the_secrets_of_its_run(forethought: Forethought, house: Path) -> None:
    (house / "goal.xml").write_text(GIVEN.replace("<plan>", '<plan goal="Sign by lion rampant &amp; co">'))
    forethought("run", "goal.xml", "--input", f"MARK={SECRET}")
    (run,) = forethought("runs", "list", "--json").rows("runs")
    assert run["goal"] == "Sign by [redacted]"
