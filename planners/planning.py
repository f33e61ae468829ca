"""Planning: what the planners that make a whole plan before anything runs have in common."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import PlanningError
from forethought.kernel.functions import FunctionSignature, Usage
from forethought.kernel.models.chat import ChatModel, Completion, Message, Request, has_learned_to_plan, is_small
from forethought.kernel.models.fallback import Fall
from forethought.kernel.problems import Problem, Severity
from forethought.kernel.registry import SkillRegistry
from forethought.prompts import fill

from .asking import Asked, Attempt, ask_until_right, check_within, declare_inputs, read_answer
from .checking.naming import is_name
from .choosing.choose import Choice, choose
from .choosing.examples import examples_of
from .choosing.ranking import Ranking, rank
from .drafting import draft
from .language.nodes import Plan, Step
from .language.parsing import parse
from .manual import example_plans, manual
from .sketching import best_sketch

if TYPE_CHECKING:
    from forethought.kernel.memory.embedder import Embedder
    from forethought.kernel.settings import Settings

__all__ = [
    "GetAvailableFunctions",
    "Offer",
    "Options",
    "PlanningKernel",
    "PlanningResult",
    "choose_within",
    "make_offer",
    "make_plan",
    "of_ours",
    "why_none",
]

FEW = 6
"""A small model chooses from as many functions, and those score at least half of what the best one does."""

GetAvailableFunctions = Callable[[str], "Iterable[FunctionSignature] | Awaitable[Iterable[FunctionSignature]]"]
Kind = Literal["plan", "action", "step"]


class PlanningKernel(Protocol):
    """What a planner needs of a kernel: its functions, saved plans, variables, and the model that plans."""

    @property
    def skills(self) -> SkillRegistry: ...
    @property
    def plans(self) -> Sequence[tuple[str, Path]]: ...
    @property
    def variables(self) -> ContextVariables: ...
    @property
    def planner_model(self) -> ChatModel: ...
    @property
    def settings(self) -> Settings: ...


def of_ours(kernel: PlanningKernel) -> PlanningKernel:
    """Return `kernel`; raises TypeError for one of Semantic Kernel, which looks alike and cannot be planned over."""
    if not hasattr(kernel, "planner_model"):
        raise TypeError("a planner needs a forethought Kernel; Kernel.wrap(…) makes one of a Semantic Kernel")
    return kernel


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a planner may be told, under Semantic Kernel's names; `SequentialPlanner` says what each means."""

    relevancy_threshold: float | None = None
    max_relevant_functions: int = 100
    excluded_plugins: Collection[str] = ()
    excluded_functions: Collection[str] = ()
    included_functions: Collection[str] = ()
    max_tokens: int = 4096
    allow_missing_functions: bool = False
    get_available_functions: GetAvailableFunctions | None = None
    max_repairs: int = 2
    embedder: Embedder | str | None = "local"

    def __post_init__(self) -> None:
        for option in ("excluded_plugins", "excluded_functions", "included_functions"):
            _several(option, getattr(self, option))
        for option, least in (("max_relevant_functions", 1), ("max_tokens", 1), ("max_repairs", 0)):
            given = getattr(self, option)
            if given < least:
                raise ValueError(f"{option} must be at least {least}, not {given}")


