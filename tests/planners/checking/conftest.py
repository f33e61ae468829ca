"""The harness of the checker's tests: a plan as text, and its problems as a user reads them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from textwrap import dedent
from typing import Protocol

import pytest

from forethought.kernel.functions import Effect, FunctionSignature, Parameter
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import STRING, Kind, ValueType, type_from_hint
from forethought.planners.checking.check import check
from forethought.planners.language.nodes import Plan
from forethought.planners.language.parsing import parse


def function(
    name: str, *parameters: Parameter, returns: ValueType | Kind = "string", effect: str = "pure"
) -> FunctionSignature:
    """A function that is nothing but its signature."""
    plugin, _, own = name.partition(".")
    return FunctionSignature(
        plugin=plugin,
        name=own,
        parameters=parameters,
        returns=ValueType(returns) if isinstance(returns, str) else returns,
        effect=Effect.parse(effect, plugin),
    )


INPUT = Parameter("input", STRING)
PERSON = ValueType("object", fields=(("name", STRING), ("age", ValueType("integer")), ("tags", ValueType("array"))))
ORDER = ValueType("string", choices=("up", "down"))
SKILLS = SkillRegistry(
    [
        function("Text.upper", INPUT),
        function("Text.join", INPUT, Parameter("other", STRING), Parameter("by", STRING, False, " ")),
        function("Text.repeat", INPUT, Parameter("times", ValueType("integer"), False, 2)),
        function("Text.count", INPUT, returns="integer"),
        function("Text.split", INPUT, returns=ValueType("array", items=STRING)),
        function("Shout.upper", INPUT),
        function("People.find", INPUT, returns=ValueType("array", items=PERSON), effect="reads"),
        function("People.get", Parameter("name", STRING), returns=PERSON, effect="reads"),
        function("Mail.send", Parameter("to", STRING), Parameter("message", STRING), returns="null", effect="writes"),
        function("Clock.day", Parameter("day", ValueType("date")), Parameter("zone", STRING, False, "UTC")),
        function("Clock.now", returns="date-time", effect="reads"),
        function("Lists.sum", Parameter("numbers", ValueType("array", items=ValueType("number"))), returns="number"),
        function("Lists.sort", Parameter("rows", ValueType("array")), Parameter("order", ORDER)),
        function("Lists.drop", returns="null"),
        function("Lists.maybe", returns=ValueType("array", nullable=True)),
        function("Text.cut", INPUT, Parameter("at", ValueType("integer", nullable=True))),
        function("Any.number", Parameter("of", type_from_hint(int | float))),
        function("Any.thing", Parameter("input", ValueType(), False), returns="any"),
    ]
)


Variables = Collection[str] | Mapping[str, object]


class ExpectProblems(Protocol):
    """Check a plan, and compare all of its problems; as text it is whole, or its body, which begins on line 2 then."""

    def __call__(self, plan: str | Plan, *expected: str, variables: Variables = ()) -> None: ...


@pytest.fixture
def skills() -> SkillRegistry:
    """The functions the plans of these tests are about."""
    return SKILLS


@pytest.fixture
def expect_problems(skills: SkillRegistry) -> ExpectProblems:
    """Compare the problems of a plan, each as `line:column: severity: message (hint) [code]`, in their order."""

    def expect(plan: str | Plan, *expected: str, variables: Variables = ()) -> None:
        if isinstance(plan, str):
            text = dedent(plan).strip()
            plan = parse(text if text.startswith("<plan") else f"<plan>\n{text}\n</plan>")
        assert [str(problem) for problem in check(plan, skills, variables=variables)] == [*expected]

    return expect
