"""`forethought skills find`: the functions that fit a goal, as a planner ranks them, without running anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser
from forethought.cli.console import Console, UsageError

if TYPE_CHECKING:
    from forethought.planners.choosing.choose import Choice

__all__ = ["FIND"]

_HELP = f"""\
Usage: forethought skills find GOAL [OPTIONS]

Ranks the functions for a goal as a planner does, best first, and says what each score is made of: the words that the
function shares with the goal, how near its name, its text and its plugin are, whether it takes a value that is in the
goal, and whether it makes what a better one needs. Scores are from 0 to 1. Exit status: 0.

Options:
  --limit N              show so many at most (default: 10)
  --threshold SCORE      show those that score at least so much
  --embedder SPEC        what compares meanings: local (the default, where it is installed), local:FOLDER, openai:NAME,
                         ollama:NAME, http://HOST:PORT/v1#NAME, ...; or `none`: words alone

{EVERYWHERE}
Examples:
  forethought skills find "Tell Ada a joke by mail"
  forethought skills find "What is in notes.txt?" --limit 3 --json
"""


def _options(parser: Parser) -> None:
    parser.add_argument("goal", metavar="GOAL")
    parser.add_argument("--limit", metavar="N", type=int, default=10)
    parser.add_argument("--threshold", metavar="SCORE", type=float)
    parser.add_argument("--embedder", metavar="SPEC", default="local")


def _find(options: Options, console: Console) -> int:
    import asyncio

    from forethought.cli.rendering.choices import choice_as_json, render_choice
    from forethought.cli.skills import read_skills
    from forethought.planners.choosing.choose import choose
    from forethought.planners.choosing.examples import examples_of
    from forethought.planners.choosing.ranking import rank

    goal = options.goal.strip()
    if not goal:
        raise UsageError("the goal is empty", 'forethought skills find "Tell Ada a joke by mail"')
    if options.limit < 1:
        raise UsageError(f"--limit must be at least 1, not {options.limit}")
    found = read_skills(options.skills)
    skills = found.skills
    examples = examples_of([(pack.name, file) for pack in found.packs for file in pack.plans], skills)
    embedder = None if options.embedder == "none" else options.embedder
    ranking = asyncio.run(rank(goal, tuple(skills), embedder=embedder, examples=examples))
    choice = choose(
        skills,
        goal,
        ranking=ranking,
        relevancy_threshold=options.threshold,
        max_relevant_functions=options.limit,
    )
    if console.json:
        console.print_json(choice_as_json(goal, choice))
        return 0
    if len(choice.skills):
        console.print(render_choice(choice, paint=console.paint))
        console.output.flush()
    console.tell(_told(choice, asked=options.embedder))
    return 0


def _told(choice: Choice, *, asked: str) -> str:
    if choice.by != "keywords":
        by = f"by words and by meaning ({choice.by})"
    elif asked == "none":
        by = "by words alone"
    else:
        by = "by words alone (pip install 'forethought[memory]' adds meaning)"
    return f"{len(choice.skills)} of {len(choice.candidates)} functions, ranked {by}"


FIND = Command(_HELP, _options, _find)
