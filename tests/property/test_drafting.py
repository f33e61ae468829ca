"""Whatever a model drafts under the grammars is a plan without errors, whose tests can be worked out."""

from __future__ import annotations

import asyncio
import datetime
import random
from collections import Counter
from collections.abc import Mapping, Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forethought.kernel.functions import PURE, Effect, FunctionSignature, Parameter
from forethought.kernel.models.chat import Message
from forethought.kernel.problems import has_errors
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.testing import ScriptedModel
from forethought.kernel.values import ANY, STRING, ValueType
from forethought.planners.checking.binding import bind
from forethought.planners.checking.bound import BoundBlock, Producer
from forethought.planners.checking.check import check
from forethought.planners.checking.conditions import Condition
from forethought.planners.drafting import draft
from forethought.planners.grammar import callable_in_a_plan
from forethought.planners.language.nodes import ForEach, If, Node, Plan, Step, While
from forethought.planners.language.parsing import parse, read_reply

from ..planners.test_grammar import Sampler, parameters, types  # noqa: TID252 - the same sampler stands in

ASKED = [Message("user", "Goal: anything")]
VARIABLES = ("INPUT", "rows", "Class", "in")
NAMES = ("A.b", "A.b-c", "top-level", "Ä.日期", "B.get_it", "X.not", "Emailer.sendEmail")
EFFECTS = (PURE, Effect(writes=frozenset({"mail"})))


def made(name: str, taken: Sequence[Parameter], returns: ValueType, effect: Effect) -> FunctionSignature:
    plugin, _, own = name.rpartition(".")
    return FunctionSignature(plugin=plugin, name=own, parameters=tuple(taken), returns=returns, effect=effect)


RETURNS = (
    st.just(ANY)
    | st.just(STRING)
    | st.sampled_from([ValueType("null"), ValueType("integer"), ValueType("boolean")])
    | types
)
FUNCTIONS = st.builds(made, st.sampled_from(NAMES), parameters, RETURNS, st.sampled_from(EFFECTS))
REGISTRIES = st.lists(FUNCTIONS, min_size=1, max_size=5, unique_by=lambda each: each.full_name.lower())
SAMPLE = made("Text.split", [Parameter("input", STRING)], ValueType("array", items=STRING), PURE)
COUNT = made("Text.count", [Parameter("input", STRING, required=False)], ValueType("integer"), PURE)


def drafted(skills: SkillRegistry, chance: random.Random, variables: Sequence[str], most: int) -> tuple[Plan, int]:
    """Draft with chance in place of a model; return the plan, and how often the model was asked."""
    model = ScriptedModel(lambda request: Sampler(request.grammar).write(chance), constrained=True)
    found = asyncio.run(draft(model, ASKED, skills, variables=variables, max_steps=most))
    return parse(found.text), len(model.requests)


def deepest(nodes: Sequence[Node]) -> int:
    return max((0 if isinstance(each, Step) else 1 + deepest(inside(each)) for each in nodes), default=0)


def inside(node: Node) -> Sequence[Node]:
    match node:
        case If():
            return (*node.then, *node.otherwise)
        case ForEach() | While():
            return node.body
        case Step():
            return ()


@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
@given(
    REGISTRIES.map(SkillRegistry),
    st.sets(st.sampled_from(VARIABLES)),
    st.integers(1, 12),
    st.integers(0, 2**32),
)
def test_a_drafted_plan_reads_has_no_error_and_its_tests_can_be_worked_out(
    skills: SkillRegistry, variables: set[str], most: int, seed: int
) -> None:
    chance = random.Random(seed)
    if not any(map(callable_in_a_plan, skills)):
        return
    plan, asked = drafted(skills, chance, sorted(variables), most)
    assert read_reply(plan.to_xml()).problems == ()
    assert parse(plan.to_xml()) == plan
    nodes = [node for _, node in plan.nodes()]
    assert len(nodes) <= most
    assert asked <= 3 * most + 1
    assert deepest(plan.steps) <= 3
    problems = check(plan, skills, variables=variables)
    assert not has_errors(problems), (plan.to_xml(), problems)
    assert not {each.code for each in problems} & {"hidden-variable", "unreachable-branch", "empty-list"}, problems
    bound = bind(plan, skills, variables)
    blocks = {each.id: each for each in bound.blocks}
    for block in bound.blocks:
        if not isinstance(block.node, ForEach):
            values = {each.reference.name.lower(): some(typed(each.producer, blocks), chance) for each in block.reads}
            assert isinstance(block.condition, Condition)
            assert block.condition.holds(values) in (True, False)


def typed(producer: Producer | None, blocks: Mapping[str, BoundBlock]) -> ValueType:
    """What is known of a value's type as the document is read, without what a loop may do to it further down."""
    block = blocks.get(producer.step or "") if producer else None
    if producer is None or block is None:
        return producer.type if producer else ANY
    if producer.how == "head":
        return ANY
    if producer.how == "item":
        assert block.over
        return typed(block.over.references[0].producer, blocks).items or ANY
    if producer.how == "output" and isinstance(block.node, ForEach):
        return ValueType("array", items=typed(block.bodies[0].output, blocks))
    how = "output" if producer.how == "output" else "variable"
    merges = (each for each in block.leaves if each.gives.how == how)
    merge = next(each for each in merges if each.gives.name.lower() == producer.name.lower())
    other = typed(merge.other, blocks)
    return other if producer.how == "carried" or typed(merge.inside, blocks) == other else ANY


def some(kind: ValueType, chance: random.Random) -> object:
    """Return a value of a type; what is not known is text or a list."""
    if kind.nullable and chance.random() < 0.5:
        return None
    if kind.choices:
        return chance.choice(kind.choices)
    day = datetime.datetime(2026, 2, 28, 12, 30, chance.randrange(60), tzinfo=chance.choice([None, datetime.UTC]))
    text = "".join(chance.choices("ab Z9.-'\"\\é邮", k=chance.randrange(6)))
    found: dict[str, object] = {
        "any": chance.choice([text, [text, 3]]),
        "string": chance.choice([text, "12", "yes"]),
        "integer": chance.randint(-5, 5),
        "number": chance.uniform(-5, 5),
        "boolean": chance.random() < 0.5,
        "array": [text, 3, None],
        "object": {text: 3},
        "date": day.date(),
        "time": day.timetz(),
        "date-time": day,
        "duration": datetime.timedelta(chance.randint(0, 5)),
    }
    return found[kind.kind]


def test_every_construct_is_drafted_by_chance() -> None:
    """So the law above is about all of them: each kind of block, an else, variables set anew, lists read."""
    skills, chance = SkillRegistry([SAMPLE, COUNT]), random.Random(7)
    found: Counter[str] = Counter()
    for _ in range(150):
        plan, _ = drafted(skills, chance, ["INPUT"], 20)
        bound = bind(plan, skills, ["INPUT"])
        names = [step.step.sets for step in bound.steps if step.step.sets]
        found["set anew"] += len(names) > len(set(names))
        for block in bound.blocks:
            found[type(block.node).__name__] += 1
            found["else"] += isinstance(block.node, If) and bool(block.node.otherwise)
            found["list"] += isinstance(block.node, ForEach) and block.node.sets is not None
            found["left by both"] += any(each.gives.how == "variable" and each.gives.certain for each in block.leaves)
    assert min(found[each] for each in ("set anew", "If", "ForEach", "While", "else", "list", "left by both")) > 3, (
        found
    )
