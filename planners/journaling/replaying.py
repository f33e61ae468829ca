"""Replaying: a run again, from what its journal has: no model is asked, and nothing is done to the world."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Unpack

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import FunctionError, JournalError, PlanError
from forethought.kernel.functions import Callee, FunctionSignature, Output
from forethought.kernel.problems import Problem
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY
from forethought.planners.language.nodes import static_id
from forethought.planners.running.events import Event, RunStarted, StepStarted
from forethought.planners.running.preparation import Ground, prepare
from forethought.planners.running.result import RunResult, StepRecord
from forethought.planners.running.retries import Retry
from forethought.planners.running.runner import run as run_plan
from forethought.planners.scheduling.schedule import Schedule

from .history import History
from .journal import Journal
from .resuming import Options, called_again, given_to, repeatable

__all__ = ["fork", "refuse_unknown", "replay", "runs_anew"]

_NUMBERS = re.compile(r"\d+")


async def replay(run: str, kernel: Ground, *, journal: Journal, live: Collection[str] = ()) -> RunResult:
    """Run a run's plan again with what its steps gave then; the result is equal to that of the run, to the last bit.

    `live` are the ids in the plan of steps that are run anew in place of that; none of them may write. A step that is
    called with other arguments than then fails, and so does one that failed or did not run then. Nothing is kept.
    """
    history = journal.history(run)
    _refuse(_writing(history, kernel, live))
    ground = _Recorded(history, kernel, live)
    return await run_plan(
        history.plan,
        ground,
        inputs=history.variables(),
        listen=ground.listen,
        retry=Retry(times=0),
        ids=lambda: history.id,
    )


async def fork(
    run: str,
    kernel: Ground,
    *,
    journal: Journal,
    step: str,
    name: str = "",
    inputs: Mapping[str, object] | None = None,
    **options: Unpack[Options],
) -> RunResult:
    """Start a new run that takes over what `run` had finished before `step`, and runs everything from there anew.

    What comes after `step` in the document runs again, whatever it does to the world. `inputs` go before those of then.
    Where the journal does not have what is needed of then, a function is called once more that does no harm; else, and
    for an input, this raises PlanError, and JournalError where it is in the plan itself.
    """
    history = journal.history(run)
    refuse_unknown(history, step)
    if history.hides:
        reason = f"the plan of '{history.id}' has secrets in its text, which are not kept"
        raise JournalError(f"'{journal.path}'", reason, "start it anew")
    given = given_to(history, inputs or {})
    finished = await _before(history, prepare(history.plan, kernel, given).schedule, kernel, step)

    def note(event: Event) -> None:
        if isinstance(event, RunStarted):
            journal.settle(event.run, "forked", step=step, name=name, **{"from": history.id})

    listen = options.get("listen", ())
    options["listen"] = (note, listen) if callable(listen) else (note, *listen)
    return await run_plan(history.plan, kernel, inputs=given, finished=finished, journal=journal, **options)


async def _before(history: History, schedule: Schedule, kernel: Ground, step: str) -> list[StepRecord]:
    """Return the records of what a run had finished before `step`."""
    cut = _path(step)
    signatures = {each.id: each.signature for each in schedule.steps}
    left = (each for id_, each in schedule.by_id.items() if _path(id_) >= cut)
    needed = {edge.after for each in left for edge in each.edges if edge.kind == "data"}
    finished: list[StepRecord] = []
    for past in history.steps.values():
        id_ = static_id(past.id)
        if past.state != "succeeded" or _path(id_) >= cut or _holds(id_, step):
            continue
        signature = signatures.get(id_)
        record, whole = history.record(past, signature.returns if signature else ANY)
        if not whole and any(_holds(each, id_) or _holds(id_, each) for each in needed):
            if not (repeatable(signature) and all(came_back for _, came_back in history.arguments(past).values())):
                message = (
                    f"the journal does not have what step '{past.id}' gave: it is a secret, or JSON cannot hold it"
                )
                _refuse([Problem(code="not-kept", message=message, step=id_, hint=f"fork from step {id_}, or before")])
            record = await called_again(history.id, record, kernel)
        finished.append(record)
    return finished


def refuse_unknown(history: History, step: str) -> None:
    """Raise PlanError where the plan of a run has no such step."""
    if step not in dict(history.plan.nodes()):
        _refuse([_unknown(step)])


def runs_anew(history: History, id_: str, *, step: str) -> bool:
    """Say whether a step of the plan may run in a fork from `step`: it is in nothing that had succeeded before it."""
    block = id_.partition(".")[0]
    past = history.steps.get(block)
    return past is None or past.state != "succeeded" or _path(block) >= _path(step)[:1]


class _Recorded:
    """What a replay runs on: functions that give what they gave then, for the step whose start was told last."""

    def __init__(self, history: History, kernel: Ground, live: Collection[str]) -> None:
        self.skills: SkillRegistry = kernel.skills
        self.variables = ContextVariables()
        self.history = history
        self.live = live
        self.step = ""
        self._kernel = kernel

    def listen(self, event: Event) -> None:
        """Take note of which step starts: its function is called before anything else happens."""
        if isinstance(event, StepStarted):
            self.step = event.step

    def bind(self, name: str, /) -> Callee:
        """Return the recorded function of this name."""
        signature = self.skills.find(name)
        return _Playing(signature, self, self._kernel)


class _Playing:
    """One function, as it was recorded."""

    def __init__(self, signature: FunctionSignature, recorded: _Recorded, kernel: Ground) -> None:
        self.signature = signature
        self._recorded = recorded
        self._kernel = kernel

    async def __call__(self, arguments: Mapping[str, object], /) -> Output:
        step, history, name = self._recorded.step, self._recorded.history, self.signature.full_name
        if static_id(step) in self._recorded.live:
            return await self._kernel.bind(name)(arguments)
        past = history.steps.get(step)
        if past is None or past.state != "succeeded" or past.output is None:
            raise FunctionError(name, (past and past.error) or "it did not come to an end then")
        then = history.arguments(past)
        for key, value in arguments.items():
            if key not in then or (then[key][1] and then[key][0] != value):
                raise FunctionError(name, f"it is not what ran then: '{key}' has another value")
        value, whole = history.value(past.output, self.signature.returns)
        if not whole:
            raise FunctionError(name, "the journal does not have what it gave: it is a secret, or JSON cannot hold it")
        return Output(value, past.usage)


def _writing(history: History, kernel: Ground, live: Collection[str]) -> Iterable[Problem]:
    """Yield what of `live` cannot be run anew."""
    steps = dict(history.plan.walk())
    for id_ in live:
        if id_ not in steps:
            yield _unknown(id_)
            continue
        signature = kernel.skills.find(steps[id_].function.text)
        if signature.effect.writes:
            message = f"step '{id_}', {signature.full_name}, writes: a replay does nothing to the world"
            yield Problem(code="live-effect", message=message, step=id_, hint="forethought fork runs it anew")


def _unknown(step: str) -> Problem:
    message = f"the plan has no step '{step}'"
    return Problem(code="unknown-step", message=message, hint="forethought runs show lists the steps")


def _path(id_: str) -> tuple[int, ...]:
    return tuple(map(int, _NUMBERS.findall(id_)))


def _holds(block: str, step: str) -> bool:
    """Say whether the step is inside of the block, or is it."""
    return step == block or step.startswith(f"{block}.")


def _refuse(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise PlanError(found)
