"""`forethought runs`: what was run, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser, days
from forethought.cli.console import Console, UsageError
from forethought.cli.performing import journal_option

if TYPE_CHECKING:
    from forethought.planners.journaling.journal import Journal

__all__ = ["EXPORT", "GC", "LIST", "SHOW"]

_STATUSES = (*("queued", "running", "interrupted", "succeeded", "failed", "cancelled", "waiting", "abandoned"),)
_JOURNAL = """\
  --journal PATH      the file of the journal, or postgresql://USER@HOST/DATABASE (default: FORETHOUGHT_JOURNAL_PATH,
                      or `path` in [journal] of forethought.toml, else .forethought/runs.db)
"""

_LIST_HELP = f"""\
Usage: forethought runs list [--status STATUS] [--limit N] [OPTIONS]

Lists the runs that are kept, the latest first: when each began, what came of it, and its goal.

Options:
  --status STATUS     only those: queued, running, interrupted, succeeded, failed, cancelled, waiting, abandoned
  --limit N           how many at most (default: 20)
{_JOURNAL}
{EVERYWHERE}
Example:
  forethought runs list --status failed
"""

_SHOW_HELP = f"""\
Usage: forethought runs show RUN [OPTIONS]

Shows what became of each step of a run, what it was called with and what it gave, and who said what about it. RUN is
the id of a run, the end of one, or `last`. Secrets are not shown: they are not kept.

Options:
{_JOURNAL}
{EVERYWHERE}
Example:
  forethought runs show last
"""


_EXPORT_HELP = f"""\
Usage: forethought runs export RUN [OPTIONS]

Prints everything that is known of a run as JSON Lines: what it did and what was said about it, each with its time, in
the order in which it happened. Secrets are not there.

Options:
{_JOURNAL}
{EVERYWHERE}
Example:
  forethought runs export last > run.jsonl
"""

_GC_HELP = f"""\
Usage: forethought runs gc [--days N] [--unfinished] [OPTIONS]

Removes the runs that began more than N days ago and have come to an end, and the space that they took.

Options:
  --days N            how many days a run is kept (default: 30)
  --unfinished        those as well that wait, are in doubt or were broken off; never one that is running
{_JOURNAL}
{EVERYWHERE}
Example:
  forethought runs gc --days 7
"""


def _list_options(parser: Parser) -> None:
    parser.add_argument("--status", metavar="STATUS")
    parser.add_argument("--limit", metavar="N", default="20")
    journal_option(parser)


def _show_options(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN")
    journal_option(parser)


def _gc_options(parser: Parser) -> None:
    parser.add_argument("--days", metavar="N", default="30")
    parser.add_argument("--unfinished", action="store_true")
    journal_option(parser)


def _journal(options: Options, console: Console) -> Journal:
    from forethought.kernel.settings import load_settings
    from forethought.planners.journaling.locating import open_journal

    return console.closed_at_end(open_journal(options.journal, load_settings()))


def _list(options: Options, console: Console) -> int:
    from forethought.cli.rendering.runs import render_runs, runs_as_json

    status, limit = options.status, _limit(options)
    if status is not None and status not in _STATUSES:
        raise UsageError(f"runs list: no run is '{status}'", f"a run is {', '.join(_STATUSES)}")
    found = [each for each in _journal(options, console).runs() if status in (None, each.status)]
    shown = found[:limit]
    if console.json:
        console.print_json(runs_as_json(shown))
        return 0
    console.print(render_runs(shown, paint=console.paint)) if shown else console.tell("there are no runs")
    if len(shown) < len(found):
        console.tell(f"and {len(found) - len(shown)} more; --limit N shows N")
    return 0


def _limit(options: Options) -> int:
    given: str = options.limit
    if not given.isascii() or not given.isdecimal():
        raise UsageError(f"runs list: --limit '{given}' is not a number", "such as --limit 50")
    return int(given)


def _show(options: Options, console: Console) -> int:
    from forethought.cli.rendering.runs import history_as_json, render_history

    history = _journal(options, console).history(options.run)
    if console.json:
        console.print_json(history_as_json(history))
    else:
        console.print(render_history(history, paint=console.paint))
    return 0


def _export(options: Options, console: Console) -> int:
    import json

    for entry in _journal(options, console).history(options.run).export():
        console.print(json.dumps(console.hiding.value(entry)))
    return 0


def _gc(options: Options, console: Console) -> int:
    kept = days(options.days, of="runs gc") * 24 * 60 * 60
    journal = _journal(options, console)
    removed = journal.collect(journal.now() - kept, unfinished=options.unfinished)
    if console.json:
        console.print_json({"removed": removed})
    console.tell(f"{removed} run{'' if removed == 1 else 's'} removed")
    return 0


EXPORT = Command(_EXPORT_HELP, _show_options, _export)
GC = Command(_GC_HELP, _gc_options, _gc)
LIST = Command(_LIST_HELP, _list_options, _list)
SHOW = Command(_SHOW_HELP, _show_options, _show)
