"""Reading the command line: one command, its options, and the options every command takes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from .console import UsageError

if TYPE_CHECKING:
    from .console import Console

__all__ = ["EVERYWHERE", "Command", "Options", "Parser", "days", "parse_arguments", "variable_name"]

Options = argparse.Namespace

_MOST_DAYS = 36_500

EVERYWHERE = """\
Everywhere:
  --skills DIR           a folder of skill packs; may be given several times, and replaces the default: what
                         forethought.toml says, else the shipped packs, and ./plugins if there
  --model SPEC           the model, such as openai:gpt-5-mini, ollama:qwen3, local:PATH.gguf; given several times,
                         the next one is asked where one cannot answer
  --planner-model SPEC   another model for planning; likewise
  --json                 one JSON document on standard output
  --show-secrets         show secrets, which are hidden otherwise: [redacted]
"""


class Command(NamedTuple):
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


def parse_arguments(name: str, command: Command, arguments: Sequence[str]) -> Options:
    """Return the options of one command; raises UsageError, or SystemExit(0) once `--help` is printed."""
    parser = Parser(name, command.help)
    parser.add_argument("-h", "--help", action="help")
    parser.add_argument("--skills", metavar="DIR", action="append", default=[])
    parser.add_argument("--model", metavar="SPEC", action="append", default=[])
    parser.add_argument("--planner-model", metavar="SPEC", action="append", default=[])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show-secrets", action="store_true")
    command.options(parser)
    return parser.parse_args(arguments)


def days(given: str, *, of: str, least: float = 0) -> float:
    """Return the number of days that `--days` of the command `of` says; UsageError if it is none, or too few."""
    try:
        number = float(given)
    except ValueError:
        number = -1
    if least <= number <= _MOST_DAYS:
        return number
    raise UsageError(f"{of}: --days '{given}' is not a number from {least:g} to {_MOST_DAYS:,}", "such as --days 7")


def variable_name(given: str, *, of: str) -> str:
    """Return the name in `given`, `NAME` or `NAME=VALUE`, as the option `of` took it; raises UsageError for none."""
    name = given.partition("=")[0]
    if not name.isidentifier() or not name.isascii():
        hint = "a name has ASCII letters, digits and underscores, and does not begin with a digit"
        raise UsageError(f"{of} '{given}': no variable can be named '{name}'", hint)
    return name
