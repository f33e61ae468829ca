"""A goal reached step by step at the command line: each step is told as it runs, and asked for where it has effects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .console import UsageError

if TYPE_CHECKING:
    from forethought.kernel.kernel import Kernel
    from forethought.planners.running.events import Event, Listener
    from forethought.planners.running.patch import Patch
    from forethought.planners.stepwise import StepwiseResult

    from .arguments import Options
    from .console import Console

__all__ = ["check_options", "reach"]

_WAITS = 3
_MOST_STEPS = 1000


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
    given = {"--approved": options.approved, "--dry-run": options.dry_run, "--journal": options.journal}
    for name, value in given.items():
        if value:
            raise UsageError(f"run: {name} does not go with --stepwise: the steps are not known beforehand")


def reach(inputs: Mapping[str, str], options: Options, kernel: Kernel, console: Console) -> int:
    """Reach the goal, save what was done where that is wanted, and return the exit status."""
    import asyncio

    from .files import check_writable, write_text

    if options.save:
        check_writable(options.save)
    asking = _Asking(console, yes=options.yes)
    result = asyncio.run(_take(inputs, options, kernel, console, asking))
    if options.save and result.ok:
        write_text(options.save, result.plan.to_xml())
        console.tell(f"saved as {options.save}")
    if console.json:
        console.print_json(_document(result, waits=asking.waits))
    elif result.ok:
        _print(result, console)
    if result.ok:
        return 0
    hint = "add --yes" if asking.waits else ""
    console.fail(f"{result.reason}: it waits for an approval" if asking.waits else result.reason, hint)
    return _WAITS if asking.waits else 1


async def _take(
    inputs: Mapping[str, str], options: Options, kernel: Kernel, console: Console, asking: _Asking
) -> StepwiseResult:
    from contextlib import redirect_stdout

    from forethought.kernel.models.fallback import telling
    from forethought.planners.stepwise import StepwisePlanner

    from .rendering.progress import usage_in_words
    from .rendering.styling import visible

    console.tell(visible(f"going step by step with {kernel.planner_model.spec}"))
    planner = StepwisePlanner(kernel, max_steps=int(options.max_steps))
    with redirect_stdout(console.messages), telling(lambda fall: console.tell(visible(str(fall)))):
        async with kernel:
            result = await planner.run(options.goal, inputs=inputs, agree=asking.agree, listen=_listener(console))
    if result.attempts:
        console.tell(usage_in_words(result.usage))
    return result


class _Asking:
    """Asks for steps with effects, unless `yes` was said beforehand; `waits` is true where nobody can be asked."""

    def __init__(self, console: Console, *, yes: bool) -> None:
        self.waits = False
        self._console = console
        self._yes = yes

    def agree(self, patch: Patch) -> bool:
        """Show the next step, and say whether it may run."""
        from .rendering.changes import render_changes

        if self._yes:
            return True
        console = self._console
        console.tell(f"The next step has effects:\n{render_changes(patch.changes, paint=console.paint_messages)}")
        if console.answers:
            return console.ask("Run it?")
        self.waits = True
        return False


def _listener(console: Console) -> Listener:
    """Tell the thought before each step, and what becomes of it."""
    from forethought.planners.running.events import RunFinished, RunStarted

    from .rendering.progress import EventLines
    from .rendering.styling import visible

    lines = EventLines(paint=console.paint_messages)

    def listen(event: Event) -> None:
        if isinstance(event, RunStarted):
            thought = event.schedule.bound.plan.steps[-1].rationale if event.schedule else ""
            if thought:
                console.tell(console.paint_messages(f"# {visible(thought)}", "dim"))
        elif not isinstance(event, RunFinished) and (line := lines(event)):
            console.tell(line)

    return listen


def _document(result: StepwiseResult, *, waits: bool) -> dict[str, object]:
    status = {"status": "waiting"} if waits else {}
    return {**result.run.as_json(), **status, "answer": result.answer or None, "plan": result.plan.to_xml()}


def _print(result: StepwiseResult, console: Console) -> None:
    from forethought.kernel.values import text

    if result.answer:
        console.print_value(result.answer)
    elif result.value is not None:
        console.print_value(text(result.value))
