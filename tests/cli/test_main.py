"""The frame: commands are found, errors are one line, exit statuses are kept."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from forethought.cli import main as frame
from forethought.cli.arguments import Command

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Add a command `boom` that raises."""

    def add(error: BaseException) -> None:
        def execute(*_: object) -> int:
            raise error

        module = ModuleType("forethought.cli.commands.boom")
        module.BOOM = Command("Usage: forethought boom\n", lambda _: None, execute)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setitem(frame.COMMANDS, "boom", ("boom", "BOOM"))

    return add


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help_goes_to_standard_output(forethought: Forethought, word: str) -> None:
    done = forethought(word)
    assert (done.status, done.messages) == (0, "")
    assert done.output.startswith("Usage: forethought COMMAND [OPTIONS]\n")


def test_help_names_every_command(forethought: Forethought) -> None:
    help_text = forethought("--help").output
    assert all(f"\n  {name} " in help_text for name in frame.COMMANDS)


@pytest.mark.parametrize("words", [["show"], ["skills", "list"], []])
def test_help_can_be_a_word(forethought: Forethought, words: list[str]) -> None:
    assert forethought("help", *words, skills=False) == forethought(*words, "--help", skills=False)


def test_without_a_command_help_goes_to_standard_error(forethought: Forethought) -> None:
    done = forethought(skills=False)
    assert (done.status, done.output) == (2, "")
    assert done.messages.startswith("Usage: forethought COMMAND [OPTIONS]\n")


@pytest.mark.parametrize("name", frame.COMMANDS)
def test_the_help_of_a_command_teaches_with_examples_and_names_every_option(
    forethought: Forethought, name: str
) -> None:
    done = forethought(*name.split(), "--help")
    assert (done.status, done.messages) == (0, "")
    assert done.output.startswith(f"Usage: forethought {name} ")
    assert f"\n  forethought {name}" in done.output
    options: list[str] = []

    class Spy:
        def add_argument(self, *names: str, **_: object) -> None:
            options.extend(names)

    frame._command(name).options(Spy())  # type: ignore[arg-type]
    assert [each for each in options if each.startswith("--") and each not in done.output] == []


@pytest.mark.parametrize("name", frame.COMMANDS)
def test_no_line_of_help_is_longer_than_120_columns(forethought: Forethought, name: str) -> None:
    assert max(map(len, forethought(*name.split(), "--help").output.splitlines())) <= 120


def test_version_is_one_line(forethought: Forethought) -> None:
    done = forethought("--version")
    assert done.status == 0
    assert done.output.startswith("forethought ")
    assert done.output.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (
            ["chekc"],
            "forethought: error: 'chekc' is not a command\n  hint: did you mean 'check'?\n",
        ),
        (
            ["xyz"],
            "forethought: error: 'xyz' is not a command\n  hint: forethought --help lists the commands\n",
        ),
        (
            ["skills", "lst"],
            "forethought: error: 'skills lst' is not a command\n  hint: did you mean 'skills list'?\n",
        ),
        (
            ["skill", "list"],
            "forethought: error: 'skill' is not a command\n  hint: did you mean 'skills'?\n",
        ),
        (
            ["skills", "run"],
            "forethought: error: 'skills run' is not a command\n"
            "  hint: skills can list, show, find, check, new, refresh\n",
        ),
        (
            ["Tell me a joke"],
            "forethought: error: 'Tell me a joke' is not a command\n  hint: forethought run \"Tell me a joke\"\n",
        ),
        (
            ["plan.xml"],
            "forethought: error: 'plan.xml' is not a command\n  hint: forethought run \"plan.xml\"\n",
        ),
        (
            ["skills"],
            "forethought: error: skills: say what to do: list, show, find, check, new, refresh\n"
            "  hint: forethought --help\n",
        ),
        (
            ["show"],
            "forethought: error: show: the following arguments are required: FILE\n"
            "  hint: forethought show FILE [--format text|json|xml|mermaid|dot] [OPTIONS]   "
            "(forethought show --help says more)\n",
        ),
        (
            ["check", "a.xml", "--speling"],
            "forethought: error: check: unrecognized arguments: --speling\n"
            "  hint: forethought check FILE [OPTIONS]   (forethought check --help says more)\n",
        ),
        (
            ["check", "missing.xml"],
            "forethought: error: cannot read 'missing.xml': no such file or directory\n",
        ),
        (["check", "."], "forethought: error: cannot read '.': is a directory\n"),
        (["check", "nul\0.xml"], "forethought: error: cannot read 'nul\\x00.xml': embedded null byte\n"),
        (
            ["check", "\x1b[31m.xml"],
            "forethought: error: cannot read '\\x1b[31m.xml': no such file or directory\n",
        ),
        (
            ["run", "a.xml", "--input", "INPUT"],
            "forethought: error: --input 'INPUT' is not NAME=VALUE\n  hint: such as --input INPUT=\"some text\"\n",
        ),
    ],
)
def test_wrong_usage_is_said_with_the_way_out(forethought: Forethought, arguments: list[str], messages: str) -> None:
    done = forethought(*arguments)
    assert (done.status, done.output, done.messages) == (2, "", messages)


