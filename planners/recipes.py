"""Recipes: a plan is a function, so that a step of another plan may be one.

Its inputs are the parameters, its effect is all that its steps do, and its definition is the plan with the signatures
of the functions it calls: change one of them, and an approval of what calls the recipe is void.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import CoercionError, LookupFailure, PackError, PlanError, RecipeError
from forethought.kernel.functions import Callee, Effect, FunctionSignature, Output, Parameter
from forethought.kernel.packs.files import read_text
from forethought.kernel.packs.pack import Pack, is_name
from forethought.kernel.packs.reports import Report
from forethought.kernel.problems import Problem, Severity
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY, Kind, ValueType, coerce

from .checking.check import check
from .language.nodes import Input, Plan, Step
from .language.parsing import read

if TYPE_CHECKING:
    from forethought.kernel.kernel import Kernel

__all__ = ["DEEPEST", "Recipe", "add_plan", "add_recipes", "read_recipes", "with_recipes"]

DEEPEST = 8
"""Recipes that may call one another in a row."""

_chain: ContextVar[tuple[str, ...]] = ContextVar("recipes", default=())


@dataclass(frozen=True, slots=True)
class Recipe:
    """A plan as a function."""

    signature: FunctionSignature
    plan: Plan


def add_plan(kernel: Kernel, plan: Plan, name: str) -> FunctionSignature:
    """Register a plan as the function `name`, `Plugin.Function`, of `kernel`.

    Raises PlanError with every problem of a plan that could not run, or that calls itself; PackError for a bad name.
    """
    plugin, _, own = name.partition(".")
    if not is_name(plugin) or not is_name(own):
        raise PackError(name, "a plan is named 'Plugin.Function'")
    errors = [each for each in check(plan, kernel.skills) if each.severity is Severity.ERROR]
    if plan.impossible:
        errors = [Problem(code="impossible-plan", message="the plan has no steps", place=plan.place)]
    called = [] if errors else _called(plan, kernel.skills)
    if any(each.full_name.lower() == name.lower() for each in called):
        errors = [Problem(code="recipe-cycle", message=f"'{name}' calls itself", hint="give it another name")]
    if errors:
        raise PlanError(errors)
    recipe = Recipe(_signature(plan, plugin, own, called), plan)
    _register(kernel, recipe)
    return recipe.signature


def add_recipes(kernel: Kernel) -> tuple[Problem, ...]:
    """Register the recipes of the packs that `kernel` has imported; returns what is wrong with them."""
    recipes, problems = read_recipes(kernel.plans, kernel.skills)
    for each in recipes:
        _register(kernel, each)
    return problems


def with_recipes(packs: Iterable[Pack]) -> tuple[Pack, ...]:
    """Return packs with the recipes that their plans are, and what is wrong with them."""
    given = tuple(packs)
    files = [(pack.name, file) for pack in given for file in pack.plans]
    if not files:
        return given
    skills = SkillRegistry()
    for pack in given:
        skills = skills.with_functions(pack.signatures)
    recipes, problems = read_recipes(files, skills)

    def of(pack: Pack) -> Pack:
        own = {str(file) for file in pack.plans}
        mine = tuple(each.signature for each in recipes if each.signature.source in own)
        return dataclasses.replace(
            pack, recipes=mine, problems=(*pack.problems, *(each for each in problems if each.file in own))
        )

    return tuple(map(of, given))


def read_recipes(
    files: Iterable[tuple[str, Path]], skills: SkillRegistry
) -> tuple[tuple[Recipe, ...], tuple[Problem, ...]]:
    """Read plan files, each with its pack's name, as functions over `skills` and over one another.

    Nothing runs. A file that is no plan, has errors, or calls itself costs one recipe and is reported.
    """
    reading = _Reading(skills)
    for plugin, file in files:
        reading.take(plugin, file)
    for name in reading.plans:
        reading.resolve(name, ())
    return tuple(reading.recipes.values()), tuple(reading.problems)


@dataclass(frozen=True, slots=True)
class _Draft:
    plugin: str
    name: str
    file: Path
    plan: Plan


class _Reading:
    """Recipes while they are read: each after those that it calls."""

    def __init__(self, skills: SkillRegistry) -> None:
        self.plans: dict[str, _Draft] = {}
        self.recipes: dict[str, Recipe] = {}
        self.problems: list[Problem] = []
        self._skills = skills
        self._names = skills
        self._done: set[str] = set()

    def take(self, plugin: str, file: Path) -> None:
        """Read one file."""
        report = Report(file)
        text = read_text(file, file.parent.parent, report)
        if text is None:
            self.problems += report.found
            return
        reading = read(text)
        self.problems += [dataclasses.replace(each, file=str(file)) for each in reading.problems]
        if reading.plan is None:
            return
        name = f"{plugin}.{file.stem}"
        if not is_name(file.stem):
            report.error("bad-name", f"'{file.stem}' cannot name a function", hint="rename the file")
        elif name in self._skills or name.lower() in self.plans:
            report.error("duplicate-function", f"'{name}' is a second function of this name", hint="rename the file")
        else:
            self.plans[name.lower()] = _Draft(plugin, file.stem, file, reading.plan)
            self._names = self._names.with_functions([FunctionSignature(plugin=plugin, name=file.stem)])
        self.problems += report.found

    def resolve(self, name: str, chain: tuple[str, ...]) -> None:
        """Make a function of a recipe, those that it calls first."""
        if name in self._done:
            return
        draft = self.plans[name]
        for called in self._recipes_called(draft.plan):
            if called in (path := (*chain, name)):
                self._refuse_circle(path[path.index(called) :])
            else:
                self.resolve(called, path)
        if name in self._done:
            return
        self._done.add(name)
        if draft.plan.impossible:
            self._report(draft, "impossible-plan", "the plan has no steps")
            return
        found = [dataclasses.replace(each, file=str(draft.file)) for each in check(draft.plan, self._skills)]
        self.problems += [each for each in found if each.severity is not Severity.NOTICE]
        if any(each.severity is Severity.ERROR for each in found):
            return
        signature = _signature(draft.plan, draft.plugin, draft.name, _called(draft.plan, self._skills), draft.file)
        self.recipes[name] = Recipe(signature, draft.plan)
        self._skills = self._skills.with_functions([signature])

    def _refuse_circle(self, circle: Sequence[str]) -> None:
        for turn, name in enumerate(circle):
            if name not in self._done:
                drafts = [self.plans[each] for each in (*circle[turn:], *circle[: turn + 1])]
                listed = " → ".join(f"{each.plugin}.{each.name}" for each in drafts)
                self._report(drafts[0], "recipe-cycle", f"the recipe calls itself: {listed}")
                self._done.add(name)

    def _recipes_called(self, plan: Plan) -> Iterator[str]:
        for name in dict.fromkeys(step.function.text for _, step in plan.walk()):
            try:
                full = self._names.find(name, suggest=False).full_name.lower()
            except LookupFailure:  # the checker will say so
                continue
            if full in self.plans:
                yield full

    def _report(self, draft: _Draft, code: str, message: str) -> None:
        report = Report(draft.file)
        report.error(code, message)
        self.problems += report.found


def _called(plan: Plan, skills: SkillRegistry) -> list[FunctionSignature]:
    names = dict.fromkeys(step.function.text for _, step in plan.walk())
    return [skills.find(name, suggest=False) for name in names]


def _signature(
    plan: Plan, plugin: str, name: str, called: Sequence[FunctionSignature], file: Path | None = None
) -> FunctionSignature:
    """Return the signature of a plan over the functions it calls.

    Doing it twice is doing it once where it writes nothing, or where what it writes is idempotent and it reads nothing
    that it could have changed itself.
    """
    effect = Effect(
        reads=frozenset(resource for each in called for resource in each.effect.reads),
        writes=frozenset(resource for each in called for resource in each.effect.writes),
    )
    repeatable = not effect.reads and all(each.idempotent or each.effect.pure for each in called)
    return FunctionSignature(
        plugin=plugin,
        name=name,
        kind="recipe",
        description=plan.goal,
        parameters=tuple(map(_parameter, plan.inputs)),
        returns=_returns(plan, called),
        effect=effect,
        idempotent=not effect.writes or repeatable,
        destructive=any(each.destructive for each in called),
        open_world=any(each.open_world for each in called),
        definition=_definition(plan, called),
        source="" if file is None else str(file),
    )


def _definition(plan: Plan, called: Iterable[FunctionSignature]) -> str:
    parts = [plan.digest(), *sorted({each.digest() for each in called})]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _parameter(given: Input) -> Parameter:
    kind = ValueType(cast("Kind", given.type) if given.type in get_args(Kind) else "any")
    default: object = given.value
    if given.value is not None:
        try:
            default = coerce(given.value, kind)
        except CoercionError:  # the checker says so
            default = given.value
    return Parameter(given.name, kind, given.value is None, default, given.description)


def _returns(plan: Plan, called: Sequence[FunctionSignature]) -> ValueType:
    """Return the type of the one step whose output is the plan's value, as far as it is one."""
    appending = [step for _, step in plan.walk() if step.appends]
    last = plan.steps[-1]
    if len(appending) > 1 or (not appending and not isinstance(last, Step)):
        return ANY
    step = appending[0] if appending else cast("Step", last)
    if appending and not plan.straight:
        return ANY
    return SkillRegistry(called).find(step.function.text, suggest=False).returns


