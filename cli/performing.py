"""Performing: a run with its progress on standard error, what came of it on standard output, and how it goes on."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from .arguments import Options, Parser
from .console import UsageError

if TYPE_CHECKING:
    from forethought.kernel.kernel import Kernel
    from forethought.planners.journaling.history import History, Past
    from forethought.planners.journaling.journal import Journal
    from forethought.planners.running.events import Event, Listener
    from forethought.planners.running.result import RunResult

    from .console import Console

__all__ = [
    "FAILED",
    "INTERRUPTED",
    "WAITS",
    "carry_through",
    "grace",
    "interrupted",
    "journal_option",
    "perform",
    "stopped_by_signals",
    "tell_result",
    "user",
    "way_on",
]

FAILED = 1
WAITS = 3
INTERRUPTED = 130

_STATUS = {"succeeded": 0, "failed": FAILED, "cancelled": INTERRUPTED, "waiting": WAITS, "in_doubt": WAITS}
_GRACE = "5"

Go = Callable[[Sequence["Listener"], asyncio.Event], Awaitable["RunResult"]]
"""Starts a run that tells its events to listeners, and starts no further step once the event is set."""


def journal_option(parser: Parser) -> None:
    """Take the option that says where the journal is."""
    parser.add_argument("--journal", metavar="PATH")


def grace_option(parser: Parser) -> None:
    """Take the option that says how long running steps have when the run is to end."""
    parser.add_argument("--grace", metavar="SECONDS", default=_GRACE)


def grace(options: Options) -> float:
    """Return how many seconds running steps have when the run is to end; raises UsageError."""
    with suppress(ValueError):
        if (seconds := float(options.grace)) >= 0:
            return seconds
    raise UsageError(f"--grace '{options.grace}' is not a number of seconds", "such as --grace 10")


async def perform(go: Go, kernel: Kernel, console: Console, *, grace: float) -> RunResult:
    """Await a run; one that is interrupted gives the result that it came to.

    Ctrl-C and SIGTERM let the running steps finish within `grace` seconds, and cancel them then, or at a second one.
    """
    from contextlib import redirect_stdout
    from dataclasses import replace

    from forethought.planners.running.events import RunFinished

    from .rendering.progress import progress

    ended: list[RunFinished] = []

    def keep(event: Event) -> None:
        if isinstance(event, RunFinished):
            ended.append(event)

    try:
        with redirect_stdout(console.foreign), progress(console) as listener:  # what functions print is not our output
            async with kernel:
                with stopped_by_signals(console, grace) as stop:
                    return await go((console.hiding.listen, listener, keep), stop)
    except (asyncio.CancelledError, KeyboardInterrupt):  # the latter at a question between two runs
        if not (ended and (result := ended[-1].result)):
            raise
        return replace(result, status="cancelled", value=None)


@contextmanager
def stopped_by_signals(console: Console, grace: float) -> Generator[asyncio.Event]:
    """Yield an event that Ctrl-C and SIGTERM set; what runs in the block is cancelled after the grace period."""
    loop, task, stop = asyncio.get_running_loop(), asyncio.current_task(), asyncio.Event()
    assert task is not None

    def end() -> None:
        if stop.is_set() or not grace:
            stop.set()
            task.cancel()
            return
        stop.set()
        console.tell(
            f"stopping: what runs has {grace:g} second{'' if grace == 1 else 's'} to finish; once more cancels it"
        )
        loop.call_later(grace, task.cancel)

    caught: list[signal.Signals] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
            loop.add_signal_handler(number, end)
            caught.append(number)
    try:
        yield stop
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


def tell_result(result: RunResult, kernel: Kernel, console: Console, *, kept: bool, waits: bool = False) -> int:
    """Print what came of a run, say how it can go on where its journal is `kept`, and return the exit status.

    With `waits`, another way for it waits for an approval.
    """
    from forethought.kernel.values import text

    if console.json:
        console.print_run(result, **({"status": "waiting"} if waits else {}))
    elif result.ok and result.value is not None:
        console.print_value(text(result.value))
    if not result.ok:
        reason = result.error or f"the run was {result.status}"
        if result.status == "cancelled":
            reason = interrupted(result, kernel)
        console.fail(reason, way_on(result) if kept else "")
    return _STATUS[result.status]


def way_on(result: RunResult) -> str:
    """Return how a run goes on; empty where it would only end in the same way."""
    from forethought.kernel.errors import ConditionError, FunctionError, PathError

    again = f"forethought resume {result.run}"
    if result.status == "waiting":
        return f"forethought approve {result.run}, then {again}"
    if result.status == "failed":
        cause = result.cause
        if cause is None or (isinstance(cause, FunctionError) and cause.lasting):  # somebody has denied it
            return ""
        if isinstance(cause.__cause__ or cause, ConditionError | PathError):
            return f"mend the plan, then {again} --plan FILE"
    doubt = next((step.id for step in result.steps if step.status == "in_doubt"), None)
    return f"look whether it was; then {again} --step {doubt} --done OUTPUT, or --redo" if doubt else again


def interrupted(result: RunResult, kernel: Kernel) -> str:
    """Return what an interrupt has come to, in words: which steps were cancelled while they changed the world."""
    skills, said = {each.full_name: each for each in kernel.skills}, ["interrupted"]
    for step in result.steps:
        signature = skills.get(step.function)
        if step.status == "cancelled" and signature and signature.effect.writes and not signature.idempotent:
            said.append(f"step {step.id}, {step.function}, was cancelled while it ran, and is in doubt")
    return "; ".join(said)


def carry_through(
    begin: Go,
    go_on: Callable[[str], Go],
    kernel: Kernel,
    console: Console,
    *,
    journal: Journal | None,
    grace: float,
    expires: float,
) -> RunResult:
    """Await a run; where calls of it wait for an approval and somebody can be asked, ask for them, and let it go on.

    `go_on` starts the run of an id again. What is agreed to counts for `expires` seconds. An interrupt at a question
    ends the run as one at work does.
    """
    from dataclasses import replace

    result = asyncio.run(perform(begin, kernel, console, grace=grace))
    while result.status == "waiting" and journal is not None and console.answers:
        try:
            if not _agree(result, journal, console, expires):
                break
        except KeyboardInterrupt:
            return replace(result, status="cancelled")
        result = asyncio.run(perform(go_on(result.run), kernel, console, grace=grace))
    return result


def _agree(result: RunResult, journal: Journal, console: Console, expires: float) -> bool:
    """Ask for each call that a run waits for, keep what is said, and say whether the run can go on."""
    from .rendering.runs import render_call

    history = journal.history(result.run)
    answered = False
    for past in _waiting(history):
        console.tell(f"It waits for an approval of this call:\n{render_call(past, history)}")
        answer = console.choose("May it be made?", {"y": "yes", "n": "no: the run fails", "l": "leave it for later"})
        if answer != "l":
            answered = True
            until = journal.now() + expires
            journal.approve(result.run, step=past.id, deny=answer == "n", name=user(), expires=until)
    return answered


def _waiting(history: History) -> list[Past]:
    return [past for past in history.steps.values() if past.state == "waiting"]


def user() -> str:
    """Return who is at the keyboard, as the system knows them."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user, as in a container
        return ""
