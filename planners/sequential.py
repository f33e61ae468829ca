"""SequentialPlanner: goal → functions → prompt → model → parse → check → repair."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import LookupFailure, PlanningError, UnknownFunctionError
from forethought.kernel.functions import FunctionSignature, Usage
from forethought.kernel.models.chat import ChatModel, Completion, Message, Request, is_small
from forethought.kernel.problems import Problem, Severity, has_errors
from forethought.kernel.registry import SkillRegistry
from forethought.prompts import fill

from .checking.binding import bind
from .checking.check import check
from .checking.naming import is_name
from .checking.references import uses
from .choosing import Choice, choose
from .drafting import draft
from .language.nodes import Input, Plan
from .language.parsing import read_reply
from .manual import example_plans, manual

__all__ = ["Attempt", "PlanningKernel", "PlanningResult", "SequentialPlanner"]


FEW = 6
"""A small model chooses from as many functions, and those score at least half of what the best one does."""


class PlanningKernel(Protocol):
    """What a planner needs of a kernel: its functions, its variables, and the model that plans."""

    @property
    def skills(self) -> SkillRegistry: ...
    @property
    def variables(self) -> ContextVariables: ...
    @property
    def planner_model(self) -> ChatModel: ...


GetAvailableFunctions = Callable[[str], "Iterable[FunctionSignature] | Awaitable[Iterable[FunctionSignature]]"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One answer of the model: what it wrote, the plan read from it, and every problem and repair."""

    reply: str
    plan: Plan | None
    problems: tuple[Problem, ...]
    usage: Usage

    @property
    def ok(self) -> bool:
        """True when a plan could be read and nothing in it is an error."""
        return self.plan is not None and not has_errors(self.problems)


