"""`forethought skills find`: which functions fit a goal, and why."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forethought.kernel.memory.embedders.local import is_installed

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought

needs_vectors = pytest.mark.skipif(not is_installed(), reason="no word vectors: pip install 'forethought[memory]'")


def test_words_alone_have_a_line_a_function_best_first(forethought: Forethought) -> None:
    done = forethought("skills", "find", "Tell a joke on a subject", "--embedder", "none", "--limit", "3")
    assert done.status == 0
    assert done.output == (
        "0.79  Writing.Joke             words 0.79\n"
        "0.21  Emailer.sendEmail        words 0.21\n"
        "0.00  Emailer.getEmailAddress  nothing fits\n"
    )
    assert done.messages == "3 of 6 functions, ranked by words alone\n"


@needs_vectors
def test_meaning_finds_what_shares_no_word_and_flow_what_it_needs(forethought: Forethought) -> None:
    done = forethought("skills", "find", "Write a letter to Steven", "--limit", "2")
    assert [line.split()[1] for line in done.output.splitlines()] == ["Emailer.sendEmail", "Emailer.getEmailAddress"]
    assert "makes what Emailer.sendEmail needs" in done.output
    assert done.messages == "2 of 6 functions, ranked by words and by meaning (local:wordllama-l2-256)\n"


@needs_vectors
def test_json_is_the_documented_shape(forethought: Forethought) -> None:
    done = forethought("skills", "find", "Mail ada@example.org the news", "--limit", "1", "--json")
    (found,) = done.rows("functions")
    assert {key: value for key, value in done.json.items() if key != "functions"} == {
        "goal": "Mail ada@example.org the news",
        "ranked_by": "local:wordllama-l2-256",
        "candidates": 6,
    }
    assert (found["name"], found["takes_a_value"], found["needed_by"]) == ("Emailer.sendEmail", True, None)
    assert sorted(found) == ["likeness", "name", "needed_by", "score", "takes_a_value", "words"]
    assert done.messages == ""


def test_a_threshold_leaves_out_what_does_not_fit(forethought: Forethought) -> None:
    done = forethought("skills", "find", "a joke", "--embedder", "none", "--threshold", "0.5")
    assert done.output == "1.00  Writing.Joke  words 1.00\n"
    nothing = forethought("skills", "find", "xyz", "--embedder", "none", "--threshold", "0.5")
    assert (nothing.status, nothing.output) == (0, "")
    assert nothing.messages == "0 of 6 functions, ranked by words alone\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["  "], "the goal is empty"),
        (["x", "--limit", "0"], "--limit must be at least 1, not 0"),
        (["x", "--embedder", "anthropic:claude"], "'anthropic:claude' is not an embedder: anthropic has none"),
        (["x", "--embedder", "local:nowhere"], "embedder local:nowhere: there is no file 'nowhere/model.safetensors'"),
    ],
)
def test_what_makes_no_sense_is_refused(forethought: Forethought, arguments: list[str], sentence: str) -> None:
    done = forethought("skills", "find", *arguments)
    assert done.status in (1, 2)
    assert done.output == ""
    assert sentence in done.messages


def test_finding_runs_nothing_of_a_pack_and_imports_nothing_heavy(packs: Path, tmp_path: Path) -> None:
    (packs / "Names" / "names.py").write_text(
        "from forethought.kernel.functions import skill\n"
        "@skill\n"
        "def getNickName(input: str) -> str:\n"
        "    return input\n"
        "raise SystemExit('it ran')\n",
        encoding="utf-8",
    )
    code = (
        "import sys\n"
        "from forethought.cli.main import main\n"
        "main(sys.argv[1:])\n"
        "print([name for name in ('semantic_kernel', 'pydantic', 'httpx', 'rich', 'wordllama') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, "skills", "find", "nick name", "--skills", str(packs), "--limit", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines()[0].split()[1] == "Names.getNickName"
    assert done.stdout.splitlines()[-1] == "[]"
