"""Preparation: everything that can fail before the first step does, and everything that is decided once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple, Protocol, cast, get_args

from forethought.kernel.context import ContextVariables, Origin, Variable
from forethought.kernel.errors import CoercionError, PlanError
from forethought.kernel.functions import Callee
from forethought.kernel.problems import Problem, Severity
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import Kind, ValueType, coerce
from forethought.planners.checking.binding import bind
from forethought.planners.checking.bound import Producer
from forethought.planners.checking.check import check_bound
from forethought.planners.language.nodes import Input, Plan
from forethought.planners.scheduling.schedule import Schedule, ScheduledStep
from forethought.planners.scheduling.scheduling import schedule_bound

from .approval import fingerprint, void
from .evaluation import Fetch, fetch

__all__ = ["Call", "Ground", "Prepared", "approval_hash", "prepare", "take_inputs"]


class Ground(Protocol):
    """What a plan runs on, a `Kernel` as a rule: functions by signature, functions ready to run, and variables."""

    @property
    def skills(self) -> SkillRegistry: ...

    @property
    def variables(self) -> ContextVariables: ...

    def bind(self, name: str, /) -> Callee: ...


class Call(NamedTuple):
    """One step, ready to run; `arguments` says how to fetch each value."""

    scheduled: ScheduledStep
    id: str
    function: str
    callee: Callee
    arguments: tuple[tuple[str, Fetch], ...]


_Functions = Mapping[int, tuple[str, Callee]]
"""By the identity of a signature, which is quicker than its hash: the function's name, and the function."""

_Links = tuple[Sequence[int], Sequence[int]]
"""The followers of all steps, one after the other, and before them where those of each step start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A plan ready to run: its steps in document order, the variables at the start, and the slots for its values.

    A step's output goes into the slot of its position; the slots behind those hold what is known already. A step waits
    for `waits` others. Nothing here is an object of its own for each step, so that a plan of ten thousand costs the
    garbage collector no more than a small one.
    """

    steps: tuple[ScheduledStep, ...]
    variables: ContextVariables
    values: tuple[object, ...]
    waits: Sequence[int]
    arguments: tuple[tuple[tuple[str, Fetch], ...], ...]
    functions: _Functions
    links: _Links

    def call(self, slot: int) -> Call:
        """Return the call of the step at `slot`."""
        scheduled = self.steps[slot]
        function, callee = self.functions[id(scheduled.signature)]
        return Call(scheduled, scheduled.bound.id, function, callee, self.arguments[slot])

    def followers(self, slot: int) -> Sequence[int]:
        """Return the slots of the steps that wait for the one at `slot`."""
        starts, slots = self.links
        return slots[starts[slot] : starts[slot + 1]]


def prepare(
    plan: Plan | Schedule, ground: Ground, inputs: Mapping[str, object] | None = None, *, approved: str | None = None
) -> Prepared:
    """Check, schedule and bind `plan`, and give its inputs their values.

    Raises PlanError with all problems of the plan and its inputs, or where it is not what was `approved`, and what
    `ground.bind` raises; nothing has run then. A Schedule is checked already, and keeps the sources it was bound to.
    """
    if not hasattr(ground, "bind"):
        raise TypeError("a plan runs on a forethought Kernel; Kernel.wrap(…) makes one of a Semantic Kernel")
    schedule, variables = _checked(plan, ground, inputs)
    slots = _Slots(schedule.steps, variables)
    arguments = tuple([_arguments(step, slots) for step in schedule.steps])
    _refuse(slots.missing)
    if approved is not None and (problem := void(approved, fingerprint(schedule, variables))):
        raise PlanError([problem])
    functions = _bind(schedule.steps, ground)
    waits, links = _waits_and_links(schedule.steps, slots.positions)
    return Prepared(
        steps=schedule.steps,
        variables=variables,
        values=tuple(slots.values),
        waits=waits,
        arguments=arguments,
        functions=functions,
        links=links,
    )


def approval_hash(plan: Plan | Schedule, kernel: Ground, *, inputs: Mapping[str, object] | None = None) -> str:
    """Return the hash that an approval of this run is bound to: `run(..., approved=HASH)` runs this and nothing else.

    It stands for the plan, for the values that it takes from outside, and for the signatures of its functions. Raises
    PlanError for a plan that could not start.
    """
    return fingerprint(*_checked(plan, kernel, inputs))


