"""Steps at the command line that are interrupted: no further one begins, and what was done is told."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought, ModelServer

ENDING = """
import asyncio
import os
import signal

from forethought.kernel.functions import skill


@skill(effect="writes:fax")
async def fax() -> str:
    \"\"\"Sends a fax, in the middle of which somebody ends the command.\"\"\"
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.Event().wait()
    return "never"
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM to be caught")
def test_what_was_done_before_an_interrupt_is_told(
    forethought: Forethought, model_server: ModelServer, workplace: Path, packs: Path
) -> None:
    (packs / "Office").mkdir()
    (packs / "Office" / "office.py").write_text(ENDING, encoding="utf-8")
    find = '<plan><function.Names.getNickName input="Steven" setContextVariable="NICK"/></plan>'
    model_server.replies = [find, "<plan><function.Office.fax/></plan>"]
    command = ("run", "--stepwise", "Fax it", "--yes", "--grace", "0", "--save", "steps.xml", "--json")
    done = forethought(*command, "--model", model_server.spec)
    document = json.loads(done.output)
    assert (done.status, document["status"], document["value"]) == (130, "cancelled", None)
    assert [(step["id"], step["status"]) for step in document["steps"]] == [("1", "succeeded"), ("2", "cancelled")]
    assert document["variables"] == {"NICK": "Stevie"}
    assert "Office.fax" in document["plan"]
    run = document["run"]
    said = "interrupted; step 2, Office.fax, was cancelled while it ran, and is in doubt"
    assert done.messages.endswith(f"forethought: error: {said}\n  hint: forethought resume {run}\n")
    assert not (workplace / "steps.xml").exists()
    shown = forethought("runs", "show", "last", "--json").json
    assert (shown["status"], shown["variables"]) == ("cancelled", {"NICK": "Stevie"})
    again = forethought("resume", "last", "--json", "--model", model_server.spec)
    assert (again.status, again.json["status"], again.json["run"]) == (3, "in_doubt", run)
    assert "step 2, Office.fax, is in doubt" in again.messages
    model_server.replies = ["<answer>It is faxed to $NICK.</answer>"]
    settled = ("resume", "last", "--step", "2", "--done", "faxed", "--model", model_server.spec)
    assert forethought(*settled).output == "It is faxed to Stevie.\n"
    assert [each["status"] for each in forethought("runs", "list", "--json").rows("runs")] == ["succeeded"]


def test_a_goal_whose_model_was_gone_goes_on_with_what_was_done(
    forethought: Forethought, model_server: ModelServer
) -> None:
    model_server.replies = ['<plan><function.Names.getNickName input="Steven" setContextVariable="NICK"/></plan>']
    broken = forethought("run", "--stepwise", "Greet Steven", "--model", model_server.spec)
    assert broken.status == 1
    assert re.search(r"\n  hint: forethought resume \S+\n$", broken.messages)
    model_server.replies = ["<answer>Hello $NICK</answer>"]
    done = forethought("resume", "last", "--model", model_server.spec)
    assert (done.status, done.output) == (0, "Hello Stevie\n")
    assert "Names.getNickName" not in done.messages
    assert "reached step by step\n" in forethought("runs", "show", "last").output
    wrong = forethought("resume", "last", "--replans", "1", "--model", model_server.spec)
    assert wrong.status == 2
    assert "--replans does not go with" in wrong.messages


def test_a_step_that_waits_is_asked_for_again_on_resume(
    forethought: Forethought, model_server: ModelServer, workplace: Path
) -> None:
    find = '<plan><function.Names.getNickName input="Steven" setContextVariable="NICK"/></plan>'
    send = '<plan><function.Emailer.sendEmail emailaddress="a@b" message="Hi $NICK"/></plan>'
    model_server.replies = [find, send]
    waiting = forethought("run", "--stepwise", "Greet Steven", "--model", model_server.spec)
    assert waiting.status == 3
    model_server.replies = [send, "<answer>Done.</answer>"]
    assert forethought("resume", "last", "--yes", "--model", model_server.spec).output == "Done.\n"
    assert (workplace / "sent.txt").read_text(encoding="utf-8") == "a@b|no subject|Hi Stevie\n"
