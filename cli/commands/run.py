"""`forethought run`: a goal is planned, a plan is shown, effects are asked for, and then it runs as it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser, variable_name
from forethought.cli.console import Console, UsageError
from forethought.cli.handing import OPTIONS, check_engine, engine_options, hand_in

if TYPE_CHECKING:
    import asyncio

    from forethought.cli.files import PlanFile
    from forethought.kernel.kernel import Kernel
    from forethought.kernel.problems import Problem
    from forethought.planners.journaling.journal import Journal
    from forethought.planners.scheduling.schedule import Schedule

__all__ = ["RUN", "read_inputs", "replans"]

_WAITS = 3
_MOST_REPLANS = 100
_GOAL = "plan"  # the name of a plan that is in no file

HELP = f"""\
Usage: forethought run GOAL|FILE [--input NAME=VALUE]... [--yes | --approved HASH] [--dry-run] [--replans N] [OPTIONS]
       forethought run --stepwise GOAL [--input NAME=VALUE]... [--yes] [--save FILE] [OPTIONS]

Runs a plan. A goal is planned first; a saved plan needs no model to plan. What exists as a file, ends with .xml,
or is - (standard input) is a plan; all else is a goal.

The plan is shown and checked before anything runs. If a step writes, destroys or reaches the open world, you are
asked first; where nobody can be asked, nothing runs and the exit status is 3. An approval has a hash, which --dry-run
tells: with it the same plan, with the same inputs and functions, runs unasked, and any other does not run at all. The
result goes to standard output, everything else to standard error.

Options:
  --input NAME=VALUE      a variable of the plan; may be repeated
  --input-file NAME=FILE  a variable with the text of a file
  -y, --yes               run without asking
  --approved HASH         run without asking what was approved by this hash, and nothing else
  --dry-run               stop after checking and show the plan
  --replans N             where a step fails, let the model find another way to the goal, up to N times: what is
                          done stays done; the change is shown, and asked for where it has effects
  --stepwise              let the model take one step at a time, and see what each one gave
  --max-steps N           of those steps, N at most (default 20)
  --save FILE             write the steps that were taken as a plan, which runs again without a model
  --journal PATH          where the run is kept, so that it can be resumed (default: FORETHOUGHT_JOURNAL_PATH, or
                          `path` in [journal] of forethought.toml, else .forethought/runs.db)
  --no-journal            keep nothing of the run
{OPTIONS}  --grace SECONDS         how long running steps may go on after Ctrl-C or SIGTERM (default: 5)

{EVERYWHERE}
Examples:
  forethought run "Write a joke about dinosaurs in upper case"
  forethought run "Summarize the input in French" --input-file INPUT=report.txt
  forethought run plan.xml --input INPUT="Hello, Steven" --yes
  forethought run plan.xml --dry-run
  forethought run plan.xml --replans 2
  forethought run plan.xml --yes --engine dbos --database postgresql://ada@db.example.org/work
  forethought run --stepwise "Find Steven's address and write it in upper case" --save steps.xml

