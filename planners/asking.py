"""Asking a model for a plan: ask, read the reply, check it, and show the model its own problems until it is right."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import cast

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import LookupFailure, UnknownFunctionError
from forethought.kernel.functions import Usage
from forethought.kernel.models.chat import ChatModel, Completion, Message
from forethought.kernel.models.fallback import Fall, ask_in_turn
from forethought.kernel.problems import Problem, Severity, has_errors
from forethought.kernel.registry import SkillRegistry
from forethought.prompts import fill

from .checking.binding import bind
from .checking.check import check
from .checking.uses import uses
from .language.nodes import Input, Plan
from .language.parsing import read_reply
from .sketching import SURE

__all__ = ["Asked", "Attempt", "ask_until_right", "check_within", "declare_inputs", "read_answer"]

_TYPES: Mapping[type, str] = {
    **{str: "string", type(None): "string", bool: "boolean", int: "integer", float: "number"},
    **{list: "array", dict: "object"},
}
"""The types that an input may have, by the class of its value; text is what nothing is known of."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One answer of the model: what it wrote, the plan read from it, and every problem and repair.

    `confidence` is the mean log-probability of what it wrote, where the model tells.
    """

    reply: str
    plan: Plan | None
    problems: tuple[Problem, ...]
    usage: Usage
    confidence: float | None = None

    @property
    def ok(self) -> bool:
        """True when a plan could be read and nothing in it is an error."""
        return self.plan is not None and not has_errors(self.problems)


@dataclass(frozen=True, slots=True)
class Asked:
    """All answers in order, and where one model could not answer, which one was asked instead."""

    attempts: tuple[Attempt, ...]
    falls: tuple[Fall, ...]

    @property
    def usage(self) -> Usage:
        """What all answers cost."""
        return sum((attempt.usage for attempt in self.attempts), Usage())


async def ask_until_right(
    model: ChatModel,
    ask: Callable[[ChatModel, Sequence[Message]], Awaitable[Completion]],
    read: Callable[[Completion], Attempt],
    *,
    max_repairs: int,
) -> Asked:
    """Ask until an answer has no error, `max_repairs` times more at most.

    `ask` puts the question to one model in the way that suits it; it is given what was said since the question: each
    answer so far, and the list of its problems. `read` makes an attempt of an answer. Raises ModelError where no model
    can answer.
    """
    attempts: list[Attempt] = []
    falls: list[Fall] = []
    said: list[Message] = []
    while True:
        answer, fallen = await ask_in_turn(model, _after(said, ask))
        falls.extend(fallen)
        attempt = read(answer)
        attempts.append(attempt)
        if attempt.ok or len(attempts) > max_repairs:
            return Asked(tuple(attempts), tuple(falls))
        complaint = fill("repair", problems=[each for each in attempt.problems if each.severity == Severity.ERROR])
        said += [Message("assistant", answer.text), Message("user", complaint)]


def _after(
    said: Sequence[Message], ask: Callable[[ChatModel, Sequence[Message]], Awaitable[Completion]]
) -> Callable[[ChatModel], Awaitable[Completion]]:
    before = tuple(said)
    return lambda model: ask(model, before)


def read_answer(answer: Completion, finish: Callable[[Plan], tuple[Plan, Sequence[Problem]]]) -> Attempt:
    """Read the plan in an answer; `finish` completes it and says what is wrong with it.

    An answer that was cut off is no plan, though what there is of it can be read.
    """
    reading = read_reply(answer.text)
    problems = (*reading.problems, *_cut_off(answer), *_not_sure(answer))
    if reading.plan is None:
        return Attempt(answer.text, None, problems, answer.usage)
    plan, found = finish(reading.plan)
    return Attempt(answer.text, plan, (*problems, *found), answer.usage, answer.confidence)


def _cut_off(answer: Completion) -> Iterator[Problem]:
    if answer.finish == "length":
        hint = "write a shorter plan; max_tokens is how long an answer may be"
        yield Problem(code="answer-cut-off", message="the answer breaks off at a limit of its length", hint=hint)


def _not_sure(answer: Completion) -> Iterator[Problem]:
    if answer.confidence is not None and answer.confidence < SURE:
        message = (
            f"the model is not sure of this plan: its words have a mean probability of {exp(answer.confidence):.0%}"
        )
        hint = "read it before it runs, say the goal in other words, or ask a larger model"
        yield Problem(code="not-sure", severity=Severity.WARNING, message=message, hint=hint)


def check_within(
    plan: Plan,
    candidates: SkillRegistry,
    skills: SkillRegistry,
    variables: ContextVariables,
    *,
    allow_missing_functions: bool = False,
) -> tuple[Problem, ...]:
    """Check a plan that may name `candidates` alone, and will run among all `skills`.

    What nobody has at all is a warning where `allow_missing_functions`.
    """

    def found_among(registry: SkillRegistry) -> tuple[Problem, ...]:
        found = check(plan, registry, variables=variables)
        if not allow_missing_functions:
            return found
        missing = {id_ for id_, step in plan.walk() if _is_missing(step.function.text, skills)}
        return tuple(
            dataclasses.replace(each, severity=Severity.WARNING)
            if each.code == "unknown-function" and each.step in missing
            else each
            for each in found
        )

    found = found_among(candidates)
    return found if has_errors(found) else found_among(skills)  # where a short name may not be clear


def _is_missing(name: str, skills: SkillRegistry) -> bool:
    try:
        skills.find(name, suggest=False)
    except LookupFailure as failure:
        return isinstance(failure, UnknownFunctionError)
    return False


def declare_inputs(plan: Plan, inputs: Mapping[str, object] | Collection[str], skills: SkillRegistry) -> Plan:
    """Declare the inputs that the plan reads and does not declare, so that it reads and runs on its own.

    Each has the type of its value, if it has one.
    """
    read = uses(bind(plan, skills, inputs)).outside
    values: Mapping[str, object] = cast("Mapping[str, object]", inputs) if isinstance(inputs, Mapping) else {}
    missing = tuple(
        Input(name, type=_TYPES.get(type(values.get(name)), "any"))
        for name in inputs
        if name.lower() in read and plan.input(name) is None
    )
    return dataclasses.replace(plan, inputs=(*missing, *plan.inputs)) if missing else plan
