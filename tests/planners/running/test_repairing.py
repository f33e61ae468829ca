"""Repairing: whoever finds a new end is foreign code, and whatever comes of it, the failed run is not lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forethought.kernel import Kernel, skill
from forethought.planners import RunResult, approval_hash, parse, run
from forethought.planners.running.patch import Patch
from forethought.planners.running.retries import Retry

NO_RETRY = Retry(times=0)
PLAN = parse('<plan><function.T.keep input="a"/><function.T.fail input="b"/></plan>')


@skill(effect="pure")
async def keep(input: str) -> str:
    return input


@skill(effect="pure")
async def fail(input: str) -> str:
    raise RuntimeError(f"no {input}")


@skill(effect="reads:web", open_world=True)
async def surf(input: str) -> str:
    return f"page of {input}"


def ground() -> Kernel:
    kernel = Kernel()
    for each in (keep, fail, surf):
        kernel.add_functions(each, "T")
    return kernel


class Somebody:
    """Finds what a function of the run gives."""

    def __init__(self, find: Callable[[RunResult], Patch]) -> None:
        self._find = find

    async def replan(self, run: RunResult, /) -> Patch:
        return self._find(run)


def ending(steps: str) -> Callable[[RunResult], Patch]:
    """Replace what failed by `steps`."""
    plan = parse(f'<plan><function.T.keep input="a"/>{steps}</plan>')
    return lambda run: Patch(old=run.plan, error=run.error, plan=plan, kept=1, finished=run.steps[:1])


def broken(run: RunResult) -> Patch:
    raise LookupError("nobody knows")


def nothing(run: RunResult) -> Patch:
    return Patch(old=run.plan, error=run.error, plan=None)


def other(run: RunResult) -> Patch:
    return Patch(
        old=run.plan, error=run.error, plan=parse('<plan><function.T.surf input="a"/></plan>'), finished=run.steps[:1]
    )


@pytest.mark.parametrize("approve", [False, True])
@pytest.mark.parametrize(
    ("find", "reason"),
    [
        (broken, "no new plan could be made: nobody knows"),
        (nothing, "there is no new plan"),
        (ending("<function.T.keap/>"), "the new plan cannot run: "),
        (ending("<function.T.keep><arg name='input'>$GONE</arg></function.T.keep>"), "the new plan cannot run: "),
        (other, "the new plan cannot run: "),
    ],
)
async def test_without_a_plan_that_runs_the_result_is_that_of_the_failed_run(
    find: Callable[[RunResult], Patch], reason: str, approve: bool
) -> None:
    kernel = ground()
    approved = approval_hash(PLAN, kernel) if approve else None
    result = await run(PLAN, kernel, approved=approved, max_replans=2, planner=Somebody(find), retry=NO_RETRY)
    assert (result.status, result.plan) == ("failed", PLAN)
    assert [step.status for step in result.steps] == ["succeeded", "failed"]
    (patch,) = result.patches
    assert patch.reason.startswith((reason, *(["the approval was for the old plan"] if approve else [])))
    assert not patch.taken


async def test_an_approval_is_none_of_steps_that_reach_the_open_world() -> None:
    kernel = ground()
    find = ending('<function.T.surf input="a"/>')
    result = await run(PLAN, kernel, approved=approval_hash(PLAN, kernel), max_replans=1, planner=Somebody(find))
    assert [patch.reason for patch in result.patches] == [
        "the approval was for the old plan, and step 2 of the new one, T.surf, has effects"
    ]
    assert (await run(PLAN, kernel, max_replans=1, planner=Somebody(find))).value == "page of a"


async def test_the_steps_of_a_new_end_are_those_after_what_is_kept() -> None:
    plan = parse("""<plan>
      <if test="1 &lt; 2"><function.T.keep input="a"/></if><else><function.T.keep input="b"/></else>
      <foreach item="X" in="[1]"><function.T.keep input="$X"/></foreach></plan>""")
    patch = Patch(old=PLAN, error="it failed", plan=plan, kept=1)
    new = [id_ for id_ in ("1", "1.1", "2.1", "3", "3.1", "3[1].1") if patch.is_new(id_)]
    assert new == ["3", "3.1", "3[1].1"]
    assert patch.as_json() == {"error": "it failed", "taken": False, "reason": None, "plan": plan.to_xml()}
    assert {change.label for change in patch.changes} >= {"if", "foreach", "T.fail"}
