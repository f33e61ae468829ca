"""Steps at the command line that are interrupted: no further one begins, and what was done is told."""

from __future__ import annotations

import json
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
    assert done.messages.endswith("forethought: error: interrupted\n")
    assert not (workplace / "steps.xml").exists()
