"""Commands that only read plans or packs import only what reading needs: the law of start-up time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "asyncio",
    "httpx",
    "jinja2",
    "json5",
    "lxml",
    "openai",
    "opentelemetry",
    "pydantic",
    "rich",
    "semantic_kernel",
    "sqlite3",
    "yaml",
)
SCRIPT = """
import sys
from forethought.cli.main import main
status = main(sys.argv[1:])
sys.stdout.flush()
print(status, *sorted(name for name in sys.modules if "." not in name), file=sys.stderr)
"""


def imported(*arguments: str, cwd: Path) -> tuple[int, set[str]]:
    """Run a command in a process of its own; return its status and the modules it leaves."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=True, cwd=cwd, input=""
    )
    status, *names = done.stderr.splitlines()[-1].split()
    return int(status), set(names)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["show", "--help"],
        ["run", "--help"],
        ["doctor", "--help"],
        ["memory", "add", "--help"],
        ["memory", "search", "--help"],
        ["show", "{greet}"],
        ["show", "{greet}", "--format", "xml"],
        ["show", "{greet}", "--format", "mermaid"],
        ["check", "{greet}"],
        ["skills", "list"],
        ["skills", "show", "getNickName"],
        ["skills", "check"],
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_imported(greet: Path, packs: Path, workplace: Path, arguments: list[str]) -> None:
    given = [each.format(greet=greet) for each in arguments]
    status, names = imported(*given, "--skills", str(packs), cwd=workplace)
    assert status == 0
    assert names.isdisjoint(HEAVY), names & set(HEAVY)


@pytest.mark.parametrize("arguments", [["show", "{greet}", "--json"], ["check", "{greet}", "--json"]], ids=" ".join)
def test_json_needs_json_and_no_more(greet: Path, packs: Path, workplace: Path, arguments: list[str]) -> None:
    given = [each.format(greet=greet) for each in arguments]
    _, names = imported(*given, "--skills", str(packs), cwd=workplace)
    assert names.isdisjoint(HEAVY), names & set(HEAVY)


def test_help_needs_no_kernel_and_no_argument_parser(workplace: Path) -> None:
    _, names = imported("--help", cwd=workplace)
    assert names.isdisjoint({"argparse", "dataclasses", "json", "lxml", "pathlib"})


def test_a_run_in_a_pipe_needs_no_rich_and_a_native_plan_no_semantic_kernel(
    greet: Path, packs: Path, workplace: Path
) -> None:
    status, names = imported("run", str(greet), "--yes", "--skills", str(packs), cwd=workplace)
    assert status == 0
    assert names.isdisjoint({"rich", "semantic_kernel", "openai"})


def test_the_shipped_packs_are_listed_without_what_their_code_imports(workplace: Path) -> None:
    status, names = imported("skills", "list", cwd=workplace)
    assert status == 0
    assert names.isdisjoint({*HEAVY, "smtplib", "aiosmtplib"} - {"yaml"}), names


def test_the_local_memory_needs_no_semantic_kernel(workplace: Path) -> None:
    status, names = imported("memory", "search", "cats", cwd=workplace)
    assert status == 0
    assert names.isdisjoint({"httpx", "openai", "opentelemetry", "pydantic", "rich", "semantic_kernel", "wordllama"})
