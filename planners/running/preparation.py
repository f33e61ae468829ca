"""Preparation: everything that can fail before the first step does, and everything that is decided once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, cast, get_args

from forethought.kernel.context import ContextVariables, Origin, Variable
from forethought.kernel.errors import CoercionError, PlanError
from forethought.kernel.functions import Callee, FunctionSignature
from forethought.kernel.problems import Problem, Severity
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import Kind, ValueType, coerce
from forethought.planners.checking.binding import Binding, Producer, bind
from forethought.planners.checking.check import check_bound
from forethought.planners.language.nodes import Input, Plan, Step
from forethought.planners.scheduling.schedule import Schedule, ScheduledStep
from forethought.planners.scheduling.scheduling import schedule_bound

from .evaluation import Evaluator, evaluator

__all__ = ["Call", "Ground", "Prepared", "prepare"]


class Ground(Protocol):
    """What a plan runs on, a `Kernel` as a rule: functions by signature, functions ready to run, and variables."""

    @property
    def skills(self) -> SkillRegistry: ...

    @property
    def variables(self) -> ContextVariables: ...

    def bind(self, name: str, /) -> Callee: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One step, ready to run.

    Its output goes into the slot `index`. It waits for `waits` other steps, and the steps at `successors` wait for it.
    """

    index: int
    id: str
    step: Step
    signature: FunctionSignature
    function: str
    callee: Callee
    bindings: tuple[Binding, ...]
    arguments: tuple[tuple[str, Evaluator], ...]
    waits: int
    successors: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A plan ready to run: its calls in document order, the variables at the start, and the slots for its values.

    The first slots are for the calls' outputs, the others hold what comes from outside.
    """

    plan: Plan
    calls: tuple[Call, ...]
    variables: ContextVariables
    values: tuple[object, ...]


def prepare(plan: Plan | Schedule, ground: Ground, inputs: Mapping[str, object] | None = None) -> Prepared:
    """Check, schedule and bind `plan`, and give its inputs their values.

    Raises PlanError with all problems of the plan and its inputs, and what `ground.bind` raises; nothing has run then.
    A Schedule is checked already, and keeps the sources it was bound to.
    """
    the_plan = plan.bound.plan if isinstance(plan, Schedule) else plan
    variables, problems = _variables(the_plan, ground.variables.with_variables(inputs or {}))
    if isinstance(plan, Schedule):
        schedule = plan
        _refuse(problems)
    else:
        bound = bind(the_plan, ground.skills, variables)
        _refuse([*problems, *check_bound(bound)])
        schedule = schedule_bound(bound)
    slots = _Slots(schedule, variables)
    callees = {name: ground.bind(name) for name in dict.fromkeys(each.signature.full_name for each in schedule.steps)}
    calls = _calls(schedule, slots, callees)
    _refuse(slots.missing)
    return Prepared(plan=the_plan, calls=calls, variables=variables, values=slots.values)


def _refuse(problems: list[Problem]) -> None:
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise PlanError(errors)


def _variables(plan: Plan, given: ContextVariables) -> tuple[ContextVariables, list[Problem]]:
    """Give every declared input its value, as its type has it: the caller's, or else the one in the plan."""
    problems: list[Problem] = []
    declared: list[Variable] = []
    for each in plan.inputs:
        known = given.variable(each.name) if each.name in given else None
        if known is None and each.value is None:
            problems.append(_missing(each))
            continue
        value, origin = (known.value, known.origin) if known else (each.value, Origin("goal"))
        try:
            declared.append(Variable(each.name, coerce(value, _type(each)), origin))
        except CoercionError as error:
            if known is None:  # the plan's own value is the checker's to report
                continue
            message = f"the input '{each.name}' has the wrong type: {error}"
            problems.append(Problem(code="wrong-type", message=message, place=each.value_place or each.place))
    variables = ContextVariables().with_each(declared)
    return variables.with_each(given.variable(name) for name in given if name not in variables), problems


def _missing(each: Input) -> Problem:
    said = f" ({each.description})" if each.description else ""
    return Problem(
        code="missing-input",
        message=f"the input '{each.name}'{said} has no value",
        place=each.place,
        hint=f"give it one: inputs={{'{each.name}': …}}, or --input {each.name}=… on the command line",
    )


def _type(each: Input) -> ValueType:
    return ValueType(cast("Kind", each.type) if each.type in get_args(Kind) else "any")


class _Slots:
    """Which slot each producer's value has: a step's its own, what comes from outside one behind them."""

    def __init__(self, schedule: Schedule, variables: ContextVariables) -> None:
        self._steps = {step.id: index for index, step in enumerate(schedule.steps)}
        self._outside: dict[str, int] = {}
        self._values: list[object] = [None] * len(self._steps)
        self._variables = variables
        self.missing: list[Problem] = []

    @property
    def values(self) -> tuple[object, ...]:
        return tuple(self._values)

    def __call__(self, producer: Producer) -> int:
        if producer.step is not None:
            return self._steps[producer.step]
        key = producer.name.lower()
        if key not in self._outside:
            self._outside[key] = len(self._values)
            if producer.name not in self._variables:
                self.missing.append(_missing(Input(producer.name)))
            self._values.append(self._variables.get(producer.name))
        return self._outside[key]


def _calls(schedule: Schedule, slots: _Slots, callees: Mapping[str, Callee]) -> tuple[Call, ...]:
    positions = {step.id: index for index, step in enumerate(schedule.steps)}
    successors: list[list[int]] = [[] for _ in schedule.steps]
    for index, step in enumerate(schedule.steps):
        for before in step.after:
            successors[positions[before]].append(index)
    return tuple(
        Call(
            index=index,
            id=step.id,
            step=step.bound.step,
            signature=step.signature,
            function=step.signature.full_name,
            callee=callees[step.signature.full_name],
            bindings=step.bindings,
            arguments=tuple(_arguments(step, slots)),
            waits=len(step.after),
            successors=tuple(successors[index]),
        )
        for index, step in enumerate(schedule.steps)
    )


def _arguments(step: ScheduledStep, slots: _Slots) -> Iterator[tuple[str, Evaluator]]:
    for binding in step.bindings:
        fetch = evaluator(binding.source, slots)
        if fetch is not None:
            yield binding.parameter.name, fetch