@dataclass(frozen=True, slots=True)
class PlanningResult:
    """What came of a goal: `plan` is the valid plan, or None with the `reason` in one sentence.

    `attempts` are all answers of the model in order, `choice` the functions it was shown, `usage` what all of it cost;
    `falls` say which model could not answer, why, and which one was asked instead.
    """

    goal: str
    plan: Plan | None
    reason: str
    attempts: tuple[Attempt, ...]
    choice: Choice
    usage: Usage
    falls: tuple[Fall, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the last answer: warnings and notices where there is a plan."""
        return self.attempts[-1].problems if self.attempts else ()

    def valid(self) -> Plan:
        """Return the plan, or raise PlanningError with the last answer's problems."""
        if self.plan is None:
            raise PlanningError(self.goal, self.reason, self.problems)
        return self.plan


@dataclass(frozen=True, slots=True)
class Offer:
    """What a model may plan with for one goal: the functions that there are, and how well each fits."""

    kernel: PlanningKernel
    model: ChatModel
    goal: str
    options: Options
    skills: SkillRegistry
    ranking: Ranking

    def choice(self, *, few: bool = False) -> Choice:
        """Choose what is shown: few to a small model."""
        return choose_within(self.skills, self.goal, self.options, self.ranking, few=few)

    @property
    def lack(self) -> str:
        """Why nothing can be planned: empty where something is shown."""
        if len(self.choice().skills):
            return ""
        there = len(self.kernel.skills)
        return "there are no functions to plan with" + (f": the options leave none of {there}" if there else "")

    async def ask(
        self,
        kind: Kind,
        question: Sequence[Message],
        variables: Collection[str],
        finish: Callable[[Plan], tuple[Plan, Sequence[Problem]]],
        *,
        read: Callable[[Completion], Attempt] | None = None,
        done: Sequence[Step] = (),
        plainly: Sequence[Message] = (),
    ) -> tuple[Asked, Choice]:
        """Put `question` to the model until the answer has no error; return what it was shown, too.

        Each model of several is asked in its own way: with the functions, the words and the grammar that suit it. A
        plan may read `variables`; `finish` completes it and says what is wrong with it. `read` reads an answer in
        another way. What is written follows the calls that are `done`. A small model is asked `plainly`, where there is
        a plain question.
        """
        shown = self.choice()

        async def ask(one: ChatModel, said: Sequence[Message]) -> Completion:
            nonlocal shown
            small = is_small(one)
            shown = self.choice(few=small)
            if has_learned_to_plan(one) and kind != "step" and not done:
                from .choosing.matching import enough, match

                matched = await match(self.goal, tuple(self.skills), self.ranking)
                shown = choose_within(self.skills, self.goal, self.options, matched, most=enough(matched))
                return await self._sketch(one, shown, variables, finish, single=kind == "action", seed=len(said))
            asked = plainly if small and plainly else question
            messages = [_system(shown, kind, small=small), *asked, *said]
            if not one.constrained:
                return await one.complete(Request(messages, {"max_tokens": self.options.max_tokens}))
            words = self.goal if small else ""
            single = kind != "plan"
            drafted = await draft(
                one, messages, shown.skills, variables=variables, goal=words, single=single, done=done
            )
            return Completion(drafted.text, drafted.usage, drafted.finish)

        asked = await ask_until_right(
            self.model,
            ask,
            read or (lambda answer: read_answer(answer, finish)),
            max_repairs=self.options.max_repairs,
        )
        return asked, shown

    async def _sketch(
        self,
        model: ChatModel,
        shown: Choice,
        variables: Collection[str],
        finish: Callable[[Plan], tuple[Plan, Sequence[Problem]]],
        *,
        single: bool,
        seed: int,
    ) -> Completion:
        """Let a model that has learned to plan write several plans, and return the one with the fewest problems."""
        functions = sorted(shown.skills, key=lambda each: -shown.scores[each.full_name])

        def faults(written: str) -> int:
            return sum(each.severity != Severity.NOTICE for each in finish(parse(written))[1])

        made = await best_sketch(
            model, functions, self.goal, faults=faults, variables=variables, single=single, seed=seed
        )
        return Completion(made.text, made.usage, made.finish, confidence=made.confidence)

    def check(self, plan: Plan, variables: ContextVariables) -> tuple[Problem, ...]:
        """Check a plan that may name what the options leave."""
        missing = self.options.allow_missing_functions
        candidates = self.choice().candidates
        return check_within(plan, candidates, self.kernel.skills, variables, allow_missing_functions=missing)


async def make_offer(kernel: PlanningKernel, goal: str, options: Options) -> Offer:
    """Rank the functions that are available for `goal`; raises ModelNotConfiguredError where nobody could plan."""
    model = kernel.planner_model
    skills = await _available(kernel, goal, options)
    examples = examples_of(kernel.plans, skills)
    settings = None if options.embedder in (None, "local") else kernel.settings
    ranking = await rank(goal, tuple(skills), embedder=options.embedder, examples=examples, settings=settings)
    return Offer(kernel, model, goal, options, skills, ranking)


async def make_plan(
    kernel: PlanningKernel, goal: str, inputs: Mapping[str, object] | Collection[str], options: Options, kind: Kind
) -> PlanningResult:
    """Return everything that came of asking the kernel's planner model for a plan, or for an action: a single call."""
    _several("inputs", inputs)
    if wrong := [name for name in inputs if not is_name(name)]:
        raise ValueError(f"no variable can be named '{wrong[0]}': a name is ASCII letters, digits and underscores")
    goal = goal.strip()
    if not goal:
        nothing = Choice(SkillRegistry(), SkillRegistry(), {})
        return PlanningResult(goal, None, "the goal is empty", (), nothing, Usage())
    offer = await make_offer(kernel, goal, options)
    if offer.lack:
        return PlanningResult(goal, None, offer.lack, (), offer.choice(), Usage())
    candidates = offer.choice().candidates
    variables = list(kernel.variables.with_variables(dict.fromkeys(inputs)))

    def finish(plan: Plan) -> tuple[Plan, Sequence[Problem]]:
        plan = declare_inputs(dataclasses.replace(plan, goal=goal), inputs, candidates)
        found = offer.check(plan, kernel.variables)
        return plan, (*found, *(_more_than_one(plan) if kind == "action" else ()))

    question = [Message("user", fill("goal", goal=goal, variables=variables))]
    asked, shown = await offer.ask(kind, question, variables, finish)
    return _result(goal, asked, shown, kind)


async def _available(kernel: PlanningKernel, goal: str, options: Options) -> SkillRegistry:
    if options.get_available_functions is None:
        return kernel.skills
    found = options.get_available_functions(goal)
    return kernel.skills.select(await found if inspect.isawaitable(found) else found)


def choose_within(
    skills: SkillRegistry,
    goal: str,
    options: Options,
    ranking: Ranking | None = None,
    *,
    few: bool = False,
    most: int | None = None,
) -> Choice:
    """Choose the functions to show for `goal`: what the options say, and for a small model only a `few` of them.

    `most` is how many are shown at most, whatever they score. Without a `ranking`, which `rank` makes, keywords rank
    the functions.
    """
    choose_among = functools.partial(
        choose,
        skills,
        goal,
        ranking=ranking.alone() if ranking and few else ranking,
        excluded_plugins=options.excluded_plugins,
        excluded_functions=options.excluded_functions,
        included_functions=options.included_functions,
    )
    threshold, limit = options.relevancy_threshold, options.max_relevant_functions
    if few:
        best = max(choose_among().scores.values(), default=0.0)
        threshold, most = max(threshold or 0.0, best / 2), FEW
    return choose_among(relevancy_threshold=threshold, max_relevant_functions=min(limit, most or limit))


def _several(option: str, given: Collection[str] | Mapping[str, object]) -> None:
    """Refuse a text: it is a collection of letters."""
    if isinstance(given, str):
        raise TypeError(f"{option} takes several names, such as [{given!r}], not one text")


def _system(choice: Choice, kind: Kind, *, small: bool) -> Message:
    if small:
        functions = sorted(choice.skills, key=lambda each: -choice.scores[each.full_name])
        return Message("system", fill("draft", functions=functions))
    described = [each for each in choice.skills if each.description]
    plans = example_plans(described if kind == "plan" else described[:1])  # of one function, a single call
    examples = [{"goal": plan.goal, "plan": dataclasses.replace(plan, goal="").to_xml()} for plan in plans]
    return Message("system", fill(kind, manual=manual(choice.skills), examples=examples))


def _more_than_one(plan: Plan) -> tuple[Problem, ...]:
    """Complain of an action that is not one call."""
    if plan.impossible or (len(plan.steps) == 1 and isinstance(plan.steps[0], Step)):
        return ()
    return (Problem(code="not-an-action", message="an action is one call, and this plan has more", hint="keep one"),)


def _result(goal: str, asked: Asked, choice: Choice, kind: Kind) -> PlanningResult:
    reason = why_none(asked, "these functions" if kind == "plan" else "one of these functions")
    plan = None if reason else asked.attempts[-1].plan
    return PlanningResult(goal, plan, reason, asked.attempts, choice, asked.usage, asked.falls)


def why_none(asked: Asked, functions: str = "these functions") -> str:
    """Say why no plan came of asking: empty where one did."""
    last, times = asked.attempts[-1], len(asked.attempts)
    if last.plan is None and any(each.code == "no-plan" for each in last.problems):
        return "the model's answer holds no plan"
    if last.plan is None or not last.ok:
        written = "once" if times == 1 else f"{times} times"
        return f"the model wrote a plan {written}, and the last one still has problems"
    if last.plan.impossible:
        return f"the model finds no way with {functions}: {last.plan.reason or 'it gives no reason'}"
    return ""
