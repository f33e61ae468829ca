"""Replanning: a run that failed, and a model that finds a new end for its plan."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import PlanError
from forethought.kernel.models.chat import Message
from forethought.kernel.models.fallback import Fall
from forethought.kernel.problems import Problem, Severity
from forethought.kernel.redacting import HIDDEN, Redaction
from forethought.kernel.registry import SkillRegistry
from forethought.prompts import fill

from .asking import Attempt, declare_inputs
from .checking.binding import bind
from .checking.uses import uses
from .language.nodes import Node, Plan, Step, numbered
from .language.parsing import parse
from .naming import result_name
from .planning import Options, PlanningKernel, make_offer, why_none
from .running.patch import Patch
from .running.result import RunResult, StepRecord
from .running.salvage import Known, Salvage, salvage
from .running.secrecy import Secrecy
from .telling import told_in_line

__all__ = ["Ending", "Replanning", "replan", "secrecy_of", "told_step"]

_MOST_TOLD = 60
"""The last steps of a run that a model is told of."""

_MOST_NAMED = 100
"""The variables that a model is told of."""

_LONGEST_PLAN = 20_000
"""The characters of a plan that a model is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanning(Patch):
    """Everything that came of seeking a new end: all answers of the model, and how one model fell to the next."""

    attempts: tuple[Attempt, ...] = ()
    falls: tuple[Fall, ...] = ()


async def replan(kernel: PlanningKernel, run: RunResult, options: Options, *, request: str = "") -> Replanning:
    """Return a new end for `run`, or why there is none. Raises ModelError where the model cannot answer."""
    nothing = Replanning(old=run.plan, error=run.error, plan=None)
    if run.ok and not request:
        return dataclasses.replace(nothing, reason="the run succeeded, and nothing else is asked for")
    beginning = salvage(run, kernel.skills)
    try:
        _readable(run.plan, beginning)
    except PlanError as error:
        reason = f"what has run cannot be written as a plan: {error.problems[0].message}"
        return dataclasses.replace(nothing, reason=reason)
    goal = run.plan.goal.strip() or "what the plan below does"
    named = {*options.included_functions, *(step.function.text for _, step in run.plan.walk())}
    known = [each for each in named if each in kernel.skills]
    offer = await make_offer(kernel, goal, dataclasses.replace(options, included_functions=known))
    if offer.lack:
        return dataclasses.replace(nothing, reason=offer.lack)
    end = Ending(run, beginning, kernel.skills, offer.choice().candidates)

    def finish(tail: Plan) -> tuple[Plan, Sequence[Problem]]:
        if tail.impossible:
            return tail, ()
        plan = end.joined(tail)
        found = offer.check(plan, run.given)
        return plan, (*end.of_tail(found), *end.repeated(plan))

    question = Message("user", fill("replan", goal=goal, request=request, **end.told()))
    plain = Message("user", fill("goal", goal=goal, variables=list(run.given)))
    asked, _ = await offer.ask("plan", [question], end.variables, finish, done=end.calls, plainly=[plain])
    reason = why_none(asked)
    return Replanning(
        old=run.plan,
        error=run.error,
        plan=None if reason else asked.attempts[-1].plan,
        reason=reason,
        kept=len(beginning.nodes),
        finished=beginning.records,
        usage=asked.usage,
        attempts=asked.attempts,
        falls=asked.falls,
    )


def _readable(plan: Plan, beginning: Salvage) -> None:
    """Raise PlanError where the beginning cannot be read again once it is written."""
    if beginning.nodes:
        parse(dataclasses.replace(plan, steps=beginning.nodes).to_xml())


