"""`forethought resume`: a run goes on from its journal; what is in doubt is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser
from forethought.cli.console import Console, UsageError
from forethought.cli.performing import WAITS, agree, grace, grace_option, journal_option, perform, tell_result, user

if TYPE_CHECKING:
    from forethought.cli.files import PlanFile
    from forethought.kernel.kernel import Kernel
    from forethought.planners.journaling.history import Past
    from forethought.planners.journaling.journal import Journal
    from forethought.planners.language.nodes import Plan
    from forethought.planners.running.events import Listener
    from forethought.planners.running.result import RunResult

__all__ = ["RESUME"]

HELP = f"""\
Usage: forethought resume RUN [--step STEP --done OUTPUT | --step STEP --redo | --abandon] [OPTIONS]

Goes on with a run where it ended: what is finished is read from the journal and does not run again. RUN is the id of a
run, the end of one, or `last`.

A step that had started and left no end is in doubt: nobody knows whether it was done. It is run again where that does
no harm: it writes nothing, or is idempotent. Any other is asked for; where nobody can be asked, nothing runs and the
exit status is 3. Look whether it was done, and say so.

What was approved is what ran. With --plan, --changed or --input it is something else that goes on: you are asked first,
where what is left of it has effects.

Options:
  --step STEP             the step that is in doubt, and of it:
  --done OUTPUT           it was done, and gave this output (JSON, or else text)
  --redo                  it was not done: run it
  --abandon               do not go on with this run, ever
  --plan FILE             go on with another plan, in which what has run is as it was
  --changed               go on although functions that are still to be called have changed
  --input NAME=VALUE      a variable that the journal does not have: a secret; may be repeated
  --input-file NAME=FILE  the same with the text of a file
  -y, --yes               go on with a changed plan, changed functions or given inputs without asking
  --grace SECONDS         how long running steps may go on after Ctrl-C or SIGTERM (default: 5)
  --journal PATH          the file of the journal, or postgresql://USER@HOST/DATABASE

{EVERYWHERE}
Examples:
  forethought resume last
  forethought resume last --step 3 --done '{{"id": 7}}'
  forethought resume last --step 3 --redo

