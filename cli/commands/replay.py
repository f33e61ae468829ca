"""`forethought replay` and `forethought fork`: a run again, from its journal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser
from forethought.cli.console import Console
from forethought.cli.performing import WAITS, grace, grace_option, journal_option, perform, tell_result, user

if TYPE_CHECKING:
    from forethought.planners.running.events import Listener
    from forethought.planners.running.result import RunResult

__all__ = ["FORK", "REPLAY"]

_REPLAY_HELP = f"""\
Usage: forethought replay RUN [--live STEP]... [OPTIONS]

Runs a plan again with what its steps gave then: no model is asked, nothing is done to the world, and the result is that
of then, to the last bit. RUN is the id of a run, the end of one, or `last`.

Options:
  --live STEP         run this step anew; it must not write; may be repeated
  --journal PATH      the file of the journal, or postgresql://USER@HOST/DATABASE

{EVERYWHERE}
Example:
  forethought replay last --live 2
"""

_FORK_HELP = f"""\
Usage: forethought fork RUN --from STEP [--yes] [OPTIONS]

Starts a new run that takes over what RUN had finished before STEP, and runs everything from there anew, whatever it
does to the world: you are asked first.

Options:
  --from STEP             the first step that runs anew
  -y, --yes               run without asking
  --input NAME=VALUE      a variable in place of the one of then; may be repeated
  --input-file NAME=FILE  the same with the text of a file
  --grace SECONDS         how long running steps may go on after Ctrl-C or SIGTERM (default: 5)
  --journal PATH          the file of the journal, or postgresql://USER@HOST/DATABASE

{EVERYWHERE}
Example:
  forethought fork last --from 3

Exit status: 0 done, 1 failed, 3 waits for an approval.
"""


def _replay_options(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("--live", metavar="STEP", action="append", default=[])
    journal_option(parser)


def _fork_options(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("--from", metavar="STEP", dest="step", required=True)
    parser.add_argument("-y", "--yes", action="store_true")
    parser.add_argument("--input", metavar="NAME=VALUE", action="append", default=[])
    parser.add_argument("--input-file", metavar="NAME=FILE", action="append", default=[])
    grace_option(parser)
    journal_option(parser)


def _replay(options: Options, console: Console) -> int:
    from forethought.cli.skills import open_kernel
    from forethought.planners.checking.binding import bind
    from forethought.planners.journaling.locating import open_journal
    from forethought.planners.journaling.replaying import replay

    kernel = open_kernel(options, console)
    journal = console.closed_at_end(open_journal(options.journal, kernel.settings))
    history = journal.history(options.run)
    console.hiding.begin(bind(history.plan, kernel.skills, history.variables()), history.variables())
    result = asyncio.run(replay(options.run, kernel, journal=journal, live=options.live))
    return tell_result(result, kernel, console, kept=False)


def _fork(options: Options, console: Console) -> int:
    from forethought.cli.rendering.approval import effects, render_effects
    from forethought.cli.skills import open_kernel
    from forethought.planners.journaling.locating import open_journal
    from forethought.planners.journaling.replaying import fork, refuse_unknown, runs_anew
    from forethought.planners.scheduling.scheduling import schedule

    from .run import read_inputs

    inputs = read_inputs(options, console)
    kernel = open_kernel(options, console)
    journal = console.closed_at_end(open_journal(options.journal, kernel.settings))
    history = journal.history(options.run)
    refuse_unknown(history, options.step)
    plan = schedule(history.plan, kernel.skills, variables=history.variables())
    steps = tuple(each for each in effects(plan) if runs_anew(history, each.id, step=options.step))
    if steps and not options.yes:
        console.tell(
            f"This plan has effects, and from step {options.step} on they happen again:\n{render_effects(steps)}"
        )
        if not console.answers:
            console.fail("the plan waits for an approval, and nobody can be asked here; nothing was run", "add --yes")
            return WAITS
        if not console.ask("Run it?"):
            console.tell("Nothing was run.")
            return WAITS

    async def go(listen: Sequence[Listener], stop: asyncio.Event) -> RunResult:
        return await fork(
            history.id, kernel, journal=journal, step=options.step, name=user(), inputs=inputs, listen=listen, stop=stop
        )

    return tell_result(asyncio.run(perform(go, kernel, console, grace=grace(options))), kernel, console, kept=True)


REPLAY = Command(_REPLAY_HELP, _replay_options, _replay)
FORK = Command(_FORK_HELP, _fork_options, _fork)
