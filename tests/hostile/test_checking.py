"""Plans made to keep the checker busy are checked in bounded time."""

from __future__ import annotations

import pytest

from forethought.kernel.functions import PURE, FunctionSignature, Parameter
from forethought.kernel.problems import Problem
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import STRING, ValueType
from forethought.planners.checking.check import check
from forethought.planners.language.nodes import Argument, ForEach, FunctionName, If, Node, Plan, Step, While

pytestmark = pytest.mark.timeout(60)

SKILLS = SkillRegistry(
    FunctionSignature(
        plugin="P",
        name=f"function{number}",
        parameters=(Parameter("input", STRING), *(Parameter(f"parameter{each}", STRING, False) for each in range(10))),
        returns=ValueType("integer"),
        effect=PURE,
    )
    for number in range(30)
)


def _steps(count: int, *arguments: tuple[str, str], name: str = "P.function1", sets: str | None = None) -> Plan:
    """A plan of `count` steps; `{0}` in a name or a value is the number of the step."""
    return Plan(
        steps=tuple(
            Step(
                FunctionName(name.format(number)),
                tuple(Argument(key.format(number), value.format(number)) for key, value in arguments),
                sets and sets.format(number),
            )
            for number in range(count)
        )
    )


def _codes(problems: tuple[Problem, ...]) -> set[str]:
    return {problem.code for problem in problems}


def test_ten_thousand_steps_that_each_misspell_another_variable() -> None:
    problems = check(_steps(10_000, ("input", "$MISPELT{0} and $other{0}"), sets="MISSPELT{0}"), SKILLS)
    near = sum(problem.code == "near-miss-variable" for problem in problems)
    assert 400 < near < 1_000, "only so many are compared"
    assert _codes(problems) == {"near-miss-variable", "undefined-variable", "unused-variable"}
    assert len({problem.step for problem in problems}) == 10_000


def test_ten_thousand_functions_that_nobody_has() -> None:
    problems = check(_steps(10_000, ("input", "a"), name="P.functoin{0}"), SKILLS)
    assert [problem.code for problem in problems] == ["unknown-function"] * 10_000
    assert sum("did you mean" in (problem.hint or "") for problem in problems) == 100


def test_a_hundred_misspelled_arguments_in_each_of_a_thousand_steps() -> None:
    arguments = [(f"paramter{number}x", "a") for number in range(99)]
    problems = check(_steps(1_000, ("input", "a"), *arguments), SKILLS)
    assert [problem.code for problem in problems if problem.code != "unused-output"] == ["unknown-parameter"] * 99_000


def test_a_value_that_is_nothing_but_names_nobody_knows() -> None:
    value = " ".join(f"$N{number}" for number in range(100_000))
    problems = check(_steps(1, ("input", value)), SKILLS)
    assert [problem.code for problem in problems] == ["undefined-variable"] * 100_000


def test_a_value_with_too_many_references_is_refused_for_that_alone() -> None:
    problems = check(_steps(1, ("input", "\n$a" * 300_000)), SKILLS)
    assert [problem.code for problem in problems] == ["too-large"]


def test_a_step_of_a_hundred_thousand_arguments_is_refused() -> None:
    arguments = [(f"parameter{number}", "a") for number in range(100_000)]
    problems = check(_steps(1, ("input", "a"), *arguments), SKILLS)
    assert _codes(problems) == {"too-large", "unknown-parameter"}
    assert len(problems) == 101


def test_json_nested_without_end_is_no_array() -> None:
    skills = SkillRegistry(
        [FunctionSignature(plugin="P", name="list", parameters=(Parameter("rows", ValueType("array")),), effect=PURE)]
    )
    problems = check(_steps(1, ("rows", "[" * 500_000), name="P.list"), skills)
    assert [problem.code for problem in problems] == ["wrong-type"]
    assert len(str(problems[0])) < 300


def _call(value: str, sets: str | None = None) -> Step:
    return Step(FunctionName("P.function1"), (Argument("input", value),), sets)


def test_blocks_in_each_other_around_many_variables() -> None:
    nodes: tuple[Node, ...] = tuple(_call(f"$V{number}", f"V{number}") for number in range(1_000))
    for depth in range(60):
        kinds = (If("N == 'x'", nodes), ForEach(f"I{depth}", "$ROWS", nodes), While("V1 == 'x'", 2, nodes))
        nodes = (kinds[depth % 3],)
    problems = check(Plan(steps=nodes), SKILLS, variables=["N", "ROWS"])
    assert _codes(problems) == {"possibly-unset-variable", "too-many-rounds"}


def test_thousands_of_blocks_that_each_read_what_the_next_one_sets() -> None:
    blocks = tuple(If(f"V{number + 1} == 'x'", (_call(f"$V{number + 1}", f"V{number}"),)) for number in range(5_000))
    problems = check(Plan(steps=blocks), SKILLS)
    assert {"variable-used-before-set", "unused-variable"} <= _codes(problems)
    assert len(problems) >= 10_000


def test_thousands_of_steps_in_both_branches_that_append_to_one_key() -> None:
    steps = tuple(Step(FunctionName("P.function1"), (Argument("input", "a"),), None, "R") for _ in range(4_000))
    problems = check(Plan(steps=(If("N == 'x'", steps, steps),)), SKILLS, variables=["N"])
    assert [each.code for each in problems] == ["duplicate-result-key"] * 7_998


def test_a_thousand_tests_that_cannot_be_read() -> None:
    blocks = tuple(If(f"N{number} = 'x' " * 10, (_call("a", f"N{number}"),)) for number in range(1_000))
    assert _codes(check(Plan(steps=blocks), SKILLS)) == {"invalid-test"}


def test_of_thousands_of_long_tests_some_are_read_and_the_plan_is_refused() -> None:
    tests = (" and ".join(f"V == 1{part}{number}" for part in range(60)) for number in range(4_999))
    problems = check(Plan(steps=tuple(If(test, (_call("a"),)) for test in tests)), SKILLS, variables=["V"])
    assert [each.message for each in problems if each.code != "unused-output"] == [
        "the tests of the plan have more than 200,000 characters together"
    ]


def test_tests_with_too_many_names_are_refused_for_that_alone() -> None:
    test = " or ".join(f"M{number}" for number in range(99))
    blocks = (If(f"{test} or N", (_call("a"),)),) * 1_011
    (problem,) = check(Plan(steps=blocks), SKILLS)
    assert problem.message == "the plan has 101,100 references, and at most 100,000 are allowed"


def test_a_variable_that_thousands_of_blocks_may_set_one_after_the_other() -> None:
    blocks = tuple(If(f"V == '{number}'", (_call("$V", "V"),)) for number in range(4_999))
    assert check(Plan(steps=(*blocks, _call("$V"))), SKILLS, variables=["V"]) == ()
