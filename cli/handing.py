"""Handing in: a run is carried out by workers, and what it does and comes to is shown here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from .arguments import Options, Parser
from .console import Console, UsageError

if TYPE_CHECKING:
    from forethought.kernel.kernel import Kernel
    from forethought.kernel.settings import Settings
    from forethought.planners.engines.engine import Said
    from forethought.planners.engines.fleet import Fleet
    from forethought.planners.journaling.history import History
    from forethought.planners.journaling.journal import Journal
    from forethought.planners.running.result import RunResult
    from forethought.planners.scheduling.schedule import Schedule

__all__ = ["OPTIONS", "cancel", "check_engine", "engine_options", "go_on", "hand_in", "release"]

OPTIONS = """\
  --engine dbos           hand the run in to workers, which go on with it whatever becomes of this process
  --database URL          the database of the workers (default: FORETHOUGHT_DATABASE, or `database` in [engine] of
                          forethought.toml): postgresql://USER@HOST/DATABASE, or sqlite:///FILE on one machine
  --priority N            of runs that wait for a worker, those with higher numbers come first (default: 0)
  --detach                do not wait for it
"""
_ENGINES = ("in-process", "dbos")
_MOST = 1_000_000


def engine_options(parser: Parser) -> None:
    """Take the options that say who carries out a run."""
    parser.add_argument("--engine", metavar="ENGINE", default="in-process")
    parser.add_argument("--database", metavar="URL")
    parser.add_argument("--priority", metavar="N")
    parser.add_argument("--detach", action="store_true")


def check_engine(options: Options) -> bool:
    """Say whether workers are to carry out the run; raises UsageError for options that do not go together."""
    if options.engine not in _ENGINES:
        raise UsageError(f"run: --engine '{options.engine}' is none", f"it is {' or '.join(_ENGINES)}")
    workers: bool = options.engine == "dbos"
    for name in ("database", "priority", "detach"):
        if vars(options)[name] not in (None, False) and not workers:
            raise UsageError(f"run: --{name} is for workers", "add --engine dbos")
    for name in ("stepwise", "no_journal", "journal", "save"):
        if workers and vars(options)[name]:
            option = name.replace("_", "-")
            raise UsageError(f"run: --{option} does not go with --engine dbos", "workers keep runs in their database")
    if workers and options.replans != "0":
        raise UsageError("run: --replans does not go with --engine dbos", "run it in this process, or leave it out")
    _priority(options)
    return workers


def _priority(options: Options) -> int:
    given = options.priority or "0"
    digits = given.removeprefix("-")
    if not digits.isascii() or not digits.isdecimal() or int(digits) > _MOST:
        raise UsageError(f"run: --priority '{given}' is not a number from -{_MOST:,} to {_MOST:,}", "such as 10")
    return int(given)


def hand_in(
    schedule: Schedule,
    inputs: Mapping[str, str],
    kernel: Kernel,
    options: Options,
    console: Console,
    *,
    approved: str | None,
) -> int:
    """Hand in a run, and show what comes of it; without `approved`, the hash of it, it waits for an approval."""
    from .performing import WAITS, user

    if approved is None and (options.approved is not None or console.answers):
        console.tell("Nothing was run.")
        return WAITS

    async def submit(fleet: Fleet) -> str:
        return await fleet.submit(
            schedule,
            inputs=inputs,
            priority=_priority(options),
            hold=approved is None,
            approved=approved,
            name=user(),
        )

    return _Watching(kernel, options, console, options.database).perform(
        submit, wait=approved is None or not options.detach
    )


def go_on(history: History, kernel: Kernel, options: Options, console: Console) -> int:
    """Let workers go on with a run, with what is said of it by the options of `resume`, and show what comes of it."""
    for name in ("plan", "changed", "input", "input_file"):
        if vars(options)[name]:
            option = name.replace("_", "-")
            raise UsageError(f"resume: --{option} is not for a run that workers go on with", "start another run")

    from .commands.resume import read_output
    from .performing import user

    async def signal(fleet: Fleet) -> str:
        said = _said(history, options)
        if said is not None or history.row.status not in ("queued", "running", "interrupted"):
            output = None if options.done is None else read_output(options.done)
            await fleet.signal(history.id, said, step=options.step, output=output, name=user())
        return history.id

    database = _database(options.journal, kernel.settings)
    heard = len(history.entries)
    return _Watching(kernel, options, console, database).perform(signal, wait=True, heard=heard)


def _said(history: History, options: Options) -> Said | None:
    if options.done is not None:
        return "done"
    if options.redo:
        return "redo"
    if options.abandon:
        return "abandoned"
    return "approved" if history.held and options.yes else None


def release(history: History, journal: Journal, given: str | None, settings: Settings, *, name: str) -> None:
    """Let workers go on with a run about which something was said in its journal."""
    from forethought.planners.engines.releasing import let_go_on

    let_go_on(journal, history, _database(given, settings), name=name)


def cancel(history: History, given: str | None, settings: Settings, *, name: str) -> None:
    """Ask a run to end that workers go on with."""
    import asyncio

    from forethought.kernel.kernel import Kernel
    from forethought.planners.engines.fleet import Fleet

    async def ask() -> None:
        async with Fleet(Kernel(settings=settings), _database(given, settings)) as fleet:
            await fleet.cancel(history.id, name=name)

    asyncio.run(ask())


def _database(journal: str | None, settings: Settings) -> str:
    """Return the database of workers of which this is the journal."""
    from forethought.planners.engines.places import database_of
    from forethought.planners.journaling.locating import locate

    return database_of(str(locate(journal, settings)))


class _Watching:
    """Shows what a run does that workers carry out, and what it comes to."""

    def __init__(self, kernel: Kernel, options: Options, console: Console, database: str | None) -> None:
        from forethought.planners.engines.workplaces import Workplace

        self._kernel = kernel
        self._options = options
        self._console = console
        self._place = Workplace.of(kernel.settings, database)
        self._run = ""

    def perform(self, begin: Callable[[Fleet], Awaitable[str]], *, wait: bool, heard: int = 0) -> int:
        """Let `begin` hand in the run, and return the exit status of what it comes to; so many entries are known."""
        import asyncio

        from .performing import tell_result

        console = self._console
        try:
            result = asyncio.run(self._watch(begin, wait=wait, heard=heard))
        except KeyboardInterrupt:
            return self._left()
        if result is None:
            console.print_json({"run": self._run, "status": "queued"}) if console.json else console.print(self._run)
            return 0
        return tell_result(result, self._kernel, console, kept=True)

    async def _watch(self, begin: Callable[[Fleet], Awaitable[str]], *, wait: bool, heard: int) -> RunResult | None:
        from forethought.planners.engines.fleet import Fleet

        from .performing import user
        from .rendering.progress import progress
        from .rendering.styling import visible

        place, console = self._place, self._console
        async with Fleet(
            self._kernel,
            place.database,
            redact=place.redact,
            policy=place.policy,
            notice=lambda sentence: console.tell(visible(sentence)),
        ) as fleet:
            self._run = await begin(fleet)
            if not wait:
                return None
            console.tell(f"handed in: {self._run}")
            with progress(console) as listener:
                result = await fleet.wait(self._run, listen=listener, heard=heard)
                while result.status == "waiting" and vars(self._options).get("yes") and not _held(result):
                    heard = len(fleet.journal.history(self._run).entries)
                    await fleet.signal(self._run, "approved", name=user())
                    result = await fleet.wait(self._run, listen=listener, heard=heard)
                return result

    def _left(self) -> int:
        from .performing import INTERRUPTED

        console, run = self._console, self._run
        if not run:
            raise KeyboardInterrupt
        if console.json:
            console.print_json({"run": run, "status": "running"})
        console.fail(
            f"interrupted here; the workers go on with {run}",
            f"forethought runs show {run} tells how far it is, forethought cancel {run} ends it",
        )
        return INTERRUPTED


def _held(result: RunResult) -> bool:
    return all(step.status != "waiting" for step in result.steps)
