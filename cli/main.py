"""The entry point: finds the command, runs it, and turns whatever goes wrong into one line and an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .console import Console, UsageError

if TYPE_CHECKING:
    from .arguments import Command

__all__ = ["COMMANDS", "HELP", "main"]

HELP = """\
Usage: forethought COMMAND [OPTIONS]

Goals become plans you can read, check and approve; then they run exactly as they read.

  plan GOAL              make a plan and print it; nothing runs
  run GOAL|FILE          plan if needed, show the plan, ask before effects, run it
  resume RUN             go on with a run that was broken off, failed, or is in doubt
  approve RUN            agree to what a run waits for, or deny it
  cancel RUN             ask a run in another process to end
  worker                 carry out runs that were handed in, on as many machines as you want
  replay RUN             run it again from what it gave then: no model, no effects
  fork RUN --from STEP   a new run that takes over what came before a step
  runs list              the runs that are kept, the latest first
  runs show RUN          what became of each step of a run
  runs export RUN        everything that is known of a run, as JSON Lines
  runs gc                remove what ended long ago
  show FILE              steps, where every value comes from, effects, what waits for what
  check FILE             every problem of a plan, with its place and the way out
  diff OLD NEW           what changed between two plans, step by step
  skills list            the functions a plan may use
  skills show FUNCTION   everything about one function
  skills find GOAL       the functions that fit a goal, best first, and why
  skills check [DIR]     what is wrong in skill packs
  skills new NAME        start a skill pack
  skills refresh [DIR]   ask the servers that packs declare what they can do
  mcp                    serve functions and saved plans as an MCP server
  memory add FILE|DIR    keep documents, split and embedded; - reads standard input
  memory search QUERY    what fits best, by meaning and by keyword
  memory list            what is kept
  memory forget SOURCE   forget documents, texts, or a whole --collection
  memory reindex         embed everything anew, with another embedder
  doctor                 which model, packs and settings are in use, and why

Examples:
  forethought skills list
  forethought plan "Write a joke about dinosaurs in upper case" -o joke.xml
  forethought show joke.xml
  forethought run joke.xml

