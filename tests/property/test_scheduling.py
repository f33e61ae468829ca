"""Laws of binding and scheduling, for any plan over functions with any effects."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from forethought.kernel.functions import EVERYTHING, Effect, FunctionSignature, Parameter
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import STRING
from forethought.planners.checking.binding import bind
from forethought.planners.checking.bound import BoundPlan, Expression, Implicit
from forethought.planners.checking.check import check_bound
from forethought.planners.language.nodes import Argument, ForEach, FunctionName, Plan, Step
from forethought.planners.scheduling.schedule import Schedule, ScheduledStep
from forethought.planners.scheduling.scheduling import schedule_bound
from forethought.planners.scheduling.units import Loop

VARIABLES = ("A", "b", "C", "text")
RESOURCES = ("mail", "files", EVERYTHING)

effects = st.builds(Effect, *[st.frozensets(st.sampled_from(RESOURCES), max_size=2)] * 2)
values = st.sampled_from(["", "plain", "$A", "$a and ${b}", "$C$A", "$NOBODY", "$text", "$$A"])


@st.composite
def registries(draw: st.DrawFn) -> SkillRegistry:
    """Functions with random effects: some take `input`, some `text`, by need or with a default."""
    parameters = st.lists(
        st.builds(Parameter, st.sampled_from(["input", "text", "other"]), st.just(STRING), st.booleans()),
        max_size=3,
        unique_by=lambda each: each.name,
    )
    return SkillRegistry(
        FunctionSignature(
            plugin="P",
            name=f"f{number}",
            parameters=tuple(draw(parameters)),
            returns=STRING,
            effect=draw(st.one_of(st.just(Effect()), effects)),
        )
        for number in range(draw(st.integers(4, 6)))
    )


def _step(name: FunctionName, arguments: tuple[Argument, ...], sets: str | None, appends: str | None) -> Step:
    return Step(name, arguments, sets, appends)


steps = st.builds(
    _step,
    st.builds(FunctionName, st.sampled_from([f"P.f{number}" for number in range(6)])),
    st.lists(
        st.tuples(st.sampled_from(["input", "text", "Other", "more"]), values).map(lambda drawn: Argument(*drawn)),
        max_size=3,
        unique_by=lambda each: each.name,
    ).map(tuple),
    st.none() | st.sampled_from(VARIABLES),
    st.none() | st.just("RESULT"),
)
plans = st.lists(steps, max_size=14).map(lambda drawn: Plan(steps=tuple(drawn)))


def _callable(plan: Plan, skills: SkillRegistry) -> Plan:
    """The plan without the steps that call what is not registered."""
    return Plan(steps=tuple(step for _, step in plan.walk() if step.function.text in skills))


def _waits(schedule: Schedule) -> Mapping[str, set[str]]:
    """All that each step waits for, by any chain of edges."""
    waits: dict[str, set[str]] = {}
    for step in schedule.steps:
        waits[step.id] = {each for after in step.after for each in (after, *waits[after])}
    return waits


def _reads(bound: BoundPlan) -> Mapping[str, set[str]]:
    """The steps whose output each step takes a value from."""
    reads: dict[str, set[str]] = {step.id: set() for step in bound.steps}
    for step in bound.steps:
        for binding in step.bindings:
            match binding.source:
                case Implicit(producer=producer):
                    reads[step.id].add(producer.step or "")
                case Expression(references=references):
                    reads[step.id] |= {each.producer.step or "" for each in references if each.producer}
                case _:
                    pass
    return {step: found - {""} for step, found in reads.items()}


@given(plans, registries())
def test_the_order_of_the_document_is_an_order_of_the_graph(plan: Plan, skills: SkillRegistry) -> None:
    schedule = schedule_bound(bind(_callable(plan, skills), skills, ["text"]))
    seen: set[str] = set()
    for step in schedule.steps:
        assert set(step.after) <= seen
        seen.add(step.id)


@given(plans, registries())
def test_steps_are_ordered_where_and_only_where_data_or_effects_say_so(plan: Plan, skills: SkillRegistry) -> None:
    """The closure of the edges is that of the readings and the conflicts: no order is lost, and none is added."""
    bound = bind(_callable(plan, skills), skills, ["text"])
    schedule = schedule_bound(bound)
    reads = _reads(bound)
    wanted: dict[str, set[str]] = {}
    for position, step in enumerate(schedule.steps):
        conflicts = {
            each.id for each in schedule.steps[:position] if each.signature.effect.conflicts(step.signature.effect)
        }
        wanted[step.id] = {each for direct in reads[step.id] | conflicts for each in (direct, *wanted[direct])}
    assert _waits(schedule) == wanted


@given(plans, registries(), st.integers(2, 4))
def test_rounds_are_ordered_where_and_only_where_effects_say_so(plan: Plan, skills: SkillRegistry, rounds: int) -> None:
    """What a round waits for in the one before orders all rounds as their steps, written one after the other, are."""
    calls = tuple(Step(step.function) for _, step in _callable(plan, skills).walk())
    loop = Plan(steps=(ForEach("ROW", "$ROWS", calls),))
    [unit] = schedule_bound(bind(loop, skills, ["ROWS"])).body.units
    assert isinstance(unit, Loop)
    body, effects = unit.body, [each.signature.effect for each in unit.body.units if isinstance(each, ScheduledStep)]
    order: list[set[int]] = []
    wanted: list[set[int]] = []
    for number in range(rounds * len(calls)):
        own, start = number % len(calls), number - number % len(calls)
        befores = {start + each for each in body.orders.get(own, ())}
        befores |= {start - len(calls) + before for before, after in body.across if start and after == own}
        order.append({each for before in befores for each in (before, *order[before])})
        conflicts = [each for each in range(number) if effects[each % len(calls)].conflicts(effects[own])]
        wanted.append({each for before in conflicts for each in (before, *wanted[before])})
    assert order == wanted


@given(plans, registries())
def test_the_critical_path_is_a_longest_chain_and_a_level_holds_what_may_overlap(
    plan: Plan, skills: SkillRegistry
) -> None:
    schedule = schedule_bound(bind(_callable(plan, skills), skills))
    by_id = {step.id: step for step in schedule.steps}
    longest: dict[str, int] = {}
    for step in schedule.steps:
        longest[step.id] = 1 + max((longest[each] for each in step.after), default=0)
    path = schedule.critical_path
    assert len(path) == max(longest.values(), default=0)
    assert all(before in by_id[after].after for before, after in pairwise(path))
    sizes = [sum(1 for each in longest.values() if each == level) for level in range(1, len(path) + 1)]
    assert schedule.width == max(sizes, default=0)


@given(plans, registries())
def test_binding_and_checking_are_deterministic_and_never_fail(plan: Plan, skills: SkillRegistry) -> None:
    once, again = bind(plan, skills, ["text"]), bind(plan, skills, ["text"])
    for one, other in zip(once.steps, again.steps, strict=True):
        assert (one.bindings, one.unknown, str(one.failure)) == (other.bindings, other.unknown, str(other.failure))
    assert check_bound(once) == check_bound(again)
