"""Checking: all problems at once, in document order, one a cause."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from forethought.kernel.problems import Place, Severity
from forethought.kernel.registry import SkillRegistry
from forethought.planners.checking.binding import bind
from forethought.planners.checking.check import check, check_bound
from forethought.planners.checking.rules import RULES
from forethought.planners.language.nodes import Argument, FunctionName, Plan, Step
from forethought.planners.language.parsing import parse

ROOT = Path(__file__).parents[3]


def test_a_plan_that_is_right_has_no_problems(skills: SkillRegistry) -> None:
    plan = parse(
        '<plan goal="Write to Ann"><input name="INPUT">Hello</input>'
        '<function.Text.upper setContextVariable="MESSAGE"/>'
        '<function.People.get name="Ann" setContextVariable="WHO"/>'
        '<function.Mail.send to="$WHO.name" appendToResult="SENT"/></plan>'
    )
    assert check(plan, skills) == ()


def test_problems_come_in_the_order_of_the_document(skills: SkillRegistry) -> None:
    plan = parse(
        "<plan>\n"
        '<input name="UNUSED"/>\n'
        '<function.Text.repeat times="x" input="$NOBODY"/>\n'
        "<function.Text.nothing/>\n"
        '<function.Mail.send to="$A" message="$B" subject="c"/>\n'
        "</plan>"
    )
    problems = check(plan, skills)
    assert [(each.code, each.step, each.place) for each in problems] == [
        ("unused-input", None, Place(2, 1, 6)),
        ("wrong-type", "1", Place(3, 30, 1)),
        ("undefined-variable", "1", Place(3, 40, 7)),
        ("unknown-function", "2", Place(4, 11, 12)),
        ("no-result", "3", Place(5, 1, 19)),
        ("undefined-variable", "3", Place(5, 25, 2)),
        ("undefined-variable", "3", Place(5, 38, 2)),
        ("unknown-parameter", "3", Place(5, 42, 7)),
    ]


def test_a_plan_that_was_built_has_problems_without_places(skills: SkillRegistry) -> None:
    plan = Plan(steps=(Step(FunctionName("Text.repeat"), (Argument("input", "a"), Argument("times", "x"))),))
    (problem,) = check(plan, skills)
    assert (problem.code, problem.step, problem.place, problem.severity) == ("wrong-type", "1", None, Severity.ERROR)


def test_a_plan_that_was_changed_does_not_point_into_its_old_text(skills: SkillRegistry) -> None:
    """Where the text does not read so at the place, the place is that of the whole value."""
    argument = Argument("input", "so $THERE", value_place=Place(1, 7, 3))
    plan = Plan(steps=(Step(FunctionName("Text.count"), (argument,)),), source="<plan></plan>")
    assert [problem.place for problem in check(plan, skills)] == [Place(1, 7, 3)]


def test_checking_a_bound_plan_is_the_same(skills: SkillRegistry) -> None:
    plan = parse('<plan><function.Text.count input="$A $b"/></plan>')
    assert check_bound(bind(plan, skills, ["B"])) == check(plan, skills, variables=["B"]) != ()


def test_every_rule_is_named_for_its_law_and_the_law_is_written() -> None:
    rooms = {path.stem for path in (ROOT / "planners/checking/rules").glob("*.py")} - {"__init__"}
    assert {rule.__name__ for rule in RULES} == rooms
    assert len(RULES) == len(rooms)
    assert all(rule.__doc__ for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_name_of_a_rule_is_the_code_of_its_problems(rule: object) -> None:
    name = getattr(rule, "__name__", "")
    source = (ROOT / f"planners/checking/rules/{name}.py").read_text(encoding="utf-8")
    assert set(re.findall(r'code="([a-z-]+)"', source)) == {name.replace("_", "-")}


def test_the_table_in_the_documentation_lists_the_codes_with_their_laws() -> None:
    page = (ROOT / "docs/checking.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| ([^|]+) \|", page, re.MULTILINE)
    laws = [" ".join((rule.__doc__ or "").partition("\n\n")[0].split()) for rule in RULES]
    assert table == [(rule.__name__.replace("_", "-"), law) for rule, law in zip(RULES, laws, strict=True)]


def test_checking_text_parameters_imports_nothing_heavy() -> None:
    program = """
import sys
from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import STRING
from forethought.planners.checking.check import check
from forethought.planners.language.parsing import parse
from forethought.planners.scheduling.scheduling import schedule
skills = SkillRegistry([FunctionSignature(plugin="A", name="b", parameters=(Parameter("input", STRING),))])
plan = parse('<plan><function.A.b input="c" setContextVariable="D"/><function.A.b input="$D e"/></plan>')
assert check(plan, skills) == ()
schedule(plan, skills)
print([name for name in ("pydantic", "semantic_kernel", "yaml", "jinja2", "asyncio") if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
