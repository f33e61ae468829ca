"""`forethought check`: every problem of a plan."""

from __future__ import annotations

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser, variable_name
from forethought.cli.console import Console

__all__ = ["CHECK"]

HELP = f"""\
Usage: forethought check FILE [OPTIONS]

Shows every problem of a plan with its place and the way out. Nothing of the plan or of a pack runs.
FILE is a plan in XML; - reads standard input. Exit status: 0 no errors, 1 errors.

Options:
  --input NAME   a variable that the run will be given, besides the plan's own inputs; may be repeated

{EVERYWHERE}
Examples:
  forethought check plan.xml
  forethought plan "Tell a joke about dinosaurs" | forethought check -
  forethought check plan.xml --json
"""


def _options(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--input", metavar="NAME", action="append", default=[])


def _execute(options: Options, console: Console) -> int:
    from forethought.cli.files import read_plan
    from forethought.cli.rendering.problems import problem_as_json, render_problems
    from forethought.cli.skills import skills_for
    from forethought.kernel.problems import has_errors
    from forethought.planners.checking.binding import bind
    from forethought.planners.checking.check import check_bound

    file = read_plan(options.file, console)
    problems = file.problems
    if file.plan is not None:
        names = [variable_name(each, of="check: --input") for each in options.input]
        bound = bind(file.plan, skills_for(file.plan, options.skills), names)
        console.hiding.begin(bound, {})
        problems = (*problems, *check_bound(bound))
    if console.json:
        console.print_json({"ok": not has_errors(problems), "problems": [problem_as_json(each) for each in problems]})
    elif problems:
        source = console.hiding.source(file.source)
        console.print(
            render_problems(problems, file=file.name, source=source, paint=console.paint, width=console.width)
        )
    else:
        from forethought.cli.rendering.styling import visible

        console.print(f"{visible(file.name)}: no problems")
    return 1 if has_errors(problems) else 0


CHECK = Command(HELP, _options, _execute)
