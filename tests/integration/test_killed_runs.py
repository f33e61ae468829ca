"""Runs that are killed with SIGKILL at random instants: what has happened stays, and nothing happens twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")

KILLING = Path(__file__).parent / "killing.py"
INSTANTS = int(os.environ.get("KILLS", "30"))


@pytest.mark.parametrize(("place", "instants"), [("file", INSTANTS), ("database", INSTANTS // 2)])
def test_a_killed_run_ends_as_if_it_had_not_been_and_no_effect_happens_twice(
    tmp_path: Path, place: str, instants: int, request: pytest.FixtureRequest
) -> None:
    """And what is in doubt is asked for, while nothing runs."""
    database = [str(request.getfixturevalue("database"))] if place == "database" else []
    done = subprocess.run(
        [sys.executable, KILLING, tmp_path, str(instants), "5", *database], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    whole, *killed = map(json.loads, done.stdout.splitlines())
    assert whole["outcome"][0] == "succeeded"
    assert len(whole["effects"]) == 9
    assert len(killed) == instants
    for each in killed:
        assert each["outcome"] == whole["outcome"]
        assert Counter(map(str, each["effects"])) == Counter(map(str, whole["effects"]))
    assert sum(each["kills"] for each in killed) > instants // 3, "the instants are after the end"
    assert sum(each["doubtful"] for each in killed) > 0, "no instant was while a step ran"
