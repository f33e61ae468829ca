"""`forethought resume`: a run goes on from its journal; what is in doubt is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser
from forethought.cli.console import Console, UsageError
from forethought.cli.performing import (
    INTERRUPTED,
    WAITS,
    Go,
    carry_through,
    grace,
    grace_option,
    journal_option,
    tell_result,
    user,
)

if TYPE_CHECKING:
    import asyncio

    from forethought.cli.files import PlanFile
    from forethought.kernel.kernel import Kernel
    from forethought.planners.journaling.history import History, Past
    from forethought.planners.journaling.journal import Journal
    from forethought.planners.language.nodes import Plan
    from forethought.planners.running.events import Listener
    from forethought.planners.running.result import RunResult

__all__ = ["RESUME", "read_output"]

HELP = f"""\
Usage: forethought resume RUN [--step STEP --done OUTPUT | --step STEP --redo | --abandon] [OPTIONS]

Goes on with a run where it ended: what is finished is read from the journal and does not run again. RUN is the id of a
run, the end of one, or `last`.

A step that had started and left no end is in doubt: nobody knows whether it was done. It is run again where that does
no harm: it writes nothing, or is idempotent. Any other is asked for; where nobody can be asked, nothing runs and the
exit status is 3. Look whether it was done, and say so.

A plan or a call that waits for an approval is shown, and asked for; where nobody can be asked, it goes on waiting.

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
  -y, --yes               go on without asking with a plan that waits for an approval, a changed plan, changed
                          functions or given inputs
  --replans N             where a step fails, let the model find another way to the goal, up to N times
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
    parser.add_argument("--replans", metavar="N", default="0")
    grace_option(parser)
    journal_option(parser)


def _execute(options: Options, console: Console) -> int:
    from forethought.cli.files import refuse
    from forethought.cli.skills import open_kernel
    from forethought.cli.stepwise import go_on
    from forethought.kernel.errors import PlanError
    from forethought.planners.checking.binding import bind
    from forethought.planners.journaling.locating import open_journal
    from forethought.planners.journaling.resuming import refuse_ended

    from .run import read_inputs, replans

    said = sum([options.done is not None, options.redo, options.abandon])
    if said > 1 or (options.step is None) != (said == 0 or options.abandon):
        raise UsageError("resume: --step goes with --done OUTPUT or --redo, one of them", "forethought resume --help")
    replans(options)
    inputs = read_inputs(options, console)
    kernel = open_kernel(options, console)
    journal = console.closed_at_end(open_journal(options.journal, kernel.settings))
    history = journal.history(options.run)
    if history.carried:
        from forethought.cli.handing import go_on as hand_back

        return hand_back(history, kernel, options, console)
    file = _plan(history, options, console)
    if file.plan is None:
        return refuse(file, file.problems, console)
    console.hiding.begin(bind(file.plan, kernel.skills, inputs), inputs)
    going = _Going(history, file.plan, inputs, journal, kernel)
    try:
        if not options.abandon:
            refuse_ended(history, f"'{journal.path}'")
        if options.abandon or not _settle(going, options, console):
            journal.settle(history.id, "abandoned", name=user())
            console.tell("The run is abandoned.")
            return 0
        if history.stepwise is not None:
            return go_on(history, inputs, options, kernel, console)
        if not _agreed(going, options, console):
            if console.json:
                console.print_run(history.result("waiting", "the run waits for an approval"))
            return WAITS
        return _perform(going, options, console)
    except PlanError as error:
        return refuse(file, error.problems, console)
    except KeyboardInterrupt:  # at a question
        if console.json:
            console.print_json({"error": "interrupted"})
        console.fail("interrupted", f"forethought resume {history.id}")
        return INTERRUPTED


class _Going(NamedTuple):
    """What goes on: a run, with a plan and with inputs, if those are others."""

    history: History
    plan: Plan
    inputs: Mapping[str, str]
    journal: Journal
    kernel: Kernel


def _perform(going: _Going, options: Options, console: Console) -> int:
    """Go on; where the run waits for approvals of single calls, ask for them, and go on again."""
    from forethought.cli.repairing import Repairs
    from forethought.planners.journaling.approving import Approvals, Policy
    from forethought.planners.journaling.resuming import resume

    from .run import replans

    history, plan, inputs, journal, kernel = going
    policy = Policy.of(kernel.settings)
    repairs = Repairs(kernel, console, yes=options.yes)

    def again(run: str) -> Go:
        async def go(listen: Sequence[Listener], stop: asyncio.Event) -> RunResult:
            return await resume(
                run,
                kernel,
                journal=journal,
                plan=plan if options.plan and run == history.id else None,
                inputs=inputs,
                changed=options.changed,
                approve=Approvals(journal, policy) if policy.each else None,
                stop=stop,
                max_replans=replans(options),
                planner=repairs,
                agree=repairs.agree,
                listen=listen,
            )

        return go

    seconds, expires = grace(options), policy.expires
    result = carry_through(again(history.id), again, kernel, console, journal=journal, grace=seconds, expires=expires)
    status = tell_result(result, kernel, console, kept=True, waits=repairs.waits)
    return repairs.told(result, status)


