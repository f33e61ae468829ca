"""`forethought plan`: a goal becomes a plan, which is printed and never run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from forethought.cli.arguments import EVERYWHERE, Command, Options, Parser, variable_name
from forethought.cli.console import Console, UsageError

if TYPE_CHECKING:
    from forethought.kernel.kernel import Kernel
    from forethought.planners.planning import PlanningResult

__all__ = ["PLAN", "plan_as_document", "plan_goal"]

HELP = f"""\
Usage: forethought plan GOAL [-o FILE] [OPTIONS]

Makes a plan for a goal and prints it as XML on standard output. Nothing runs. What the model was told to repair, what
is still odd about the plan and what it cost goes to standard error. Exit status: 0 a valid plan, 1 none.

Options:
  -o, --output FILE  write the plan to FILE
  --input NAME       a variable that the run will be given; may be repeated

{EVERYWHERE}
Examples:
  forethought plan "Write a joke about dinosaurs in upper case"
  forethought plan "Translate the input into French" --input INPUT -o french.xml
  forethought plan "Summarize the input" --input INPUT --model openai:gpt-5-mini --skills ./mypacks
"""


def _options(parser: Parser) -> None:
    parser.add_argument("goal", metavar="GOAL")
    parser.add_argument("-o", "--output", metavar="FILE")
    parser.add_argument("--input", metavar="NAME", action="append", default=[])


def _execute(options: Options, console: Console) -> int:
    import asyncio

    from forethought.cli.files import check_writable, write_text
    from forethought.cli.skills import open_kernel

    output: str | None = None if options.output == "-" else options.output
    if output:
        check_writable(output)
    inputs = dict.fromkeys(variable_name(each, of="plan: --input") for each in options.input)
    result = asyncio.run(plan_goal(options.goal, open_kernel(options, console), inputs, console))
    xml = result.plan.to_xml() if result.plan else ""
    if output and xml:
        write_text(output, f"{xml.rstrip()}\n")
    if console.json:
        console.print_json(plan_as_document(result))
    elif xml and not output:
        console.print_value(xml)
    return 0 if xml else 1


async def plan_goal(goal: str, kernel: Kernel, inputs: Mapping[str, object], console: Console) -> PlanningResult:
    """Make a plan and say on standard error how it went: answers that had to be repaired, problems, cost."""
    from forethought.cli.rendering.problems import count_problems
    from forethought.cli.rendering.progress import usage_in_words, waiting
    from forethought.planners.checking.binding import bind
    from forethought.planners.sequential import SequentialPlanner

    if not goal.strip():
        raise UsageError("the goal is empty", 'such as "Write a joke about dinosaurs in upper case"')
    planner = SequentialPlanner(kernel)
    with waiting(console, f"planning with {kernel.planner_model.spec}"):
        result = await planner.plan(goal, inputs=inputs)
    for number, attempt in enumerate(result.attempts[:-1], 1):
        console.tell(f"answer {number} had {count_problems(attempt.problems)}; the model was told")
    if result.plan:
        console.hiding.begin(bind(result.plan, kernel.skills, inputs), {})
    if result.attempts:
        answer = result.attempts[-1].reply.replace("\r\n", "\n").replace("\r", "\n")
        console.tell_problems(result.problems, file="answer", source=answer)
        console.tell(usage_in_words(result.usage))
    if result.plan is None:
        console.fail(f"no plan for '{result.goal}': {result.reason}")
    return result


def plan_as_document(result: PlanningResult) -> dict[str, object]:
    """Return what came of a goal in the shape that `plan --json` documents."""
    from forethought.cli.rendering.problems import problem_as_json

    return {
        "goal": result.goal,
        "plan": result.plan.to_xml() if result.plan else None,
        "reason": result.reason,
        "attempts": [
            {"reply": each.reply, "problems": [problem_as_json(problem) for problem in each.problems]}
            for each in result.attempts
        ],
        "problems": [problem_as_json(each) for each in result.problems],
        "falls": [{"model": each.error.spec, "reason": str(each.error), "next": each.next} for each in result.falls],
        "usage": {
            "prompt_tokens": result.usage.prompt_tokens,
            "completion_tokens": result.usage.completion_tokens,
            "calls": result.usage.calls,
        },
    }


PLAN = Command(HELP, _options, _execute)
