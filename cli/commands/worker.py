"""`forethought worker`: a process that carries out the runs that are handed in to a database."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser
from forethought.cli.console import Console, UsageError
from forethought.cli.performing import grace, grace_option

if TYPE_CHECKING:
    import asyncio

    from forethought.kernel.kernel import Kernel

__all__ = ["WORKER"]

HELP = f"""\
Usage: forethought worker [--database URL] [--runs N] [--concurrency N] [OPTIONS]

Carries out runs that `forethought run --engine dbos` hands in, until it is stopped. Start as many workers as you want,
on as many machines; each needs the skill packs that the runs use, and one that lacks a function leaves it to others.
What a worker had that is gone, the others go on with. Ctrl-C and SIGTERM let it leave: its runs go on elsewhere.

The URL is that of a database of PostgreSQL, which all workers share, or sqlite:///FILE for one machine. It needs
pip install 'forethought[dbos]'.

Options:
  --database URL      the database (default: FORETHOUGHT_DATABASE, or `database` in [engine] of forethought.toml)
  --runs N            how many runs a worker coordinates at one time (default: 32)
  --concurrency N     how many steps it carries out at one time (default: 32); both numbers count for every worker of
                      the database, and the one that starts last says them
  --step-timeout SECONDS
                      how long a step may take; after that it is in doubt, if it writes
  --grace SECONDS     how long running steps may go on when it leaves (default: 5)

{EVERYWHERE}
Examples:
  forethought worker --database postgresql://ada@db.example.org/work
  forethought worker --database sqlite:///runs.db --concurrency 4

Exit status: 0 when it was stopped.
"""


def _options(parser: Parser) -> None:
    parser.add_argument("--database", metavar="URL")
    parser.add_argument("--runs", metavar="N", default="32")
    parser.add_argument("--concurrency", metavar="N", default="32")
    parser.add_argument("--step-timeout", metavar="SECONDS")
    grace_option(parser)


def _execute(options: Options, console: Console) -> int:
    import asyncio
    from contextlib import redirect_stdout

    from forethought.cli.skills import open_kernel

    if console.json:
        raise UsageError("worker: it has no document to print", "leave --json out")
    runs, steps = _number("--runs", options.runs), _number("--concurrency", options.concurrency)
    timeout = None if options.step_timeout is None else _seconds(options.step_timeout)
    seconds = grace(options)
    kernel = open_kernel(options, console)
    with redirect_stdout(console.messages):  # what functions print is not our output
        asyncio.run(_work(options.database, kernel, console, runs=runs, steps=steps, timeout=timeout, grace=seconds))
    return 0


async def _work(
    database: str | None,
    kernel: Kernel,
    console: Console,
    *,
    runs: int,
    steps: int,
    timeout: float | None,
    grace: float,
) -> None:

    from forethought.cli.rendering.styling import visible
    from forethought.planners.engines.working import Worker
    from forethought.planners.engines.workplaces import Workplace

    place = Workplace.of(kernel.settings, database)
    worker = Worker(
        kernel,
        place.database,
        runs=runs,
        steps=steps,
        limits=place.limits,
        local=place.local,
        redact=place.redact,
        policy=place.policy,
        step_timeout=timeout,
        grace=grace,
        tell=lambda sentence: console.tell(visible(sentence)),
    )
    async with kernel:
        if not len(kernel.skills):
            hint = "name the folder of the skill packs: --skills FOLDER"
            raise UsageError("worker: there is no function to call", hint)
        with _stop_signals() as stop:
            async with worker:
                console.tell(f"worker {worker.name} is at work for {place.shown}, with {len(kernel.skills)} functions")
                await stop.wait()
                console.tell("leaving: what runs here goes on elsewhere")


@contextmanager
def _stop_signals() -> Generator[asyncio.Event]:
    """Yield an event that Ctrl-C and SIGTERM set; a second one ends the process at once."""
    import asyncio
    import signal

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def end(number: int, frame: object) -> None:
        for each, handler in before.items():
            signal.signal(each, handler)
        loop.call_soon_threadsafe(stop.set)

    for number in before:
        signal.signal(number, end)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _number(option: str, given: str) -> int:
    if not given.isascii() or not given.isdecimal() or not 1 <= int(given) <= 10_000:
        raise UsageError(f"worker: {option} '{given}' is not a number from 1 to 10,000", f"such as {option} 16")
    return int(given)


def _seconds(given: str) -> float:
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise UsageError(f"worker: --step-timeout '{given}' is not a number of seconds", "such as --step-timeout 60")
    return seconds


WORKER = Command(HELP, _options, _execute)