def _register(kernel: Kernel, recipe: Recipe) -> None:
    kernel.register(recipe.signature, lambda: _RecipeCallee(recipe, kernel))


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a recipe runs on: the functions of its kernel, and no variables but its inputs."""

    kernel: Kernel
    variables: ContextVariables

    @property
    def skills(self) -> SkillRegistry:
        """The functions."""
        return self.kernel.skills

    def bind(self, name: str, /) -> Callee:
        """Return a function ready to run."""
        return self.kernel.bind(name)


class _RecipeCallee:
    """A plan that runs as one step of another."""

    __slots__ = ("_arguments", "_ground", "_plan", "_seen", "signature")

    def __init__(self, recipe: Recipe, kernel: Kernel) -> None:
        from forethought.kernel.calling import Arguments

        self.signature = recipe.signature
        self._plan = recipe.plan
        self._arguments = Arguments(recipe.signature)
        self._ground = _Ground(kernel, ContextVariables())
        self._seen: SkillRegistry | None = None
        self._look_again()

    async def __call__(self, arguments: Mapping[str, object], /) -> Output:
        from .running.runner import run

        name = self.signature.full_name
        values = self._arguments.read(arguments)
        chain = (*_chain.get(), name)
        if name in chain[:-1] or len(chain) > DEEPEST:
            why = "a recipe calls itself" if name in chain[:-1] else f"recipes call one another {DEEPEST} deep at most"
            raise RecipeError(name, f"{why}: {' → '.join(chain)}")
        self._look_again()
        token = _chain.set(chain)
        try:
            result = await run(self._plan, self._ground, inputs=values)
        finally:
            _chain.reset(token)
        if not result.ok:
            raise RecipeError(name, result.error or f"it was {result.status}") from result.cause
        return Output(result.value, result.usage)

    def _look_again(self) -> None:
        """Raise PackError where a function that the plan calls is not what it was when the recipe was made."""
        skills = self._ground.skills
        if skills is self._seen:
            return
        if _definition(self._plan, _called(self._plan, skills)) != self.signature.definition:
            reason = "a function that it calls has changed since it was added; add the plan again"
            raise PackError(self.signature.full_name, reason)
        self._seen = skills
