"""Performing: a run with its progress on standard error, and what came of it on standard output."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from .arguments import Parser

if TYPE_CHECKING:
    from forethought.kernel.kernel import Kernel
    from forethought.planners.running.events import Event, Listener
    from forethought.planners.running.result import RunResult

    from .console import Console

__all__ = ["FAILED", "INTERRUPTED", "WAITS", "journal_option", "perform", "tell_result"]

FAILED = 1
WAITS = 3
INTERRUPTED = 130

_STATUS = {"succeeded": 0, "failed": FAILED, "cancelled": INTERRUPTED, "waiting": WAITS, "in_doubt": WAITS}


def journal_option(parser: Parser) -> None:
    """Take the option that says where the journal is."""
    parser.add_argument("--journal", metavar="PATH")


async def perform(
    go: Callable[[Sequence[Listener]], Awaitable[RunResult]], kernel: Kernel, console: Console
) -> RunResult:
    """Await a run that tells its events to listeners; one that is interrupted gives the result that it came to."""
    from asyncio import CancelledError
    from contextlib import redirect_stdout

    from forethought.planners.running.events import RunFinished

    from .rendering.progress import progress

    ended: list[RunFinished] = []

    def keep(event: Event) -> None:
        if isinstance(event, RunFinished):
            ended.append(event)

    try:
        with redirect_stdout(console.messages), progress(console) as listener:  # what functions print is not our output
            async with kernel:
                return await go((listener, keep))
    except CancelledError:
        if not (ended and ended[-1].result):
            raise
        return ended[-1].result


def tell_result(result: RunResult, console: Console, *, kept: bool, waits: bool = False) -> int:
    """Print what came of a run, say how it can go on where its journal is `kept`, and return the exit status."""
    from forethought.kernel.values import text

    if console.json:
        console.print_json({**result.as_json(), **({"status": "waiting"} if waits else {})})
    elif result.ok and result.value is not None:
        console.print_value(text(result.value))
    if not result.ok:
        reason = "interrupted" if result.status == "cancelled" else result.error or f"the run was {result.status}"
        console.fail(reason, _way_on(result) if kept else "")
    return _STATUS[result.status]


def _way_on(result: RunResult) -> str:
    again = f"forethought resume {result.run}"
    doubt = next((step.id for step in result.steps if step.status == "in_doubt"), None)
    return f"look whether it was; then {again} --step {doubt} --done OUTPUT, or --redo" if doubt else again
