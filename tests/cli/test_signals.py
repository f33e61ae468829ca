"""Signals: what runs is let finish, nothing else starts, and the last line says how to go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")

PACK = '''
import asyncio

from forethought.kernel import skill


@skill(effect="writes:box")
async def put(input: str, seconds: float) -> str:
    """Put something, which takes a while."""
    await asyncio.sleep(seconds)
    return input
'''


def start(folder: Path, seconds: str, grace: str) -> subprocess.Popen[str]:
    """Start a run of two steps, and return when the first has begun."""
    (folder / "packs" / "Box").mkdir(parents=True)
    (folder / "packs" / "Box" / "box.py").write_text(PACK, encoding="utf-8")
    plan = f'<plan><function.Box.put input="a" seconds="{seconds}"/><function.Box.put input="b" seconds="0"/></plan>'
    (folder / "plan.xml").write_text(plan, encoding="utf-8")
    words = ["run", "plan.xml", "--yes", "--json", "--skills", "packs", "--grace", grace]
    process = forethought(folder, *words)
    assert process.stderr
    while "[1] Box.put started" not in (line := process.stderr.readline()):
        assert line, "it ended before"
    return process


def forethought(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "forethought.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, list[str], str]:
    """Return the exit status, the statuses of the steps, and what was said."""
    output, said = process.communicate(timeout=60)
    return process.returncode, [each["status"] for each in json.loads(output)["steps"]], said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_runs_is_let_finish_and_the_run_can_go_on(tmp_path: Path, number: signal.Signals) -> None:
    process = start(tmp_path, "1", "30")
    process.send_signal(number)
    status, steps, said = ended(process)
    assert (status, steps) == (130, ["succeeded", "not_started"])
    assert "stopping: what runs has 30 seconds to finish; once more cancels it\n" in said
    assert said.splitlines()[-1].startswith("  hint: forethought resume 2")
    again = ended(forethought(tmp_path, "resume", "last", "--json", "--skills", "packs"))
    assert again[:2] == (0, ["succeeded", "succeeded"])


def test_after_the_grace_period_what_runs_is_cancelled_and_in_doubt(tmp_path: Path) -> None:
    process = start(tmp_path, "60", "0")
    process.send_signal(signal.SIGTERM)
    status, steps, said = ended(process)
    assert (status, steps) == (130, ["cancelled", "not_started"])
    assert "[1] Box.put cancelled" in said
    assert "error: interrupted; step 1, Box.put, was cancelled while it ran, and is in doubt\n" in said
    again = ended(forethought(tmp_path, "resume", "last", "--json", "--skills", "packs"))
    assert again[:2] == (3, ["in_doubt", "not_started"])


def test_another_process_cancels_a_run(tmp_path: Path) -> None:
    process = start(tmp_path, "1", "30")
    cancelling = forethought(tmp_path, "cancel", "last")
    assert "was asked to end" in cancelling.communicate(timeout=60)[1]
    status, steps, _ = ended(process)
    assert (status, steps) == (130, ["succeeded", "not_started"])


def test_an_approval_from_another_process_releases_a_run_that_waits(tmp_path: Path) -> None:
    (tmp_path / "packs" / "Box").mkdir(parents=True)
    (tmp_path / "packs" / "Box" / "box.py").write_text(PACK, encoding="utf-8")
    (tmp_path / "forethought.toml").write_text('[approval]\neach = ["Box.*"]\n', encoding="utf-8")
    (tmp_path / "plan.xml").write_text('<plan><function.Box.put input="a" seconds="0"/></plan>', encoding="utf-8")
    held = ended(forethought(tmp_path, "run", "plan.xml", "--json", "--skills", "packs"))
    assert held[:2] == (3, ["not_started"])
    assert "approved: " in forethought(tmp_path, "approve", "last", "--as", "Ada").communicate(timeout=60)[1]
    waits = ended(forethought(tmp_path, "resume", "last", "--json", "--skills", "packs"))
    assert waits[:2] == (3, ["waiting"])
    assert "approved: step 1" in forethought(tmp_path, "approve", "last", "--step", "1").communicate(timeout=60)[1]
    done = ended(forethought(tmp_path, "resume", "last", "--json", "--skills", "packs"))
    assert done[:2] == (0, ["succeeded"])