`forethought COMMAND --help` says more about a command. Every command takes --skills DIR, --model SPEC, --json
and --show-secrets.
`forethought --version` tells the version.
Exit status: 0 done, 1 failed or problems found, 2 wrong usage, 3 waits for an approval.
"""

COMMANDS = {
    "plan": ("plan", "PLAN"),
    "run": ("run", "RUN"),
    "resume": ("resume", "RESUME"),
    "approve": ("approve", "APPROVE"),
    "cancel": ("approve", "CANCEL"),
    "worker": ("worker", "WORKER"),
    "replay": ("replay", "REPLAY"),
    "fork": ("replay", "FORK"),
    "runs list": ("runs", "LIST"),
    "runs show": ("runs", "SHOW"),
    "runs export": ("runs", "EXPORT"),
    "runs gc": ("runs", "GC"),
    "show": ("show", "SHOW"),
    "check": ("check", "CHECK"),
    "diff": ("diff", "DIFF"),
    "skills list": ("skills", "LIST"),
    "skills show": ("skills", "SHOW"),
    "skills find": ("find", "FIND"),
    "skills check": ("skills", "CHECK"),
    "skills new": ("skills", "NEW"),
    "skills refresh": ("skills", "REFRESH"),
    "mcp": ("mcp", "MCP"),
    "memory add": ("memory", "ADD"),
    "memory search": ("memory", "SEARCH"),
    "memory list": ("memory", "LIST"),
    "memory forget": ("memory", "FORGET"),
    "memory reindex": ("memory", "REINDEX"),
    "doctor": ("doctor", "DOCTOR"),
}
_WITH_VALUE = frozenset(
    {"--skills", "--model", "--planner-model", "--memory", "--collection", "--journal", "--grace", "--database"}
)
_GROUPS = frozenset(name.partition(" ")[0] for name in COMMANDS if " " in name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status; nothing is raised.

    Except with FORETHOUGHT_DEBUG set: then an unexpected error is raised as it is.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    console = Console(json="--json" in given, secrets="--show-secrets" in given)
    try:
        status = _dispatch(given, console)
        console.output.flush()
        if console.hiding.hid:
            console.tell("secrets are hidden; --show-secrets shows them")
    except BrokenPipeError:
        _close_quietly()
        return 141
    except KeyboardInterrupt:
        return _end(console, 130, "interrupted")
    except UsageError as error:
        return _end(console, 2, error.message, error.hint)
    except Exception as error:  # the edge: whatever happened, a user reads a sentence
        if os.environ.get("FORETHOUGHT_DEBUG"):
            raise
        return _report(error, console)
    finally:
        console.close()
    return status


def _dispatch(given: list[str], console: Console) -> int:
    name, rest = _split(given)
    if name == "help":
        given = [*rest, "--help"]
        name, rest = _split(given)
    if name in _GROUPS:
        word, rest = _split(rest)
        name = f"{name} {word}" if word else name
    if name is None or name in _GROUPS:
        return _without_command(name, given, console)

    from .arguments import parse_arguments

    try:
        options = parse_arguments(name, command := _command(name), rest)
    except SystemExit:  # --help was printed
        return 0
    return command.execute(options, console)


def _split(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
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


def _without_command(group: str | None, given: Sequence[str], console: Console) -> int:
    if "--help" in given or "-h" in given:
        console.output.write(HELP)
        return 0
    if "--version" in given:
        console.print(f"forethought {_version()}")
        return 0
    if group:
        words = [name.partition(" ")[2] for name in COMMANDS if name.startswith(f"{group} ")]
        raise UsageError(f"{group}: say what to do: {', '.join(words)}", "forethought --help")
    if unknown := [each for each in given if each.startswith("-") and each not in ("--json", "--show-secrets")]:
        raise UsageError(f"'{unknown[0]}' is not an option here; a command comes first", "forethought --help")
    if console.json:
        raise UsageError("there is no command", "forethought --help")
    console.messages.write(HELP)
    return 2


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("forethought")
    except PackageNotFoundError:
        return "(not installed)"


def _command(name: str) -> Command:
    from importlib import import_module

    if name not in COMMANDS:
        raise UsageError(f"'{name}' is not a command", _meant(name))
    module, attribute = COMMANDS[name]
    command: Command = getattr(import_module(f"forethought.cli.commands.{module}"), attribute)
    return command


def _meant(name: str) -> str:
    """Return the way out for a word that is no command: a command that is like it, or `run`, for a goal or a plan."""
    from difflib import get_close_matches

    group, _, word = name.partition(" ")
    if group in _GROUPS:
        words = [each.partition(" ")[2] for each in COMMANDS if each.startswith(f"{group} ")]
        near = get_close_matches(word, words, 1, 0.5)
        return f"did you mean '{group} {near[0]}'?" if near else f"{group} can {', '.join(words)}"
    if " " in name or name.lower().endswith(".xml"):
        return f'forethought run "{name}"'
    near = get_close_matches(name, [*_GROUPS, *COMMANDS], 1, 0.5)
    return f"did you mean '{near[0]}'?" if near else "forethought --help lists the commands"


def _report(error: Exception, console: Console) -> int:
    from forethought.kernel.errors import ForethoughtError, PlanError

    if type(error) is PlanError and error.problems:
        if console.json:
            console.print_json({"error": "; ".join(each.message for each in error.problems)})
        for each in error.problems:
            console.fail(f"{each.message} [{each.code}]", each.hint or "")
        return 1
    message, hint = str(error), ""
    if not isinstance(error, ForethoughtError):
        message = f"{type(error).__name__}: {error}"
        hint = "this is a fault of the program; FORETHOUGHT_DEBUG=1 shows where it happened"
    return _end(console, 1, message, hint)


def _end(console: Console, status: int, message: str, hint: str = "") -> int:
    """Say why the command ends and return its exit status; with `--json` the sentence is the document, too."""
    if console.json:
        console.print_json({"error": message})
    console.fail(message, hint)
    return status


def _close_quietly() -> None:
    """Point standard output to nowhere, so that closing it at the end of the process says nothing either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