def test_an_option_before_a_command_that_is_missing_is_named(forethought: Forethought) -> None:
    done = forethought("--frobnicate", skills=False)
    assert done.status == 2
    assert done.messages.startswith("forethought: error: '--frobnicate' is not an option here")


def test_options_may_stand_before_the_command(forethought: Forethought, packs: Path) -> None:
    before = forethought("--json", "--skills", str(packs), "skills", "list", skills=False)
    after = forethought("skills", "list", "--skills", str(packs), "--json", skills=False)
    between = forethought("skills", "--json", "list")
    assert before == after == between
    assert before.status == 0


def test_an_unexpected_error_is_one_line_and_a_hint(
    forethought: Forethought, command: Callable[[BaseException], None]
) -> None:
    command(RuntimeError("it broke \x1b[2J"))
    done = forethought("boom")
    assert (done.status, done.output) == (1, "")
    assert done.messages == (
        "forethought: error: RuntimeError: it broke \\x1b[2J\n"
        "  hint: this is a fault of the program; FORETHOUGHT_DEBUG=1 shows where it happened\n"
    )


def test_with_json_an_error_is_the_document(forethought: Forethought, command: Callable[[BaseException], None]) -> None:
    command(RuntimeError("it broke"))
    done = forethought("boom", "--json")
    assert (done.status, json.loads(done.output)) == (1, {"error": "RuntimeError: it broke"})


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["chekc"], "'chekc' is not a command"),
        (["skills"], "skills: say what to do: list, show, find, check, new, refresh"),
        (["check"], "check: the following arguments are required: FILE"),
        (["check", "missing.xml"], "cannot read 'missing.xml': no such file or directory"),
        (["skills", "list", "Nope"], "there is no pack 'Nope'"),
    ],
)
def test_with_json_wrong_usage_is_a_document_too(forethought: Forethought, arguments: list[str], error: str) -> None:
    done = forethought(*arguments, "--json")
    assert (done.status, done.json) == (2, {"error": error})
    assert done.messages == forethought(*arguments).messages


def test_with_json_no_command_at_all_is_a_document_too(forethought: Forethought) -> None:
    done = forethought("--json", skills=False)
    assert (done.status, done.json) == (2, {"error": "there is no command"})


def test_with_json_an_interrupt_is_a_document_too(
    forethought: Forethought, command: Callable[[BaseException], None]
) -> None:
    command(KeyboardInterrupt())
    done = forethought("boom", "--json")
    assert (done.status, done.json, done.messages) == (
        130,
        {"error": "interrupted"},
        "forethought: error: interrupted\n",
    )


def test_debugging_shows_the_traceback(
    forethought: Forethought, command: Callable[[BaseException], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORETHOUGHT_DEBUG", "1")
    command(RuntimeError("it broke"))
    with pytest.raises(RuntimeError, match="it broke"):
        forethought("boom")


def test_an_interrupt_is_130_and_one_line(forethought: Forethought, command: Callable[[BaseException], None]) -> None:
    command(KeyboardInterrupt())
    done = forethought("boom")
    assert (done.status, done.output, done.messages) == (130, "", "forethought: error: interrupted\n")


def test_a_recursion_error_is_reported_like_any_other(
    forethought: Forethought, command: Callable[[BaseException], None]
) -> None:
    command(RecursionError("too deep"))
    assert forethought("boom").status == 1
