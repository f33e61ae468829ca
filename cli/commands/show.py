"""`forethought show`: a plan as it reads, in one of five forms."""

from __future__ import annotations

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser
from forethought.cli.console import Console

__all__ = ["SHOW"]

HELP = f"""\
Usage: forethought show FILE [--format text|json|xml|mermaid|dot] [OPTIONS]

Shows a plan: what each step calls, where every value comes from, effects, what waits for what, the longest chain.
FILE is a plan in XML; - reads standard input. A plan with problems is shown too; the problems follow on standard error.

Formats:
  text      to read
  json      to process; --json is the same
  xml       the plan in its canonical form
  mermaid   the dataflow as a Mermaid flowchart: effects dashed
  dot       the dataflow for Graphviz

{EVERYWHERE}
Examples:
  forethought show plan.xml
  forethought show plan.xml --format dot | dot -Tsvg > plan.svg
  forethought show plan.xml --json | jq '.steps[].function'
"""


def _options(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--format", choices=["text", "json", "xml", "mermaid", "dot"], default="text")


def _execute(options: Options, console: Console) -> int:
    from forethought.cli.files import read_plan, refuse

    form: str = "json" if console.json else options.format
    console.json = form == "json"
    file = read_plan(options.file, console)
    if file.plan is None:
        return refuse(file, file.problems, console)

    from forethought.cli.rendering import plans
    from forethought.cli.skills import skills_for
    from forethought.planners.checking.binding import bind
    from forethought.planners.checking.check import check_bound

    bound = bind(file.plan, skills_for(file.plan, options.skills))
    console.hiding.begin(bound, {})
    if form == "xml":
        console.print_value(file.plan.to_xml())
        return 0
    schedule = console.hiding.schedule(plans.schedule_anyway(bound), {})
    if form == "text":
        console.print(plans.render_plan(schedule, paint=console.paint))
    elif form == "json":
        console.print_json(plans.plan_as_json(schedule))
    else:
        from forethought.cli.rendering import graphs

        console.print(graphs.render_mermaid(schedule) if form == "mermaid" else graphs.render_dot(schedule))
    console.output.flush()
    problems = (*file.problems, *check_bound(bound))
    if problems and form == "text":
        console.tell()
    console.tell_problems(problems, file=file.name, source=file.source)
    return 0


SHOW = Command(HELP, _options, _execute)
