"""Laws of checking, for any plan: places change nothing but where the problems are."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from forethought.kernel.functions import PURE, FunctionSignature, Parameter
from forethought.kernel.problems import Place
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY, STRING, ValueType
from forethought.planners.checking.binding import bind
from forethought.planners.checking.bound import Expression
from forethought.planners.checking.check import check, check_bound
from forethought.planners.language.nodes import Argument, ForEach, FunctionName, If, Input, Node, Plan, Step, While
from forethought.planners.language.parsing import read_placed
from forethought.planners.language.printing import print_plan
from forethought.planners.language.trees import read_tree

SKILLS = SkillRegistry(
    FunctionSignature(plugin="P", name=name, parameters=parameters, returns=returns, effect=PURE)
    for name, parameters, returns in (
        ("text", (Parameter("input", STRING), Parameter("count", ValueType("integer"), False, 1)), STRING),
        ("list", (Parameter("text", STRING), Parameter("deep", ValueType("boolean"))), ValueType("array")),
        ("none", (Parameter("input", ValueType("object")), Parameter("A", ANY)), ValueType("null")),
    )
)
NAMES = st.sampled_from(["A", "a", "LIST", "input", "text", "true"])
VALUES = st.sampled_from(
    ["", "3", "007", "-1", "true", "yes", "x", "$A", "${a.b}", "so $LIST[0]", "$LIST.x", "$$A", "5 < $6", "$NOBODY &"]
)
CALLS = st.sampled_from(["P.text", "P-list", "none", "P.nothing", "list"]).map(FunctionName)
ARGUMENTS = st.dictionaries(st.sampled_from(["input", "count", "text", "deep", "a", "more"]), VALUES, max_size=4)


def _step(call: FunctionName, written: dict[str, str], sets: str | None, appends: str | None) -> Step:
    return Step(call, tuple(Argument(name, value) for name, value in written.items()), sets, appends)


STEPS = st.builds(_step, CALLS, ARGUMENTS, st.none() | NAMES, st.none() | NAMES)
TESTS = st.sampled_from(["A > 3", "list|length > 1", "LIST[0].x is defined", "nobody == 'x'", "1 < 2", "A = 'x'"])


def _blocks(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    body = st.lists(nodes, min_size=1, max_size=3).map(tuple)
    lists = st.sampled_from(["$LIST", "$A.x", "[]", "[1, 2]", "none", "$NOBODY", "$ROW"])
    return st.one_of(
        st.builds(If, TESTS, body, st.just(()) | body),
        st.builds(ForEach, st.sampled_from(["ROW", "A"]), lists, body, st.none() | st.just(1), st.none() | NAMES),
        st.builds(While, TESTS, st.sampled_from([1, 500]), body),
    )


NODES = st.recursive(STEPS, _blocks, max_leaves=4)
INPUTS = st.builds(Input, NAMES, st.none() | VALUES, st.sampled_from(["string", "integer", "array"]), st.just(""))
PLANS = st.builds(
    Plan,
    inputs=st.lists(INPUTS, max_size=2, unique_by=lambda each: each.name.lower()).map(tuple),
    steps=st.lists(NODES, min_size=1, max_size=6).map(tuple),
)


@given(PLANS)
def test_the_problems_of_a_plan_without_places_are_those_of_the_plan_with_them(plan: Plan) -> None:
    text = print_plan(plan)
    bare, placed = read_tree(text), read_placed(text)
    assume(bare is not None)
    assert bare is not None
    assert placed is not None
    problems = check(bare, SKILLS)
    assert problems == check(placed, SKILLS) == check_bound(bind(bare, SKILLS))
    assert all(problem.place for problem in problems if problem.step)


@given(PLANS)
def test_a_plan_made_in_code_has_the_same_problems(plan: Plan) -> None:
    read = read_placed(print_plan(plan))
    assert read is not None
    told = [replace(problem, place=None) for problem in check(read, SKILLS)]
    assert sorted(told, key=repr) == sorted(check(plan, SKILLS), key=repr)


@given(PLANS)
def test_every_parameter_and_every_argument_is_bound_once(plan: Plan) -> None:
    for step in bind(plan, SKILLS).steps:
        written = [each.source for each in step.bindings if isinstance(each.source, Expression)]
        assert [each.parameter for each in step.bindings] == list(step.signature.parameters if step.signature else ())
        assert tuple(written) + step.unknown == step.expressions
        assert sorted(each.argument for each in step.expressions) == sorted(step.step.arguments)
        assert [each for each in step.expressions if each.references] == sorted(
            step.referring, key=step.expressions.index
        )


def test_a_long_plan_has_its_problems_at_their_places() -> None:
    text = "\n".join(["<plan>", *['  <function.P.text input="x" count="many" appendToResult="R"/>'] * 1000, "</plan>"])
    problems = [each for each in check(read_tree(text) or Plan(), SKILLS) if each.code == "wrong-type"]
    assert [each.place for each in problems] == [Place(line, 37, 4) for line in range(2, 1002)]