def _plan(history: History, options: Options, console: Console) -> PlanFile:
    """Return the plan that goes on: the one in a file, or the one that ran."""
    from forethought.cli.files import PlanFile, read_plan

    if options.plan is None:
        return PlanFile(history.id, history.plan.to_xml(), history.plan, ())
    from forethought.cli.rendering.changes import render_changes
    from forethought.planners.language.comparing import compare

    file = read_plan(options.plan, console)
    if file.plan is not None:
        changes = console.hiding.changes(compare(history.plan, file.plan))
        console.tell(render_changes(changes, paint=console.paint_messages) if changes else "The plan is the same.")
    return file


def _agreed(going: _Going, options: Options, console: Console) -> bool:
    """Say whether what goes on is what was approved, or has no effects left, or somebody agrees to it now.

    A plan that waits for an approval, where nobody can be asked, goes on waiting.
    """
    from forethought.cli.rendering.approval import effects, render_effects
    from forethought.cli.rendering.plans import schedule_anyway
    from forethought.planners.checking.binding import bind

    history = going.history
    if history.held:
        return _agreed_to_begin(going, options, console)
    if options.yes or not (options.plan or options.changed or options.input or options.input_file):
        return True
    done = {past.id for past in history.steps.values() if past.state == "succeeded"}
    schedule = schedule_anyway(bind(going.plan, going.kernel.skills, history.variables()))
    steps = tuple(step for step in effects(schedule) if step.id not in done)
    if not steps:
        return True
    console.tell(f"This is not what was approved, and what is left of it has effects:\n{render_effects(steps)}")
    if console.answers:
        return console.ask("Go on with it?")
    console.fail("the run waits for an approval, and nobody can be asked here; nothing was run", "add --yes")
    return False


def _agreed_to_begin(going: _Going, options: Options, console: Console) -> bool:
    """Show a plan that waits for an approval and ask for it, unless it has one."""
    from forethought.cli.rendering.approval import effects, render_effects
    from forethought.cli.rendering.plans import render_plan
    from forethought.planners.journaling.approving import Policy, last_word
    from forethought.planners.journaling.resuming import given_to
    from forethought.planners.running.approval import fingerprint
    from forethought.planners.running.preparation import prepare

    history, plan, inputs, journal, kernel = going
    prepared = prepare(plan, kernel, given_to(history, inputs))
    agreed, now = fingerprint(prepared.schedule, prepared.variables), journal.now()
    if last_word(history.decisions, None, agreed, now) or not (options.yes or console.answers):
        return True
    if not options.yes:
        shown = console.hiding.schedule(prepared.schedule, prepared.variables)
        console.tell(render_plan(shown, given=console.hiding.given(inputs), paint=console.paint_messages))
        console.tell(f"\nThis plan waits for an approval, since it has effects:\n{render_effects(effects(shown))}")
        if not console.ask("Run it?"):
            console.tell("Nothing was run.")
            return False
    expires = now + Policy.of(kernel.settings).expires
    journal.settle(history.id, "approved", name=user(), hash=agreed, expires=expires)
    return True


def _settle(going: _Going, options: Options, console: Console) -> bool:
    """Keep what is said of steps in doubt, by options or by somebody who is asked; False where the run is given up."""
    from forethought.planners.journaling.resuming import doubts

    history, journal = going.history, going.journal
    open_ = {each.id: each for each in doubts(history, going.kernel.skills)}
    if options.step is not None:
        past = open_.get(options.step)
        if past is None:
            listed = f"those in doubt are {', '.join(open_)}" if open_ else "none is in doubt"
            raise UsageError(f"resume: step '{options.step}' is not in doubt", listed)
        if options.redo:
            journal.settle_step(history.id, past, "redo", name=user())
        else:
            journal.settle_step(history.id, past, "done", name=user(), output=read_output(options.done))
        return True
    return not console.answers or all(_asked(past, history, journal, console) for past in open_.values())


def _asked(past: Past, history: History, journal: Journal, console: Console) -> bool:
    """Ask what became of a step in doubt, and keep it; False where the run is given up."""
    from forethought.cli.rendering.runs import render_call

    console.tell(f"This had started, and nobody knows whether it was done:\n{render_call(past, history)}")
    choices = {
        "y": "yes, it was done",
        "n": "no: run it now",
        "a": "abandon the run: it does not go on, ever",
        "l": "leave it for later",
    }
    match console.choose("Was it done?", choices):
        case "y":
            given = console.line("What did it give (JSON, or text)?")
            journal.settle_step(history.id, past, "done", name=user(), output=read_output(given))
        case "n":
            journal.settle_step(history.id, past, "redo", name=user())
        case "a":
            return False
        case _:
            pass
    return True


def read_output(given: str) -> object:
    """Return what JSON text says, or else the text."""
    import json

    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        return given or None


RESUME = Command(HELP, _options, _execute)