@dataclass(frozen=True, slots=True)
class PlanningResult:
    """What came of a goal: `plan` is the valid plan, or None with the `reason` in one sentence.

    `attempts` are all answers of the model in order, `choice` the functions it was shown, `usage` what all of it cost.
    """

    goal: str
    plan: Plan | None
    reason: str
    attempts: tuple[Attempt, ...]
    choice: Choice
    usage: Usage

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the last answer: warnings and notices where there is a plan."""
        return self.attempts[-1].problems if self.attempts else ()


class SequentialPlanner:
    """Makes a whole plan before anything runs.

    The options are Semantic Kernel's, under its names: `relevancy_threshold` and `max_relevant_functions` narrow the
    functions to those that fit the goal; `excluded_plugins`, `excluded_functions` and `included_functions` name some;
    `get_available_functions(goal)` replaces the kernel's registry: a plan that names a function which is excluded, or
    not available, is not valid. `max_tokens` bounds each answer; `allow_missing_functions` lets a plan name functions
    that nobody has (such a plan can be read, not run). At most
    `max_repairs` times the model is shown its own plan with the full list of problems.
    """

    def __init__(
        self,
        kernel: PlanningKernel,
        *,
        relevancy_threshold: float | None = None,
        max_relevant_functions: int = 100,
        excluded_plugins: Collection[str] = (),
        excluded_functions: Collection[str] = (),
        included_functions: Collection[str] = (),
        max_tokens: int = 4096,
        allow_missing_functions: bool = False,
        get_available_functions: GetAvailableFunctions | None = None,
        max_repairs: int = 2,
    ) -> None:
        if not hasattr(kernel, "planner_model"):
            raise TypeError("a planner needs a forethought Kernel; Kernel.wrap(…) makes one of a Semantic Kernel")
        _several("excluded_plugins", excluded_plugins)
        _several("excluded_functions", excluded_functions)
        _several("included_functions", included_functions)
        _at_least(1, "max_relevant_functions", max_relevant_functions)
        _at_least(1, "max_tokens", max_tokens)
        _at_least(0, "max_repairs", max_repairs)
        self._kernel = kernel
        self._relevancy_threshold = relevancy_threshold
        self._max_relevant_functions = max_relevant_functions
        self._excluded_plugins = excluded_plugins
        self._excluded_functions = excluded_functions
        self._included_functions = included_functions
        self._max_tokens = max_tokens
        self._allow_missing_functions = allow_missing_functions
        self._get_available_functions = get_available_functions
        self._max_repairs = max_repairs

    async def create_plan(self, goal: str, *, inputs: Mapping[str, object] | Collection[str] = ()) -> Plan:
        """Return a valid plan for `goal`, or raise PlanningError with the last answer's problems.

        `inputs` are the names (or names and values) that the run will be given: the plan may use them as variables
        and declares those that it uses. Only names are shown to the model, never values. Raises ModelError where the
        model cannot answer.
        """
        result = await self.plan(goal, inputs=inputs)
        if result.plan is None:
            raise PlanningError(result.goal, result.reason, result.problems)
        return result.plan

    async def plan(self, goal: str, *, inputs: Mapping[str, object] | Collection[str] = ()) -> PlanningResult:
        """Do as `create_plan`, but return everything that happened, and no exception where there is no plan."""
        _several("inputs", inputs)
        if wrong := [name for name in inputs if not is_name(name)]:
            raise ValueError(f"no variable can be named '{wrong[0]}': a name is ASCII letters, digits and underscores")
        goal = goal.strip()
        if not goal:
            nothing = Choice(SkillRegistry(), SkillRegistry(), {})
            return PlanningResult(goal, None, "the goal is empty", (), nothing, Usage())
        model = self._kernel.planner_model
        choice = await self._choose(goal, few=is_small(model))
        if not len(choice.skills):
            there = len(self._kernel.skills)
            why = f": the options leave none of {there}" if there else ""
            return PlanningResult(goal, None, f"there are no functions to plan with{why}", (), choice, Usage())
        variables = self._kernel.variables.with_variables(dict.fromkeys(inputs))
        messages = _messages(goal, choice, variables, small=is_small(model))
        attempts: list[Attempt] = []
        while True:
            answer = await self._ask(model, goal, messages, choice.skills, variables)
            attempt = self._read(answer, goal, inputs, choice.candidates)
            attempts.append(attempt)
            if attempt.ok or len(attempts) > self._max_repairs:
                break
            complaint = fill("repair", problems=[each for each in attempt.problems if each.severity == Severity.ERROR])
            messages = [*messages, Message("assistant", answer.text), Message("user", complaint)]
        return _result(goal, attempts, choice)

    async def _choose(self, goal: str, *, few: bool) -> Choice:
        skills = self._kernel.skills
        if self._get_available_functions is not None:
            found = self._get_available_functions(goal)
            skills = skills.select(await found if inspect.isawaitable(found) else found)
        choose_among = functools.partial(
            choose,
            skills,
            goal,
            excluded_plugins=self._excluded_plugins,
            excluded_functions=self._excluded_functions,
            included_functions=self._included_functions,
        )
        threshold, most = self._relevancy_threshold, self._max_relevant_functions
        if few:
            best = max(choose_among().scores.values(), default=0.0)
            threshold, most = max(threshold or 0.0, best / 2), min(most, FEW)
        return choose_among(relevancy_threshold=threshold, max_relevant_functions=most)

    async def _ask(
        self, model: ChatModel, goal: str, messages: list[Message], skills: SkillRegistry, variables: ContextVariables
    ) -> Completion:
        if model.constrained:
            within = goal if is_small(model) else ""
            drafted = await draft(model, messages, skills, variables=list(variables), goal=within)
            return Completion(drafted.text, drafted.usage, drafted.finish)
        return await model.complete(Request(messages, {"max_tokens": self._max_tokens}))

    def _read(
        self, answer: Completion, goal: str, inputs: Mapping[str, object] | Collection[str], candidates: SkillRegistry
    ) -> Attempt:
        reading = read_reply(answer.text)
        problems = (*reading.problems, *_cut_off(answer))
        if reading.plan is None:
            return Attempt(answer.text, None, problems, answer.usage)
        plan = _declare(dataclasses.replace(reading.plan, goal=goal), inputs, candidates)
        found = self._check(plan, candidates)
        if not has_errors(found):  # among all functions, with which it will run, a short name may not be clear
            found = self._check(plan, self._kernel.skills)
        return Attempt(answer.text, plan, (*problems, *found), answer.usage)

    def _check(self, plan: Plan, skills: SkillRegistry) -> tuple[Problem, ...]:
        found = check(plan, skills, variables=self._kernel.variables)
        if not self._allow_missing_functions:
            return found
        missing = {id_ for id_, step in plan.walk() if _is_missing(step.function.text, self._kernel.skills)}
        return tuple(
            dataclasses.replace(each, severity=Severity.WARNING)
            if each.code == "unknown-function" and each.step in missing
            else each
            for each in found
        )


def _cut_off(answer: Completion) -> Iterator[Problem]:
    """Tell of an answer that was not finished: what can be read of it is not the plan that was meant."""
    if answer.finish == "length":
        hint = "write a shorter plan; max_tokens is how long an answer may be"
        yield Problem(code="answer-cut-off", message="the answer breaks off at a limit of its length", hint=hint)


def _is_missing(name: str, skills: SkillRegistry) -> bool:
    try:
        skills.find(name, suggest=False)
    except LookupFailure as failure:
        return isinstance(failure, UnknownFunctionError)
    return False


def _several(option: str, given: Collection[str] | Mapping[str, object]) -> None:
    """Refuse a text: it is a collection of letters."""
    if isinstance(given, str):
        raise TypeError(f"{option} takes several names, such as [{given!r}], not one text")


def _at_least(least: int, option: str, given: int) -> None:
    if given < least:
        raise ValueError(f"{option} must be at least {least}, not {given}")


def _messages(goal: str, choice: Choice, variables: ContextVariables, *, small: bool) -> list[Message]:
    if small:
        system = fill("draft", functions=sorted(choice.skills, key=lambda each: -choice.scores[each.full_name]))
    else:
        examples = [
            {"goal": plan.goal, "plan": dataclasses.replace(plan, goal="").to_xml()}
            for plan in example_plans([*choice.skills])
        ]
        system = fill("plan", manual=manual(choice.skills), examples=examples)
    return [Message("system", system), Message("user", fill("goal", goal=goal, variables=list(variables)))]


def _declare(plan: Plan, inputs: Mapping[str, object] | Collection[str], skills: SkillRegistry) -> Plan:
    """Declare the inputs that the plan reads and does not declare, so that it reads and runs on its own."""
    read = uses(bind(plan, skills, inputs)).outside
    missing = tuple(Input(name) for name in inputs if name.lower() in read and plan.input(name) is None)
    return dataclasses.replace(plan, inputs=(*missing, *plan.inputs)) if missing else plan


def _result(goal: str, attempts: list[Attempt], choice: Choice) -> PlanningResult:
    usage = sum((attempt.usage for attempt in attempts), Usage())
    last = attempts[-1]
    reason = ""
    if last.plan is None:
        reason = "the model's answer holds no plan"
    elif not last.ok:
        times = "once" if len(attempts) == 1 else f"{len(attempts)} times"
        reason = f"the model wrote a plan {times}, and the last one still has problems"
    elif last.plan.impossible:
        reason = f"the model finds no way with these functions: {last.plan.reason or 'it gives no reason'}"
    return PlanningResult(goal, None if reason else last.plan, reason, tuple(attempts), choice, usage)
