"""Resuming: a run goes on from its journal. What is finished is read, what is in doubt is asked for, the rest runs."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypedDict, Unpack

from forethought.kernel.context import ContextVariables, Variable
from forethought.kernel.errors import FunctionError, JournalError, PlanError
from forethought.kernel.functions import FunctionSignature
from forethought.kernel.keys import step_place
from forethought.kernel.problems import Problem
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY, coerce
from forethought.planners.language.nodes import Block, If, Node, Plan, static_id
from forethought.planners.running.approval import fingerprint
from forethought.planners.running.events import Listener
from forethought.planners.running.holding import Approve
from forethought.planners.running.patch import Agree, Replanner
from forethought.planners.running.preparation import Ground, prepare
from forethought.planners.running.result import RunResult, StepRecord
from forethought.planners.running.retries import Retry
from forethought.planners.running.runner import new_id
from forethought.planners.running.runner import run as run_plan
from forethought.planners.scheduling.schedule import Schedule

from .approving import denial, last_word
from .history import History, Past
from .journal import Claim, Journal

__all__ = [
    "Options",
    "called_again",
    "doubts",
    "given_to",
    "in_doubt",
    "refuse_ended",
    "repeatable",
    "resume",
    "stands",
]


class Options(TypedDict, total=False):
    """How steps are run, as `run` takes it."""

    concurrency: int
    step_timeout: float | None
    retry: Retry
    listen: Listener | Sequence[Listener]
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[object]]
    random: Callable[[], float]
    approve: Approve | None
    stop: asyncio.Event | None
    max_replans: int
    planner: Replanner | None
    agree: Agree | None


async def resume(
    run: str,
    kernel: Ground,
    *,
    journal: Journal,
    plan: Plan | None = None,
    inputs: Mapping[str, object] | None = None,
    changed: bool = False,
    underway: Callable[[Past], bool] | None = None,
    **options: Unpack[Options],
) -> RunResult:
    """Go on with a run where it ended; `run` is its id, the end of it, or `last`.

    Steps that have finished are read from the journal, and do not run. A step that started and has no end is run again
    where that does no harm: it writes nothing, or is idempotent. Any other is in doubt: unless `journal.settle` has
    kept what somebody says of it, nothing runs, and the result's status is *in_doubt*. A run that waits for an approval
    before it starts does not start without one; its status stays *waiting*.

    `plan` is a plan with another end, in place of the one that ran; what has run must be in it as it was. `inputs` are
    those that the journal does not have, secrets, and go before those that it has. A function that has not run, and is
    not what it was when the run began, raises PlanError (`changed-function`) unless `changed` says that this is known.
    Raises JournalError where another process runs it.

    `underway` is for who carries out the steps of a run elsewhere: it says of a step that has started and left no end
    that `kernel` knows what becomes of it. Such a step is called again, which does not repeat it. A run that was handed
    in to workers goes on in this way only.
    """
    with journal.claim(run) as claim:
        history = claim.history
        refuse_ended(history, f"'{journal.path}'")
        if history.carried and underway is None:
            reason = f"'{history.id}' was handed in to workers, and its steps may be under way there"
            raise JournalError(f"'{journal.path}'", reason, "let them go on with it: engine.signal(run)")
        if said := history.denied:
            return history.result("failed", f"the plan does not run: {denial(said)}")
        if plan is None and history.hides:
            reason = f"the plan of '{history.id}' has secrets in its text, which are not kept"
            raise JournalError(f"'{journal.path}'", reason, "give it: forethought resume --plan FILE, or plan=")
        the_plan = plan or history.plan
        given = given_to(history, inputs or {})
        prepared = prepare(the_plan, kernel, given)
        if history.held and not last_word(
            history.decisions, None, fingerprint(prepared.schedule, prepared.variables), journal.now()
        ):
            return history.result(
                "waiting", "the plan waits for an approval, or the one it had does not count any more"
            )
        finished, doubtful = await stands(claim, prepared.schedule, kernel, changed=changed, underway=underway)
        if doubtful:
            return history.result("in_doubt", in_doubt(doubtful), [each.id for each in doubtful])
        return await run_plan(
            the_plan,
            kernel,
            inputs=given,
            finished=finished,
            journal=journal,
            ids=functools.partial(next, _ids(history.id)),
            **options,
        )


def refuse_ended(history: History, place: str) -> None:
    """Raise JournalError for a run that does not go on: it was abandoned, or another one went on in its place."""
    if history.row.status == "abandoned":
        raise JournalError(place, f"'{history.id}' was abandoned", "start it anew")
    if goes_on_as := history.continued:
        reason = f"'{history.id}' went on as '{goes_on_as}', with another plan"
        raise JournalError(place, reason, f"forethought resume {goes_on_as}")


async def stands(
    claim: Claim,
    schedule: Schedule,
    kernel: Ground,
    *,
    changed: bool = False,
    underway: Callable[[Past], bool] | None = None,
) -> tuple[list[StepRecord], list[Past]]:
    """Return the records of what a run has finished, and what of it nobody knows to have happened.

    Raises PlanError where the plan of `schedule` is not the one that ran, or, unless `changed`, a function is not what
    it was.
    """
    records = _Records(claim, schedule, kernel, underway)
    _refuse([*records.unlike(schedule.bound.plan), *(() if changed else records.changed())])
    return await records.finished(), records.doubts


def _ids(first: str) -> Iterator[str]:
    """Yield the id of a run, and those of the runs as which it goes on with another plan."""
    yield first
    while True:
        yield new_id()


def doubts(history: History, skills: SkillRegistry) -> list[Past]:
    """Return the steps of a run of which nobody knows whether they have happened, and nobody has said so yet."""
    known = {each.full_name.lower(): each for each in skills}
    return [
        past
        for past in history.steps.values()
        if past.open
        and "." in past.function
        and not repeatable(known.get(past.function.lower()))
        and not history.decided(past, "done", "redo")
    ]


class _Records:
    """What is known of the steps of a run that goes on."""

    def __init__(
        self, claim: Claim, schedule: Schedule, kernel: Ground, underway: Callable[[Past], bool] | None
    ) -> None:
        self.doubts: list[Past] = []
        self._underway = underway
        self._claim = claim
        self._history = claim.history
        self._schedule = schedule
        self._kernel = kernel
        self._signatures = {step.id: step.signature for step in schedule.steps}
        self._ended = {past.id for past in claim.history.steps.values() if past.state == "succeeded"}

    def unlike(self, plan: Plan) -> Iterator[Problem]:
        """Yield why this plan cannot take the place of the one that ran."""
        if self._history.hides:
            return
        ran, now = dict(self._history.plan.nodes()), dict(plan.nodes())
        had = (past for past in self._history.steps.values() if past.state not in ("waiting", "failed", "retried"))
        for id_ in dict.fromkeys(static_id(past.id) for past in had):
            if id_ in ran and (id_ not in now or _head(ran[id_]) != _head(now[id_])):
                message = f"step '{id_}' has run, and is another one in this plan"
                yield Problem(
                    code="changed-step", message=message, step=id_, hint="change only what comes after what has run"
                )

    def changed(self) -> Iterator[Problem]:
        """Yield the functions that are still to be called and are not what they were."""
        then = self._history.functions
        for name, step in {
            step.signature.full_name: step for step in self._schedule.steps if self._is_left(step.id)
        }.items():
            digest = then.get(name)
            if digest is not None and digest != step.signature.digest():
                message = f"'{name}' is not what it was when the run began: its signature has changed"
                hint = "look at what it does now: forethought skills show; then resume with --changed"
                yield Problem(code="changed-function", message=message, step=step.id, hint=hint)

    async def finished(self) -> list[StepRecord]:
        """Return the records of what has finished; what nobody can know is put into `doubts`."""
        return [record for past in self._history.steps.values() if (record := await self._finished(past))]

    async def _finished(self, past: Past) -> StepRecord | None:
        signature = self._signatures.get(static_id(past.id))
        if past.state == "succeeded":
            return await self._read(past, signature)
        if not past.open or signature is None:
            return None
        decision = self._history.decided(past, "done", "redo")
        if decision and decision.kind == "done":
            output = coerce(json.loads(decision.data)["output"], signature.returns)
            record = self._history.record(past)[0]
            return dataclasses.replace(
                record, status="succeeded", ended=decision.at, output=output, error=None, note="as somebody said"
            )
        known = self._underway is not None and self._underway(past)
        if decision is None and not known and not repeatable(signature):
            self.doubts.append(past)
        return None

    async def _read(self, past: Past, signature: FunctionSignature | None) -> StepRecord:
        """Return the record of a finished step; where its output did not come back, its function is asked again."""
        record, whole = self._history.record(past, signature.returns if signature else ANY)
        if whole or signature is None:
            self._claim.known[past.id] = record
            return record
        arguments = self._history.arguments(past)
        if repeatable(signature) and all(came_back for _, came_back in arguments.values()):
            return await called_again(self._history.id, record, self._kernel)
        if self._is_read(static_id(past.id)):
            self.doubts.append(past)
        return record

    def _is_read(self, id_: str) -> bool:
        """Say whether something that is still to run reads what a step gave."""
        around = [id_[:at] for at, sign in enumerate(id_) if sign == "."]
        readers = [each for each in self._schedule.by_id.values() if self._is_left(each.id)]
        return any(edge.kind == "data" and edge.after in (id_, *around) for each in readers for edge in each.edges)

    def _is_left(self, id_: str) -> bool:
        """Say whether a step of the plan may still run."""
        return not any(id_[:at] in self._ended for at, sign in enumerate(f"{id_}.") if sign == ".")


async def called_again(run: str, record: StepRecord, kernel: Ground) -> StepRecord:
    """Return the record of a step whose output was not kept, with what its function gives once more.

    It is called as it was called in that run, with the same key; raises FunctionError where it fails.
    """
    before = step_place.set((*(step_place.get() or (run,)), record.id))
    try:
        output = await kernel.bind(record.function)(record.arguments)
    except Exception as error:  # foreign code ran; what it says may have the secret
        raised = type(error.__cause__ or error).__name__
        reason = f"it was called again for what step {record.id} gave, and raised {raised}"
        raise FunctionError(record.function, reason) from error
    finally:
        step_place.reset(before)
    note = "called again for its output, which the journal could not keep"
    return dataclasses.replace(record, output=output.value, usage=record.usage + output.usage, note=note)


def repeatable(signature: FunctionSignature | None) -> bool:
    """Say whether it does no harm to call this function twice; nobody knows of None."""
    return signature is not None and (signature.idempotent or not signature.effect.writes)


def _head(node: Node) -> Node:
    """Return a block without what is inside, a step as it is."""
    if not isinstance(node, Block):
        return node
    return (
        dataclasses.replace(node, then=(), otherwise=()) if isinstance(node, If) else dataclasses.replace(node, body=())
    )


def given_to(history: History, inputs: Mapping[str, object]) -> ContextVariables:
    """Return the variables at the start: those of the journal, and `inputs` before them.

    Raises PlanError where one is missing: it is a secret, or JSON cannot hold it.
    """
    found: list[Variable] = []
    problems: list[Problem] = []
    folded = {name.lower() for name in inputs}
    for name, value, origin, whole in history.given():
        if whole:
            found.append(Variable(name, value, origin))
        elif name.lower() not in folded:
            message = f"the journal does not have the value of '{name}': it is a secret, or JSON cannot hold it"
            hint = f'give it again: --input {name}="...", or in Python inputs={{"{name}": ...}}'
            problems.append(Problem(code="missing-input", message=message, hint=hint))
    _refuse(problems)
    return ContextVariables().with_each(found).with_variables(inputs)


def _refuse(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise PlanError(found)


def in_doubt(found: Sequence[Past]) -> str:
    """Return which steps are in doubt, in words."""
    first = found[0]
    others = f", and so are {len(found) - 1} others" if len(found) > 1 else ""
    return f"step {first.id}, {first.function}, is in doubt: it started, and nobody knows whether it was done{others}"
