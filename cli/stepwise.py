"""A goal reached step by step at the command line: each step is told as it runs, and asked for where it has effects."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict, cast

from .console import UsageError

if TYPE_CHECKING:
    import asyncio

    from forethought.kernel.kernel import Kernel
    from forethought.planners.journaling.history import History
    from forethought.planners.running.events import Event, Listener
    from forethought.planners.running.patch import Agree, Patch
    from forethought.planners.running.result import RunResult
    from forethought.planners.stepwise import StepwisePlanner, StepwiseResult

    from .arguments import Options
    from .console import Console

__all__ = ["check_options", "go_on", "reach"]

_WAITS = 3
_INTERRUPTED = 130
_MOST_STEPS = 1000


class _How(TypedDict):
    """How steps are run: agreed to by whom, told to whom, until when."""

    agree: Agree
    listen: Sequence[Listener]
    stop: asyncio.Event


_Begin = Callable[["StepwisePlanner", "_How"], Awaitable["StepwiseResult"]]


def check_options(options: Options) -> None:
    """Refuse what makes no sense together; raises UsageError."""
    steps = options.max_steps
    if not steps.isascii() or not steps.isdecimal() or not 1 <= int(steps) <= _MOST_STEPS:
        raise UsageError(
            f"run: --max-steps '{steps}' is not a number from 1 to {_MOST_STEPS}", "such as --max-steps 10"
        )
    if not options.stepwise:
        if options.save:
            raise UsageError("run: --save goes with --stepwise", "forethought plan GOAL -o FILE makes and saves a plan")
        return
    if not options.goal.strip():
        raise UsageError("the goal is empty", 'such as "Write a joke about dinosaurs in upper case"')
    given = {"--approved": options.approved, "--dry-run": options.dry_run}
    for name, value in given.items():
        if value:
            raise UsageError(f"run: {name} does not go with --stepwise: the steps are not known beforehand")
    if options.replans != "0":
        raise UsageError("run: --replans does not go with --stepwise: the model sees what failed anyway")


def reach(inputs: Mapping[str, str], options: Options, kernel: Kernel, console: Console) -> int:
    """Reach the goal, save what was done where that is wanted, and return the exit status."""
    from forethought.planners.journaling.locating import open_journal

    from .files import check_writable, write_text

    if options.save:
        check_writable(options.save)
    journal = None if options.no_journal else console.closed_at_end(open_journal(options.journal, kernel.settings))

    def begin(planner: StepwisePlanner, how: _How) -> Awaitable[StepwiseResult]:
        return planner.run(options.goal, inputs=inputs, journal=journal, **how)

    def save(result: StepwiseResult) -> None:
        if options.save and result.ok:
            write_text(options.save, result.plan.to_xml())
            console.tell(f"saved as {options.save}")

    kept = journal is not None
    return _told(begin, int(options.max_steps), options, kernel, console, save=save, kept=kept)


def go_on(history: History, inputs: Mapping[str, str], options: Options, kernel: Kernel, console: Console) -> int:
    """Go on with a goal that was broken off, and return the exit status."""
    from forethought.planners.journaling.locating import open_journal

    given = {"--plan": options.plan, "--changed": options.changed, "--replans": options.replans != "0"}
    for name, value in given.items():
        if value:
            raise UsageError(f"resume: {name} does not go with '{history.id}', which was reached step by step")
    journal = console.closed_at_end(open_journal(options.journal, kernel.settings))

    def begin(planner: StepwisePlanner, how: _How) -> Awaitable[StepwiseResult]:
        return planner.resume(history.id, inputs=inputs, journal=journal, **how)

    limits = history.stepwise or {}
    return _told(begin, cast("int", limits.get("max_steps", 20)), options, kernel, console)


def _told(
    begin: _Begin,
    max_steps: int,
    options: Options,
    kernel: Kernel,
    console: Console,
    *,
    save: Callable[[StepwiseResult], None] = lambda result: None,
    kept: bool = True,
) -> int:
    """Reach a goal, tell what came of it, and return the exit status."""
    import asyncio

    from .performing import way_on

    asking = _Asking(kernel, console, yes=options.yes)

    def hint(run: str) -> str:
        return f"forethought resume {run}" if kept and run else ""

    try:
        result = asyncio.run(_take(begin, max_steps, options, kernel, console, asking=asking))
    except asyncio.CancelledError as error:
        if asking.last is None:
            raise KeyboardInterrupt from error
        return _interrupted(asking.last, None, kernel, console, hint(asking.last.run))
    save(result)
    run = result.run
    if run.status == "cancelled":
        return _interrupted(run, result.answer, kernel, console, hint(run.run))
    if console.json:
        console.print_run(run, **_more(result, waits=asking.waits))
    elif result.ok:
        _print(result, console)
    if result.ok:
        return 0
    if run.status == "in_doubt":
        console.fail(result.reason, way_on(run))
        return _WAITS
    if asking.waits:
        again = hint(run.run)
        console.fail(f"{result.reason}: it waits for an approval", f"{again} --yes" if again else "add --yes")
        return _WAITS
    console.fail(result.reason, hint(run.run))
    return 1


async def _take(
    begin: _Begin, max_steps: int, options: Options, kernel: Kernel, console: Console, *, asking: _Asking
) -> StepwiseResult:
    from contextlib import redirect_stdout

    from forethought.kernel.models.fallback import telling
    from forethought.planners.stepwise import StepwisePlanner

    from .performing import grace, stopped_by_signals
    from .rendering.progress import usage_in_words
    from .rendering.styling import visible

    console.tell(visible(f"going step by step with {kernel.planner_model.spec}"))
    planner = StepwisePlanner(kernel, max_steps=max_steps)
    with redirect_stdout(console.foreign), telling(lambda fall: console.tell(visible(str(fall)))):
        async with kernel:
            with stopped_by_signals(console, grace(options)) as stop:
                listen = (console.hiding.listen, asking.listen, _listener(console))
                result = await begin(planner, {"agree": asking.agree, "listen": listen, "stop": stop})
    if result.attempts:
        console.tell(usage_in_words(result.usage))
    return result


class _Asking:
    """Asks for steps with effects, unless `yes` was said beforehand.

    `waits` is true where nobody can be asked; `last` is what came of all steps so far.
    """

    def __init__(self, kernel: Kernel, console: Console, *, yes: bool) -> None:
        self.waits = False
        self.last: RunResult | None = None
        self._kernel = kernel
        self._console = console
        self._yes = yes

    def listen(self, event: Event) -> None:
        """Keep what came of the steps."""
        from forethought.planners.running.events import RunFinished

        if isinstance(event, RunFinished):
            self.last = event.result

    def agree(self, patch: Patch) -> bool:
        """Show the next step with the values that it takes, and say whether it may run."""
        from forethought.kernel.values import text

        from .rendering.changes import render_changes
        from .rendering.styling import visible

        if self._yes:
            return True
        console = self._console
        taken = list(self._taken(patch))
        changes = render_changes(console.hiding.changes(patch.changes), paint=console.paint_messages)
        console.tell(f"The next step has effects:\n{changes}")
        for name, value in taken:
            console.tell(f"{visible(name)} is {visible(text(value))}")
        if console.answers:
            return console.ask("Run it?")
        self.waits = True
        return False

    def _taken(self, patch: Patch) -> Iterator[tuple[str, object]]:
        """Yield what new steps take of the results so far: each has been there for nobody but the model to see."""
        from forethought.planners.scheduling.scheduling import schedule

        if patch.plan is None or self.last is None:
            return
        outputs = {each.id: each.output for each in patch.finished}
        variables = self.last.variables
        scheduled = schedule(patch.plan, self._kernel.skills, variables=self.last.given)
        self._console.hiding.begin(scheduled.bound, self.last.given)
        steps = scheduled.by_id.values()
        new = [edge for each in steps if patch.is_new(each.id) for edge in each.edges if edge.after in outputs]
        for edge in dict.fromkeys(edge for edge in new if edge.kind == "data"):
            name = edge.subject
            if name == "input":
                yield f"the result of step {edge.after}", outputs[edge.after]
            else:
                yield f"${name}", variables[name] if name in variables else outputs[edge.after]


def _interrupted(run: RunResult, answer: str | None, kernel: Kernel, console: Console, hint: str) -> int:
    """Tell what was done before an interrupt, and return its exit status."""
    from .performing import interrupted

    if console.json:
        cut = {"status": "cancelled", "value": None, "error": "interrupted"}
        console.print_run(run, **cut, answer=answer or None, plan=run.plan.to_xml())
    console.fail(interrupted(run, kernel), hint)
    return _INTERRUPTED


def _listener(console: Console) -> Listener:
    """Tell the thought before each step, and what becomes of it."""
    from forethought.planners.running.events import RunFinished, RunStarted

    from .rendering.progress import EventLines
    from .rendering.styling import visible

    lines = EventLines(paint=console.paint_messages, hide=console.hiding.output)

    def listen(event: Event) -> None:
        if isinstance(event, RunStarted):
            thought = event.schedule.bound.plan.steps[-1].rationale if event.schedule else ""
            if thought:
                console.tell(console.paint_messages(f"# {visible(thought)}", "dim"))
        elif not isinstance(event, RunFinished) and (line := lines(event)):
            console.tell(line)

    return listen


def _more(result: StepwiseResult, *, waits: bool) -> dict[str, object]:
    status = {"status": "waiting"} if waits else {}
    return {**status, "answer": result.answer or None, "plan": result.plan.to_xml()}


def _print(result: StepwiseResult, console: Console) -> None:
    from forethought.kernel.values import text

    if result.answer:
        console.print_value(result.answer)
    elif result.value is not None:
        console.print_value(text(result.value))