Exit status: 0 done, 1 failed, 3 waits for an approval or is in doubt.
"""


def _options(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("--step", metavar="STEP")
    parser.add_argument("--done", metavar="OUTPUT")
    parser.add_argument("--redo", action="store_true")
    parser.add_argument("--abandon", action="store_true")
    parser.add_argument("--plan", metavar="FILE")
    parser.add_argument("--changed", action="store_true")
    parser.add_argument("--input", metavar="NAME=VALUE", action="append", default=[])
    parser.add_argument("--input-file", metavar="NAME=FILE", action="append", default=[])
    parser.add_argument("-y", "--yes", action="store_true")
    grace_option(parser)
    journal_option(parser)


def _execute(options: Options, console: Console) -> int:
    import asyncio

    from forethought.cli.files import refuse
    from forethought.cli.skills import open_kernel
    from forethought.kernel.errors import PlanError
    from forethought.planners.checking.binding import bind
    from forethought.planners.journaling.approving import Approvals, Policy
    from forethought.planners.journaling.locating import open_journal
    from forethought.planners.journaling.resuming import resume

    from .run import read_inputs

    said = sum([options.done is not None, options.redo, options.abandon])
    if said > 1 or (options.step is None) != (said == 0 or options.abandon):
        raise UsageError("resume: --step goes with --done OUTPUT or --redo, one of them", "forethought resume --help")
    inputs = read_inputs(options, console)
    kernel = open_kernel(options, console)
    journal = console.closed_at_end(open_journal(options.journal, kernel.settings))
    file = _plan(options, journal, console)
    if file.plan is None:
        return refuse(file, file.problems, console)
    if options.abandon:
        journal.settle(options.run, "abandoned", name=user())
        console.tell("The run is abandoned.")
        return 0
    console.hiding.begin(bind(file.plan, kernel.skills, inputs), inputs)
    if not _agreed(options, file.plan, journal, kernel, console):
        return WAITS
    _settle(options, journal, kernel, console)

    policy = Policy.of(kernel.settings)

    async def go(listen: Sequence[Listener], stop: asyncio.Event) -> RunResult:
        return await resume(
            options.run,
            kernel,
            journal=journal,
            plan=file.plan if options.plan else None,
            inputs=inputs,
            changed=options.changed,
            approve=Approvals(journal, policy) if policy.each else None,
            stop=stop,
            listen=listen,
        )

    try:
        result = asyncio.run(perform(go, kernel, console, grace=grace(options)))
        while agree(result, journal, console, policy.expires):
            result = asyncio.run(perform(go, kernel, console, grace=grace(options)))
    except PlanError as error:
        return refuse(file, error.problems, console)
    return tell_result(result, console, kept=True)


def _plan(options: Options, journal: Journal, console: Console) -> PlanFile:
    """Return the plan that goes on: the one in a file, or the one that ran."""
    from forethought.cli.files import PlanFile, read_plan

    if options.plan is None:
        history = journal.history(options.run)
        return PlanFile(history.id, history.plan.to_xml(), history.plan, ())
    from forethought.cli.rendering.changes import render_changes
    from forethought.planners.language.comparing import compare

    file = read_plan(options.plan, console)
    if file.plan is not None:
        changes = console.hiding.changes(compare(journal.history(options.run).plan, file.plan))
        console.tell(render_changes(changes, paint=console.paint_messages) if changes else "The plan is the same.")
    return file


def _agreed(options: Options, plan: Plan, journal: Journal, kernel: Kernel, console: Console) -> bool:
    """Say whether what goes on is what was approved, or has no effects left, or somebody agrees to it now."""
    from forethought.cli.rendering.approval import effects, render_effects
    from forethought.cli.rendering.plans import schedule_anyway
    from forethought.planners.checking.binding import bind

    if options.yes or not (options.plan or options.changed or options.input or options.input_file):
        return True
    history = journal.history(options.run)
    done = {past.id for past in history.steps.values() if past.state == "succeeded"}
    schedule = schedule_anyway(bind(plan, kernel.skills, history.variables()))
    steps = tuple(step for step in effects(schedule) if step.id not in done)
    if not steps:
        return True
    console.tell(f"This is not what was approved, and what is left of it has effects:\n{render_effects(steps)}")
    if console.answers:
        return console.ask("Go on with it?")
    console.fail("the run waits for an approval, and nobody can be asked here; nothing was run", "add --yes")
    if console.json:
        console.print_run(history.result("waiting", "the run waits for an approval"))
    return False


def _settle(options: Options, journal: Journal, kernel: Kernel, console: Console) -> None:
    """Keep what is said of steps in doubt: by options, or by somebody who is asked."""
    from forethought.planners.journaling.resuming import doubts

    history = journal.history(options.run)
    open_ = {each.id: each for each in doubts(history, kernel.skills)}
    if options.step is not None:
        past = open_.get(options.step)
        if past is None:
            listed = f"those in doubt are {', '.join(open_)}" if open_ else "none is in doubt"
            raise UsageError(f"resume: step '{options.step}' is not in doubt", listed)
        if options.redo:
            journal.settle_step(history.id, past, "redo", name=user())
        else:
            journal.settle_step(history.id, past, "done", name=user(), output=_read(options.done))
        return
    if console.answers:
        for past in open_.values():
            _ask(history.id, past, journal, console)


def _ask(run: str, past: Past, journal: Journal, console: Console) -> None:
    from forethought.cli.rendering.styling import visible

    console.tell(f"Step {past.id}, {visible(past.function)}, had started, and nobody knows whether it was done.")
    answer = console.choose("Was it?", {"y": "yes, it was done", "n": "no: run it now", "l": "leave it for later"})
    if answer == "y":
        given = console.line("What did it give (JSON, or text)?")
        journal.settle_step(run, past, "done", name=user(), output=_read(given))
    elif answer == "n":
        journal.settle_step(run, past, "redo", name=user())


def _read(given: str) -> object:
    """Return what JSON text says, or else the text."""
    import json

    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        return given or None


RESUME = Command(HELP, _options, _execute)
