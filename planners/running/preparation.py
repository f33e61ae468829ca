"""Preparation: everything that can fail before the first step does, and everything that is decided once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, cast, get_args

from forethought.kernel.context import ContextVariables, Origin, Variable
from forethought.kernel.errors import CoercionError, PlanError
from forethought.kernel.functions import Callee
from forethought.kernel.problems import Problem, Severity
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import Kind, ValueType, coerce
from forethought.planners.checking.binding import bind
from forethought.planners.checking.check import check_bound
from forethought.planners.language.nodes import Input, Plan
from forethought.planners.scheduling.schedule import Schedule, ScheduledStep
from forethought.planners.scheduling.scheduling import schedule_bound

from .approval import fingerprint, void
from .bodies import Arguments, Outside, ReadyBody, Slots

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
    arguments: Arguments


_Functions = Mapping[int, tuple[str, Callee]]
"""By the identity of a signature, which is quicker than its hash: the function's name, and the function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A plan ready to run: its units, its functions, the variables at the start, and the slot of its last output."""

    schedule: Schedule
    variables: ContextVariables
    body: ReadyBody
    functions: _Functions
    output: int | None

    def call(self, body: ReadyBody, unit: int, prefix: str = "") -> Call:
        """Return the call that a unit is; its id begins with `prefix` in place of the loop's."""
        scheduled = cast("ScheduledStep", body.units[unit])
        function, callee = self.functions[id(scheduled.signature)]
        id_ = prefix + scheduled.bound.id[body.cut :] if prefix else scheduled.bound.id
        return Call(scheduled, id_, function, callee, body.arguments[unit])


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
    outside = Outside(variables)
    slots = Slots(schedule.body, outside)
    last = schedule.bound.body.output
    output = slots.of(last) if last else None
    body = slots.body()
    _refuse([_missing(Input(name)) for name in outside.missing.values()])
    if approved is not None and (problem := void(approved, fingerprint(schedule, variables))):
        raise PlanError([problem])
    functions = _bind(schedule.steps, ground)
    return Prepared(schedule=schedule, variables=variables, body=body, functions=functions, output=output)


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


def _bind(steps: Sequence[ScheduledStep], ground: Ground) -> _Functions:
    """Bind every function once."""
    signatures = {id(step.signature): step.signature for step in steps}
    callees = {name: ground.bind(name) for name in dict.fromkeys(each.full_name for each in signatures.values())}
    return {key: (each.full_name, callees[each.full_name]) for key, each in signatures.items()}