class Ending:
    """A plan whose beginning is known, and whose end is to be found."""

    def __init__(self, run: RunResult, beginning: Salvage, skills: SkillRegistry, candidates: SkillRegistry) -> None:
        self._run = run
        self._beginning = beginning
        self._skills = skills
        self._candidates = candidates
        self._names = dict(_names(run, beginning, skills))
        sets = (each for node in beginning.nodes for each in _set_in(node))
        self.variables = list(ContextVariables(dict.fromkeys((*run.given, *sets, *self._names.values()))))

    def told(self, *, failed: bool = True) -> Mapping[str, object]:
        """Return what a model is told of the run, with what `failed` or without."""
        run = self._run
        variables = {self._beginning.old[id_]: name for id_, name in self._names.items()}
        variables |= {
            self._beginning.old[id_]: node.sets
            for id_, node in numbered(self._beginning.nodes)
            if isinstance(node, Step) and node.sets
        }
        told = ("succeeded", "failed", "cancelled") if failed else ("succeeded",)
        secrecy = secrecy_of(run, self._skills)
        xml = secrecy.redaction.text(run.plan.to_xml().rstrip())
        steps = [each for each in run.steps if each.status in told]
        return {
            "plan": xml if len(xml) <= _LONGEST_PLAN else f"{xml[:_LONGEST_PLAN]}\n(cut here)",
            "omitted": max(0, len(steps) - _MOST_TOLD),
            "steps": [told_step(each, variables.get(each.id), secrecy) for each in steps[-_MOST_TOLD:]],
            "variables": list(_some_of(self.variables)),
        }

    @property
    def nodes(self) -> tuple[Node, ...]:
        """What is finished, in which every result has a name."""
        return self.named(self._names.values())

    @property
    def calls(self) -> tuple[Step, ...]:
        """Those of them that are single calls."""
        return tuple(node for node in self.nodes if isinstance(node, Step))

    def named(self, names: Iterable[str]) -> tuple[Node, ...]:
        """Return what is finished; a result that has no name gets the one among `names` that it may have."""
        wanted = {name.lower() for name in names}
        given = {id_: name for id_, name in self._names.items() if name.lower() in wanted}
        return tuple(_with_name(node, given.get(id_)) for id_, node in numbered(self._beginning.nodes))

    def patch(self, plan: Plan | None) -> Patch:
        """Return the patch whose new plan is this one."""
        run, beginning = self._run, self._beginning
        return Patch(old=run.plan, error=run.error, plan=plan, kept=len(beginning.nodes), finished=beginning.records)

    def joined(self, tail: Plan) -> Plan:
        """Return the whole plan; a result of the beginning that only the end wants a name for gets one."""
        run, kept, named = self._run, self._beginning.nodes, self.nodes
        plan = dataclasses.replace(run.plan, steps=(*named, *tail.steps), remark=tail.remark, place=None, source="")
        read = uses(bind(plan, self._skills, run.given)).read
        wanted = tuple(each if id_ in read else node for (id_, node), each in zip(numbered(kept), named, strict=True))
        plan = dataclasses.replace(plan, steps=(*wanted, *tail.steps))
        return declare_inputs(plan, run.given, self._candidates)

    def of_tail(self, problems: Collection[Problem]) -> Iterator[Problem]:
        """Yield the problems that the end has to answer for; the beginning has run."""
        kept = {id_ for id_, _ in numbered(self._beginning.nodes)}
        for each in problems:
            if each.severity is Severity.ERROR or not each.step or each.step.partition(".")[0] not in kept:
                yield each

    def repeated(self, plan: Plan) -> Iterator[Problem]:
        """Complain of calls in the end that are finished: those that only read may be wanted once more.

        What has an effect is the same call with the same values, however it is written and whatever is around it.
        """
        patch, records = self.patch(plan), self._beginning.records
        done = {_call(node) for node in self._beginning.nodes if isinstance(node, Step)}
        known = Known(self._run.given, {each.id: each for each in records})
        for bound in bind(plan, self._skills, self._run.given).steps:
            if not bound.signature or not patch.is_new(bound.id):
                continue
            effect = bound.signature.effect
            again = effect.writes and any(known.is_that_of(bound, each) for each in records)
            if again or (_call(bound.step) in done and not (effect.reads and not effect.writes)):
                yield Problem(
                    code="repeated-step",
                    message=f"'{bound.step.function}' is called again as it was, and that call has succeeded",
                    place=bound.step.place,
                    step=bound.id,
                    hint="leave it out: its result is in its variable",
                )


def _call(step: Step) -> tuple[str, frozenset[tuple[str, str]]]:
    arguments = zip(step.names, step.values, strict=True)
    return step.function.text.lower(), frozenset((name.lower(), value) for name, value in arguments)


def _names(run: RunResult, beginning: Salvage, skills: SkillRegistry) -> Iterator[tuple[str, str]]:
    """Yield a name for each finished step whose result has none."""
    known = [*run.given, *(each for _, step in run.plan.walk() for each in (step.sets,) if each)]
    outputs = {each.id: each.output for each in beginning.records}
    for id_, node in numbered(beginning.nodes):
        if isinstance(node, Step) and node.sets is None and outputs.get(id_) is not None:
            name = result_name(skills.find(node.function.text), known)
            known.append(name)
            yield id_, name


def _some_of(names: Sequence[str]) -> Iterator[str]:
    """Yield variables as they are referred to; of very many, the first and the last ones."""
    at, left = _MOST_NAMED // 2, len(names) - _MOST_NAMED
    yield from (f"${name}" for name in names[: at if left > 0 else None])
    if left > 0:
        yield f"… ({left:,} more)"
        yield from (f"${name}" for name in names[-at:])


def _with_name(node: Node, name: str | None) -> Node:
    return node._replace(sets=name) if name and isinstance(node, Step) else node


def _set_in(node: Node) -> Iterator[str]:
    """Yield the variables that a node of the beginning sets."""
    if isinstance(node, Step):
        yield from (each for each in (node.sets,) if each)
    else:
        inside = Plan(steps=(node,))
        yield from (each for _, found in inside.nodes() if (each := getattr(found, "sets", None)))


def secrecy_of(run: RunResult, skills: SkillRegistry) -> Secrecy:
    """Return what is secret in a run over `skills`."""
    secrecy = Secrecy(Redaction())
    secrecy.begin(bind(run.plan, skills, run.given), run.given)
    for each in run.steps:
        secrecy.called(each.function, each.arguments)
        secrecy.gave(each.id, each.output)
    return secrecy


def told_step(record: StepRecord, variable: str | None = None, secrecy: Secrecy | None = None) -> str:
    """Return what became of a step as one line that nothing in it can leave; a secret is not in it."""
    secrecy, function = secrecy or Secrecy(Redaction()), record.function
    secrecy.called(function, record.arguments)
    told: dict[str, object] = {"step": record.id, "function": function, "status": record.status}
    told["arguments"] = {
        name: HIDDEN if secrecy.argument(function, name) else each for name, each in record.arguments.items()
    }
    if record.status == "succeeded":
        told["result"] = HIDDEN if secrecy.output(record.id) else record.output
    if record.error:
        told["error"] = record.error
    if variable:
        told["variable"] = f"${variable}"
    redaction = secrecy.redaction
    return redaction.hide(told_in_line({name: redaction.value(each) for name, each in told.items()}))
