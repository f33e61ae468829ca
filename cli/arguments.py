"""Reading the command line: one command, its options, and the options every command takes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from .console import UsageError

if TYPE_CHECKING:
    from .console import Console

__all__ = ["EVERYWHERE", "Command", "Options", "Parser", "parse_arguments", "split_command"]

Options = argparse.Namespace
_WITH_VALUE = frozenset({"--skills", "--model", "--planner-model"})

EVERYWHERE = """\
Everywhere:
  --skills DIR           a folder of skill packs; may be given several times, and replaces the default:
                         the shipped packs, and ./plugins if there
  --model SPEC           the model, such as openai:gpt-5-mini, ollama:qwen3, local:PATH.gguf
  --planner-model SPEC   another model for planning
  --json                 one JSON document on standard output
"""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: what `--help` says (the first line is its usage), its own options, and what it does.

    `execute` returns the exit status.
    """

    help: str
    options: Callable[[Parser], None]
    execute: Callable[[Options, Console], int]


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are UsageErrors and whose help is written by hand."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(prog=f"forethought {name}", add_help=False, allow_abbrev=False)
        self._text = text

    def format_help(self) -> str:
        return self._text

    def error(self, message: str) -> NoReturn:
        usage = self._text.partition("\n")[0].removeprefix("Usage: ")
        raise UsageError(f"{self.prog.partition(' ')[2]}: {message}", f"{usage}   ({self.prog} --help says more)")


def split_command(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the first word that is no option, and all other arguments in order."""
    skip = False
    for index, argument in enumerate(arguments):
        if skip:
            skip = False
        elif argument in _WITH_VALUE:
            skip = True
        elif not argument.startswith("-"):
            return argument, [*arguments[:index], *arguments[index + 1 :]]
    return None, list(arguments)


def parse_arguments(name: str, command: Command, arguments: Sequence[str]) -> Options:
    """Return the options of one command; raises UsageError, or SystemExit(0) once `--help` is printed."""
    parser = Parser(name, command.help)
    parser.add_argument("-h", "--help", action="help")
    parser.add_argument("--skills", metavar="DIR", action="append", default=[])
    parser.add_argument("--model", metavar="SPEC")
    parser.add_argument("--planner-model", metavar="SPEC")
    parser.add_argument("--json", action="store_true")
    command.options(parser)
    return parser.parse_args(arguments)
