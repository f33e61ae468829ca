"""`forethought diff`: what changed between two plans, step by step."""

from __future__ import annotations

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser
from forethought.cli.console import Console

__all__ = ["DIFF"]

HELP = f"""\
Usage: forethought diff OLD NEW [OPTIONS]

Shows what changed between two plans, step by step: which steps came, went, moved, and what in them is another.
OLD and NEW are plans in XML; one of them may be -, standard input. Where steps stand in the file, and the order of
their arguments, is no change. Exit status: 0 the plans are the same, 1 they differ.

{EVERYWHERE}
Examples:
  forethought diff approved.xml plan.xml
  forethought plan "Tell a joke about dinosaurs" | forethought diff joke.xml -
  git show HEAD:plan.xml | forethought diff - plan.xml --json
"""


def _options(parser: Parser) -> None:
    parser.add_argument("old", metavar="OLD")
    parser.add_argument("new", metavar="NEW")


def _execute(options: Options, console: Console) -> int:
    from forethought.cli.console import UsageError
    from forethought.cli.files import STDIN, read_plan, refuse
    from forethought.cli.rendering.changes import change_as_json, render_changes
    from forethought.planners.language.comparing import compare

    if options.old == options.new == STDIN:
        raise UsageError("diff: standard input can be one of the plans, not both")
    plans = [read_plan(name, console) for name in (options.old, options.new)]
    for file in plans:
        if file.plan is None:
            refuse(file, file.problems, console)
            return 2
        console.tell_problems(file.problems, file=file.name, source=file.source)
    old, new = (file.plan for file in plans)
    assert old is not None
    assert new is not None
    changes = console.hiding.changes(compare(old, new))
    if console.json:
        console.print_json({"same": not changes, "changes": [change_as_json(each) for each in changes]})
    else:
        console.print(render_changes(changes, paint=console.paint))
    return 1 if changes else 0


DIFF = Command(HELP, _options, _execute)