def _checked(
    plan: Plan | Schedule, ground: Ground, inputs: Mapping[str, object] | None
) -> tuple[Schedule, ContextVariables]:
    """Return the schedule of `plan` and the variables at its start, or raise PlanError with every problem."""
    the_plan = plan.bound.plan if isinstance(plan, Schedule) else plan
    variables, problems = take_inputs(the_plan, ground.variables.with_variables(inputs or {}))
    if isinstance(plan, Schedule):
        _refuse(problems)
        return plan, variables
    bound = bind(the_plan, ground.skills, variables)
    _refuse([*problems, *check_bound(bound)])
    return schedule_bound(bound), variables


def _refuse(problems: list[Problem]) -> None:
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise PlanError(errors)


def take_inputs(plan: Plan, given: ContextVariables) -> tuple[ContextVariables, list[Problem]]:
    """Give every declared input its value, as its type has it: the caller's, or else the one in the plan.

    Returns all variables, and why the plan cannot start: a value is missing or does not fit, or there are no steps.
    """
    if plan.impossible:
        return given, [_impossible(plan.placed())]
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
            problems.append(Problem(code="wrong-type", message=message, place=each.place))
    if problems and (placed := plan.placed()) is not plan:
        return take_inputs(placed, given)
    variables = ContextVariables().with_each(declared)
    return variables.with_each(given.variable(name) for name in given if name not in variables), problems


def _impossible(plan: Plan) -> Problem:
    reason = f": {plan.reason}" if plan.reason else ""
    message = f"there is nothing to run, since the plan says that the goal cannot be reached{reason}"
    return Problem(code="impossible-plan", message=message, place=plan.place)


def _missing(each: Input) -> Problem:
    said = f" ({each.description})" if each.description else ""
    return Problem(
        code="missing-input",
        message=f"the input '{each.name}'{said} has no value",
        place=each.place,
        hint=f'give it one: --input {each.name}="...", or in Python inputs={{"{each.name}": ...}}',
    )


def _type(each: Input) -> ValueType:
    return ValueType(cast("Kind", each.type) if each.type in get_args(Kind) else "any")


class _Slots:
    """The slots of a run: one for each step's output, then what comes from outside and what the plan says."""

    def __init__(self, steps: Sequence[ScheduledStep], variables: ContextVariables) -> None:
        self.positions = {step.id: index for index, step in enumerate(steps)}
        self.values: list[object] = [None] * len(steps)
        self.missing: list[Problem] = []
        self._outside: dict[str, int] = {}
        self._variables = variables

    def of(self, producer: Producer, /) -> int:
        if producer.step is not None:
            return self.positions[producer.step]
        name = producer.name.lower()
        slot = self._outside.get(name)
        if slot is None:
            if name not in self._variables:
                self.missing.append(_missing(Input(producer.name)))
            slot = self._outside[name] = self.constant(self._variables.get(name))
        return slot

    def constant(self, value: object, /) -> int:
        self.values.append(value)
        return len(self.values) - 1


def _bind(steps: Sequence[ScheduledStep], ground: Ground) -> _Functions:
    """Bind every function once."""
    signatures = {id(step.signature): step.signature for step in steps}
    callees = {name: ground.bind(name) for name in dict.fromkeys(each.full_name for each in signatures.values())}
    return {key: (each.full_name, callees[each.full_name]) for key, each in signatures.items()}


def _arguments(step: ScheduledStep, slots: _Slots) -> tuple[tuple[str, Fetch], ...]:
    found = [(each.parameter.name, fetch(each.source, slots)) for each in step.bound.bindings]
    return tuple([(name, how) for name, how in found if how is not None])


def _waits_and_links(steps: Sequence[ScheduledStep], positions: Mapping[str, int]) -> tuple[list[int], _Links]:
    """Count what each step waits for, and turn it into what waits for each step."""
    count = len(steps)
    pairs = sorted({positions[edge.after] * count + slot for slot, step in enumerate(steps) for edge in step.edges})
    waits = Counter(pair % count for pair in pairs)
    followers = Counter(pair // count for pair in pairs)
    starts = list(accumulate((followers[slot] for slot in range(count)), initial=0))
    return [waits[slot] for slot in range(count)], (starts, [pair % count for pair in pairs])
