"""Turns: what every engine does with a run: it is handed in, goes on for a while, is spoken of, and comes to something.

A turn of a run lasts until it does not go on by itself. The next one begins where it ended, from the journal.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
from collections.abc import Callable, Mapping, Sequence

from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import JournalError, PlanError
from forethought.kernel.functions import Callee, FunctionSignature, Output
from forethought.kernel.registry import SkillRegistry
from forethought.planners.journaling.approving import Approvals, Policy
from forethought.planners.journaling.history import Decision, DecisionKind, History, Past, in_order
from forethought.planners.journaling.journal import Journal
from forethought.planners.journaling.keeping import dumps
from forethought.planners.journaling.resuming import doubts, resume
from forethought.planners.language.nodes import Plan, static_id
from forethought.planners.running.approval import void
from forethought.planners.running.events import Listener
from forethought.planners.running.outcome import spent
from forethought.planners.running.preparation import Ground, approval_hash, take_inputs
from forethought.planners.running.result import RunResult, RunStatus
from forethought.planners.running.retries import Retry
from forethought.planners.running.runner import new_id
from forethought.planners.running.runner import run as run_plan
from forethought.planners.scheduling.schedule import Schedule
from forethought.planners.scheduling.scheduling import schedule as schedule_plan

from .engine import MOST_PRIORITY, Said

__all__ = ["Manner", "Order", "came_to", "is_underway", "outcome", "take_turn", "tell"]

_ID = re.compile(r"[\w.:@-]{1,200}")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How an engine carries out runs: at most `concurrency` steps of one at a time, and so on, as `run` takes it.

    `policy` says which calls somebody must agree to.
    """

    concurrency: int = 32
    retry: Retry = dataclasses.field(default_factory=Retry)
    policy: Policy = dataclasses.field(default_factory=Policy)
    listen: tuple[Listener, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """A run that is handed in: it could start, and is what was approved."""

    run: str
    schedule: Schedule
    given: ContextVariables
    hash: str
    priority: int
    approved: bool

    @classmethod
    def of(
        cls,
        plan: Plan | Schedule,
        ground: Ground,
        inputs: Mapping[str, object] | None,
        *,
        run: str | None,
        priority: int,
        approved: str | None,
    ) -> Order:
        """Check what is handed in; raises PlanError."""
        if not -MOST_PRIORITY <= priority <= MOST_PRIORITY:
            raise ValueError(f"a priority is from -{MOST_PRIORITY:,} to {MOST_PRIORITY:,}, not {priority}")
        if run is not None and not (_ID.fullmatch(run) and run != "last"):  # which means another one each time
            raise ValueError(
                f"'{run}' is no id of a run: it has letters, digits, and . _ - : @, and 200 of them at most"
            )
        found = approval_hash(plan, ground, inputs=inputs)
        if approved is not None and (problem := void(approved, found)):
            raise PlanError([problem])
        the_plan = plan.bound.plan if isinstance(plan, Schedule) else plan
        given, _ = take_inputs(the_plan, ground.variables.with_variables(inputs or {}))
        made = plan if isinstance(plan, Schedule) else schedule_plan(plan, ground.skills, variables=given)
        return cls(run or new_id(), made, given, found, priority, approved is not None)

    def keep(self, journal: Journal, *, hold: bool, name: str, submitted: bool = False) -> bool:
        """Keep the run in the journal, with who hands it in, and say whether it was not there: all of that or nothing.

        It is `submitted` to workers. Raises JournalError for another run of its id.
        """
        if not journal.has(self.run):
            says: dict[DecisionKind, Mapping[str, object]] = {}
            if self.approved:
                says["approved"] = {"hash": self.hash, "how": "submit"}
            if submitted:
                says["submitted"] = {"priority": self.priority}
            said = [Decision(journal.now(), kind, None, name, dumps(each)) for kind, each in says.items()]
            try:
                (journal.hold if hold else journal.queue)(self.run, self.schedule, self.given, said)
            except JournalError:
                if not journal.has(self.run):  # else another process was first
                    raise
            else:
                return True
        known = journal.history(self.run)
        if json.loads(known.entries[0].data).get("agreed") == self.hash:
            return False
        reason = f"it has another run '{self.run}': another plan, other inputs or other functions"
        raise JournalError(f"'{journal.path}'", reason, "give each run an id of its own, or none")


async def take_turn(
    run: str,
    ground: Ground,
    journal: Journal,
    manner: Manner,
    *,
    stop: asyncio.Event,
    plan: Plan | None = None,
    inputs: Mapping[str, object] | None = None,
    underway: Callable[[Past], bool] | None = None,
    listen: Sequence[Listener] = (),
) -> RunResult:
    """Let a run go on until it does not by itself; where a step was lost in it, it is in doubt.

    `plan` and `inputs` are what the journal does not have. Raises what `resume` raises.
    """
    result = await resume(
        run,
        ground,
        journal=journal,
        plan=plan,
        inputs=inputs,
        underway=underway,
        approve=Approvals(journal, manner.policy) if manner.policy.each else None,
        stop=stop,
        listen=(*manner.listen, *listen),
        concurrency=manner.concurrency,
        retry=manner.retry,
    )
    if result.status != "failed":
        return result
    open_ = {each.id for each in doubts(journal.history(run), ground.skills) if not (underway and underway(each))}
    if not open_:
        return result
    steps = tuple(dataclasses.replace(each, status="in_doubt") if each.id in open_ else each for each in result.steps)
    return dataclasses.replace(result, status="in_doubt", steps=steps)


def tell(
    journal: Journal,
    history: History,
    said: Said | None,
    skills: SkillRegistry,
    policy: Policy,
    *,
    step: str | None,
    output: object,
    name: str,
    underway: Callable[[Past], bool] | None = None,
) -> None:
    """Keep what somebody says of a run; raises JournalError where there is nothing that this could be said of."""
    if history.row.status == "abandoned":
        raise JournalError(f"'{journal.path}'", f"'{history.id}' was abandoned", "start it anew")
    match said:
        case None:
            if step is not None:
                raise ValueError("with a step, something is said of it")
        case "approved" | "denied":
            until = journal.now() + policy.expires
            journal.approve(history.id, step=step, deny=said == "denied", name=name, expires=until)
        case "abandoned":
            journal.settle(history.id, "abandoned", name=name)
        case "done" | "redo":
            past = next((each for each in doubts(history, skills) if each.id == step), None)
            if past is None or (underway and underway(past)):
                reason = f"step '{step}' of '{history.id}' is not in doubt"
                raise JournalError(f"'{journal.path}'", reason, "forethought runs show tells what is")
            journal.settle_step(history.id, past, said, name=name, output=output)


def is_underway(past: Past) -> bool:
    """Say whether workers know what becomes of a step that has no end: it was not they who gave it up."""
    return past.state in ("started", "cancelled")


def came_to(history: History, skills: SkillRegistry) -> dict[str, object] | None:
    """Return what a run came to, as its journal has it, and which of its steps are in doubt; None where it goes on."""
    status = history.row.status
    if status == "abandoned":
        return {"status": "cancelled", "error": "it was abandoned"}
    if status not in ("succeeded", "failed", "cancelled", "waiting"):
        return None
    found = doubts(history, skills) if status == "failed" else []
    open_ = [each.id for each in found if not is_underway(each)]
    error = "the plan waits for an approval" if history.held else history.error
    return {"status": "in_doubt" if open_ else status, "error": error, "doubts": open_}


async def outcome(
    history: History, ground: Ground, status: RunStatus, error: str | None, doubtful: frozenset[str] = frozenset()
) -> RunResult:
    """Return what a run came to, as its journal tells it; nothing is called."""
    told = history.result(status, error, doubtful)
    try:
        result = await run_plan(
            history.plan,
            _Told(ground),
            inputs=history.variables(),
            finished=[each for each in told.steps if each.status == "succeeded"],
            stop=_set(),
            ids=lambda: history.id,
        )
    except PlanError:  # the functions are not those of then
        return told
    if status == "succeeded":
        return result
    known = {each.id: each for each in told.steps if each.status != "not_started"}
    begun = {*map(static_id, known)}
    steps = in_order([*known.values(), *(each for each in result.steps if each.id not in begun | known.keys())])
    return dataclasses.replace(result, status=status, error=error, value=None, steps=steps, usage=spent(steps))


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


class _Told:
    """What a run is told on: functions that are not called."""

    def __init__(self, ground: Ground) -> None:
        self.skills = ground.skills
        self.variables = ContextVariables()

    def bind(self, name: str, /) -> Callee:
        return _Untold(self.skills.find(name))


class _Untold:
    def __init__(self, signature: FunctionSignature) -> None:
        self.signature = signature

    async def __call__(self, arguments: Mapping[str, object], /) -> Output:
        raise AssertionError(f"{self.signature.full_name} is not called to tell what it gave")
