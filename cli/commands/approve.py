"""`forethought approve` and `forethought cancel`: what is said about a run from outside of it."""

from __future__ import annotations

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser, days, parse_arguments
from forethought.cli.console import Console
from forethought.cli.performing import journal_option, user

__all__ = ["APPROVE", "CANCEL"]

_DAY = 24 * 60 * 60

_APPROVE_HELP = f"""\
Usage: forethought approve RUN [--step STEP] [--deny] [--as NAME] [--resume] [OPTIONS]

Agrees to what a run waits for, with your name and the time, or denies it. RUN is the id of a run, the end of one, or
`last`. The approval counts for exactly what waits: other arguments, another plan, other inputs or functions need
another one. Then `forethought resume RUN` goes on, or --resume at once. Look first: forethought runs show RUN. A plan
that is denied before it begins never runs; a call that is denied fails.

Options:
  --step STEP         only this step (default: all that wait, or the plan where it waits to begin)
  --deny              do not agree: the step fails, or the plan does not run
  --resume            go on with the run at once
  --as NAME           who says so (default: the user of this system)
  --days N            how long it counts (default: `expires_days` in [approval] of forethought.toml, else 7)
  --journal PATH      the file of the journal, or postgresql://USER@HOST/DATABASE

{EVERYWHERE}
Example:
  forethought approve last --step 3
  forethought approve last --resume
"""

_CANCEL_HELP = f"""\
Usage: forethought cancel RUN [OPTIONS]

Asks a run that another process runs to end: no further step of it starts, and those that run have their grace period.
It can be resumed. RUN is the id of a run, the end of one, or `last`.

Options:
  --as NAME           who says so (default: the user of this system)
  --journal PATH      the file of the journal, or postgresql://USER@HOST/DATABASE

{EVERYWHERE}
Example:
  forethought cancel last
"""


def _approve_options(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("--step", metavar="STEP")
    parser.add_argument("--deny", action="store_true")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--as", metavar="NAME", dest="name")
    parser.add_argument("--days", metavar="N")
    journal_option(parser)


def _cancel_options(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("--as", metavar="NAME", dest="name")
    journal_option(parser)


def _approve(options: Options, console: Console) -> int:
    from forethought.cli.rendering.runs import render_call
    from forethought.kernel.settings import load_settings
    from forethought.planners.journaling.approving import Policy
    from forethought.planners.journaling.locating import open_journal

    settings = load_settings()
    journal = console.closed_at_end(open_journal(options.journal, settings))
    expires = (
        Policy.of(settings).expires if options.days is None else days(options.days, of="approve", least=0.001) * _DAY
    )
    until = journal.now() + expires
    name = options.name or user()
    history = journal.history(options.run)
    steps = journal.approve(history.id, step=options.step, deny=options.deny, name=name, expires=until)
    for step in steps:
        console.tell(render_call(history.steps[step], history))
    what = f"step{'s' if len(steps) > 1 else ''} {', '.join(steps)} of {history.id}" if steps else history.id
    console.tell(f"{'denied' if options.deny else 'approved'}: {what}")
    if options.resume:
        return _resume(history.id, options, console)
    if history.carried:
        from forethought.cli.handing import release

        release(history, journal, options.journal, settings, name=name)
        console.tell("  the workers go on with it")
    elif steps or not options.deny:
        console.tell(f"  hint: forethought resume {history.id}")
    if console.json:
        console.print_json({"run": history.id, "steps": list(steps), "approved": not options.deny, "name": name})
    return 0


def _resume(run: str, options: Options, console: Console) -> int:
    """Go on with a run, with the options that every command takes."""
    from .resume import RESUME

    words = [run, *(["--journal", options.journal] if options.journal else [])]
    for name in ("skills", "model", "planner_model"):
        words += [word for each in vars(options)[name] for word in (f"--{name.replace('_', '-')}", each)]
    return RESUME.execute(parse_arguments("resume", RESUME, words), console)


def _cancel(options: Options, console: Console) -> int:
    from forethought.cli.handing import cancel as cancel_workers
    from forethought.kernel.settings import load_settings
    from forethought.planners.journaling.cancelling import cancel
    from forethought.planners.journaling.locating import open_journal

    settings, name = load_settings(), options.name or user()
    journal = console.closed_at_end(open_journal(options.journal, settings))
    history = journal.history(options.run)
    if history.carried:
        cancel_workers(history, options.journal, settings, name=name)
        run = history.id
    else:
        run = cancel(journal, history.id, name=name, interrupt=True)
    if console.json:
        console.print_json({"run": run})
    console.tell(f"{run} was asked to end")
    return 0


APPROVE = Command(_APPROVE_HELP, _approve_options, _approve)
CANCEL = Command(_CANCEL_HELP, _cancel_options, _cancel)