Exit status: 0 done, 1 failed, 3 waits for an approval.
"""


class _Ready(NamedTuple):
    """A plan that could run: where it stands, what would run, the hash of that, and the journal that would keep it."""

    file: PlanFile
    schedule: Schedule
    agreed: str
    inputs: Mapping[str, str]
    journal: Journal | None


def _options(parser: Parser) -> None:
    parser.add_argument("goal", metavar="GOAL|FILE")
    parser.add_argument("--input", metavar="NAME=VALUE", action="append", default=[])
    parser.add_argument("--input-file", metavar="NAME=FILE", action="append", default=[])
    parser.add_argument("-y", "--yes", action="store_true")
    parser.add_argument("--approved", metavar="HASH")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--replans", metavar="N", default="0")
    parser.add_argument("--stepwise", action="store_true")
    parser.add_argument("--max-steps", metavar="N", default="20")
    parser.add_argument("--save", metavar="FILE")
    parser.add_argument("--journal", metavar="PATH")
    parser.add_argument("--no-journal", action="store_true")
    engine_options(parser)
    parser.add_argument("--grace", metavar="SECONDS", default="5")


def _execute(options: Options, console: Console) -> int:
    """Plan, show, ask and run; only planning and running are asynchronous, so that an interrupt ends a question."""
    import asyncio

    from forethought.cli.files import PlanFile, is_file_name, read_plan, refuse
    from forethought.cli.skills import open_kernel
    from forethought.cli.stepwise import check_options, reach

    replans(options)
    check_options(options)
    check_engine(options)
    inputs = read_inputs(options, console)
    if options.stepwise:
        return reach(inputs, options, open_kernel(options, console), console)
    if is_file_name(options.goal):
        file = read_plan(options.goal, console)
        if file.plan is None:
            return refuse(file, file.problems, console)
        return _run(file, options, inputs, open_kernel(options, console), console)

    from forethought.planners.language.parsing import read

    from .plan import plan_as_document, plan_goal

    kernel = open_kernel(options, console)
    result = asyncio.run(plan_goal(options.goal, kernel, inputs, console))
    if result.plan is None:
        if console.json:
            console.print_json(plan_as_document(result))
        return 1
    xml = result.plan.to_xml()  # what runs is what a saved plan would say, with places that point into it
    return _run(PlanFile(_GOAL, xml, read(xml).plan, ()), options, inputs, kernel, console)


def read_inputs(options: Options, console: Console) -> dict[str, str]:
    """Return the inputs that were given, by name; a value is text, whatever it holds."""
    from forethought.cli.files import read_text

    if [vars(options).get("goal"), *(each.partition("=")[2] for each in options.input_file)].count("-") > 1:
        raise UsageError("'-' stands for standard input, which can be read only once")
    inputs: dict[str, str] = {}
    for option, given in (("--input", options.input), ("--input-file", options.input_file)):
        for each in given:
            _, sign, value = each.partition("=")
            if not sign:
                what = "FILE" if option == "--input-file" else "VALUE"
                raise UsageError(f"{option} '{each}' is not NAME={what}", f'such as {option} INPUT="some text"')
            name = variable_name(each, of=option)
            inputs[name] = value if option == "--input" else read_text(value, console)
    return inputs


def _run(file: PlanFile, options: Options, inputs: Mapping[str, str], kernel: Kernel, console: Console) -> int:
    """Check, show, ask, run."""
    from forethought.cli.files import refuse
    from forethought.cli.rendering.plans import plan_as_json, render_plan
    from forethought.kernel.errors import PlanError
    from forethought.kernel.problems import has_errors
    from forethought.planners.checking.binding import bind
    from forethought.planners.checking.check import check_bound
    from forethought.planners.journaling.locating import open_journal
    from forethought.planners.running.preparation import approval_hash, take_inputs
    from forethought.planners.scheduling.scheduling import schedule_bound

    assert file.plan is not None
    variables = kernel.variables.with_variables(inputs)
    bound = bind(file.plan, kernel.skills, variables)
    console.hiding.begin(bound, variables)
    found = [each for each in check_bound(bound) if each.code != "impossible-plan"]  # which is an obstacle here
    problems = (*file.problems, *found, *take_inputs(file.plan, variables)[1])
    if has_errors(problems):
        return refuse(file, problems, console)
    schedule = schedule_bound(bound)
    agreed = approval_hash(schedule, kernel, inputs=inputs)
    unused = _unused_inputs(schedule, inputs)
    problems = unused if file.name == _GOAL else (*problems, *unused)  # those of a new plan have been told
    shown, given = console.hiding.schedule(schedule, variables), console.hiding.given(inputs)
    if options.dry_run:
        if console.json:
            console.print_json({**plan_as_json(shown), "approval": agreed})
        else:
            console.print(render_plan(shown, given=given, paint=console.paint))
        console.tell_problems(problems, file=file.name, source=file.source)
        console.tell(f"approval: {agreed}")
        return 0
    if not options.yes or file.name == _GOAL:
        console.tell(render_plan(shown, given=given, paint=console.paint_messages) + "\n")
    console.tell_problems(problems, file=file.name, source=file.source)
    journal = None if options.no_journal else console.closed_at_end(open_journal(options.journal, kernel.settings))
    ready = _Ready(file, schedule, agreed, inputs, journal)
    how = _approved(schedule, agreed, options, console)
    if options.engine == "dbos":
        approved = None if how is None else agreed
        return hand_in(schedule, inputs, kernel, options, console, approved=approved)
    if how is None:
        return _wait(ready, kernel, options, console)
    try:
        return _perform(ready, how, kernel, options, console)
    except PlanError as error:
        return refuse(file, error.problems, console)


def replans(options: Options) -> int:
    """Return how often a run may be repaired; raises UsageError."""
    if not options.replans.isascii() or not options.replans.isdecimal() or int(options.replans) > _MOST_REPLANS:
        raise UsageError(f"--replans '{options.replans}' is not a number up to {_MOST_REPLANS}", "such as --replans 2")
    return int(options.replans)


def _unused_inputs(schedule: Schedule, inputs: Mapping[str, str]) -> tuple[Problem, ...]:
    from forethought.cli.rendering.plans import inputs_read
    from forethought.kernel.problems import Problem, Severity

    declared = [each.name for each in schedule.bound.plan.inputs]
    known = dict.fromkeys([*declared, *(name for step in schedule.steps for name in inputs_read(step))])
    folded = {name.lower() for name in known}
    return tuple(
        Problem(
            code="unused-input-value",
            message=f"the plan has no use for the input '{name}'",
            severity=Severity.WARNING,
            hint=f"its inputs are {', '.join(known)}" if known else "it has no inputs",
        )
        for name in inputs
        if name.lower() not in folded
    )


def _approved(schedule: Schedule, agreed: str, options: Options, console: Console) -> str | None:
    """Return how the plan was approved: it has no effects, `--yes` or its hash was given, or somebody says yes now.

    None where it was not, or not yet. `agreed` is the hash of what would run.
    """
    from forethought.cli.rendering.approval import effects, render_effects
    from forethought.planners.running.approval import void

    steps = effects(schedule)
    if options.approved is not None:
        return "--approved" if void(options.approved, agreed) is None else None
    if options.yes or not steps:
        return "--yes" if steps else ""
    console.tell(f"This plan has effects:\n{render_effects(steps)}")
    return "terminal" if console.answers and console.ask("Run it?") else None


def _wait(ready: _Ready, kernel: Kernel, options: Options, console: Console) -> int:
    """Say why the plan does not run; where nobody could be asked, the journal keeps it until somebody approves it."""
    from forethought.planners.running.approval import void
    from forethought.planners.running.preparation import take_inputs
    from forethought.planners.running.runner import new_id

    file, schedule, agreed, inputs, journal = ready
    run, error = None, "the plan waits for an approval"
    if options.approved is not None and (problem := void(options.approved, agreed)):
        error = problem.message
        console.fail(f"{error}; nothing was run", problem.hint or "")
    elif console.answers:
        console.tell("Nothing was run.")
    else:
        hint = f"add --yes, or --approved {agreed}"
        if file.name == _GOAL:
            hint = "add --yes, or keep the plan first: forethought plan GOAL -o plan.xml"
        if journal:
            run = new_id()
            journal.hold(run, schedule, take_inputs(schedule.bound.plan, kernel.variables.with_variables(inputs))[0])
            hint = f"forethought approve {run}, then forethought resume {run}; or {hint.partition(', or keep')[0]}"
        console.fail(f"{error}, and nobody can be asked here; nothing was run", hint)
    if console.json:
        console.print_json({**_waiting(schedule, agreed, error), "run": run})
    return _WAITS


def _waiting(schedule: Schedule, agreed: str, error: str) -> dict[str, object]:
    """Return the document of a run that has not begun."""
    steps = [
        {
            "id": step.id,
            "function": step.signature.full_name,
            "status": "not_started",
            "started": None,
            "ended": None,
            "output": None,
            "error": None,
        }
        for step in schedule.steps
    ]
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "calls": 0}
    unknown: dict[str, object] = {"run": None, "status": "waiting", "value": None, "results": {}, "variables": {}}
    return {**unknown, "steps": steps, "usage": usage, "error": error, "approval": agreed}


def _perform(ready: _Ready, how: str, kernel: Kernel, options: Options, console: Console) -> int:
    """Run the plan; where it waits for approvals of single calls, ask for them and go on."""
    from forethought.cli.performing import Go, carry_through, grace, tell_result, user
    from forethought.cli.repairing import Repairs
    from forethought.planners.journaling.approving import Approvals, Policy
    from forethought.planners.journaling.resuming import resume
    from forethought.planners.running.events import Event, Listener, RunStarted
    from forethought.planners.running.result import RunResult
    from forethought.planners.running.runner import run

    _, schedule, agreed, inputs, journal = ready
    repairs = Repairs(kernel, console, yes=options.yes)
    policy = Policy.of(kernel.settings)
    approve = Approvals(journal, policy) if journal and policy.each and not options.yes else None

    def note(event: Event) -> None:
        """Keep who approved the plan that starts first, and how."""
        nonlocal how
        if isinstance(event, RunStarted) and journal is not None and how:
            journal.settle(event.run, "approved", name=user(), hash=agreed, how=how)
            how = ""

    async def begin(listen: Sequence[Listener], stop: asyncio.Event) -> RunResult:
        return await run(
            schedule,
            kernel,
            inputs=inputs,
            journal=journal,
            approve=approve,
            stop=stop,
            max_replans=replans(options),
            planner=repairs,
            agree=repairs.agree,
            listen=(note, *listen),
        )

    def again(run: str) -> Go:
        async def go_on(listen: Sequence[Listener], stop: asyncio.Event) -> RunResult:
            assert journal is not None
            return await resume(
                run,
                kernel,
                journal=journal,
                approve=approve,
                stop=stop,
                max_replans=replans(options),
                planner=repairs,
                agree=repairs.agree,
                listen=listen,
            )

        return go_on

    result = carry_through(begin, again, kernel, console, journal=journal, grace=grace(options), expires=policy.expires)
    status = tell_result(result, kernel, console, kept=journal is not None, waits=repairs.waits)
    return repairs.told(result, status)


RUN = Command(HELP, _options, _execute)
