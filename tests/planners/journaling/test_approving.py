"""Approving: one call, one hash; said at any time, by whatever process, until it expires."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from forethought.kernel import Kernel
from forethought.kernel.errors import JournalError, SettingsError
from forethought.kernel.settings import Settings
from forethought.planners import Journal, parse, resume, run
from forethought.planners.journaling.approving import Approvals, Policy
from forethought.planners.running.preparation import prepare

if TYPE_CHECKING:
    from tests.planners.journaling.conftest import World

PLAN = parse("""
<plan>
  <function.W.look at="map" setContextVariable="MAP"/>
  <function.W.post to="$MAP"/>
  <function.W.put text="beside"/>
</plan>
""")
POLICY = Policy(each=("open_world",))


async def test_a_call_waits_what_needs_it_waits_and_the_rest_goes_on(
    kernel: Kernel, journal: Journal, world: World
) -> None:
    result = await run(PLAN, kernel, journal=journal, approve=Approvals(journal, POLICY))
    assert result.status == "waiting"
    assert result.error == "step 2, W.post, waits for an approval"
    assert [each.status for each in result.steps] == ["succeeded", "waiting", "succeeded"]
    assert world.done == ["look map", "put beside"]
    assert journal.runs()[0].status == "waiting"


async def test_an_approval_from_elsewhere_lets_the_run_go_on(
    kernel: Kernel, journal: Journal, reopened: Callable[[], Journal], world: World
) -> None:
    await run(PLAN, kernel, journal=journal, approve=Approvals(journal, POLICY))
    assert reopened().approve("last", name="Ada") == ("2",)
    world.done.clear()
    result = await resume("last", kernel, journal=journal, approve=Approvals(journal, POLICY))
    assert (result.status, world.done) == ("succeeded", ["post <map>"])
    (decision,) = journal.decisions(result.run)
    assert (decision.kind, decision.step, decision.name) == ("approved", "2", "Ada")


async def test_a_call_that_is_denied_fails(kernel: Kernel, journal: Journal, world: World) -> None:
    await run(PLAN, kernel, journal=journal, approve=Approvals(journal, POLICY))
    journal.approve("last", deny=True, name="Ada")
    result = await resume("last", kernel, journal=journal, approve=Approvals(journal, POLICY))
    assert result.status == "failed"
    assert re.fullmatch(r"Ada denied it at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", result.steps[1].error or "")
    assert "post <map>" not in world.done


async def test_an_approval_that_has_expired_is_none(kernel: Kernel, journal: Journal, world: World) -> None:
    await run(PLAN, kernel, journal=journal, approve=Approvals(journal, POLICY))
    journal.approve("last", expires=1000.0)
    late = Approvals(journal, POLICY, clock=lambda: 1000.0)
    assert (await resume("last", kernel, journal=journal, approve=late)).status == "waiting"
    assert "post <map>" not in world.done
    early = Approvals(journal, POLICY, clock=lambda: 999.0)
    assert (await resume("last", kernel, journal=journal, approve=early)).ok


async def test_another_argument_voids_an_approval(kernel: Kernel, journal: Journal, world: World) -> None:
    await run(PLAN, kernel, journal=journal, approve=Approvals(journal, POLICY))
    journal.approve("last")
    other = parse(PLAN.to_xml().replace('to="$MAP"', 'to="$MAP!"'))
    result = await resume("last", kernel, journal=journal, plan=other, approve=Approvals(journal, POLICY))
    assert result.status == "waiting"
    assert not any(each.startswith("post") for each in world.done)


async def test_a_plan_that_is_held_starts_once_somebody_agreed_to_just_that(
    kernel: Kernel, journal: Journal, reopened: Callable[[], Journal], world: World
) -> None:
    prepared = prepare(PLAN, kernel)
    journal.hold("run-1", prepared.schedule, prepared.variables)
    assert journal.runs()[0].status == "waiting"
    assert (await resume("run-1", kernel, journal=journal)).status == "waiting"
    assert reopened().approve("run-1", name="Ada") == ()
    other = parse(PLAN.to_xml().replace("map", "globe"))
    assert (await resume("run-1", kernel, journal=journal, plan=other)).status == "waiting"
    assert world.done == []
    assert (await resume("run-1", kernel, journal=journal)).ok


async def test_a_plan_that_was_denied_never_runs_and_says_who_denied_it(
    kernel: Kernel, journal: Journal, world: World
) -> None:
    prepared = prepare(PLAN, kernel)
    journal.hold("run-1", prepared.schedule, prepared.variables)
    journal.approve("run-1", deny=True, name="Ada")
    assert journal.runs()[0].status == "failed"
    result = await resume("run-1", kernel, journal=journal)
    assert (result.status, world.done) == ("failed", [])
    assert re.fullmatch(r"the plan does not run: Ada denied it at [-0-9]+ [:0-9]+", result.error or "")
    with pytest.raises(JournalError, match="does not wait for an approval"):
        journal.approve("run-1")


async def test_what_does_not_wait_cannot_be_approved(kernel: Kernel, journal: Journal) -> None:
    await run(PLAN, kernel, journal=journal, ids=lambda: "run-1")
    with pytest.raises(JournalError, match="'run-1' does not wait for an approval"):
        journal.approve("run-1")


async def test_a_callback_can_agree_or_not(kernel: Kernel, world: World) -> None:
    async def agree(call: object) -> bool:
        return "post" not in str(call)

    result = await run(PLAN, kernel, approve=agree)
    assert [each.status for each in result.steps] == ["succeeded", "failed", "not_started"]
    assert "post <map>" not in world.done


@pytest.mark.parametrize(
    ("each", "asked"),
    [(["writes"], ["W.post", "W.put"]), (["open_world"], ["W.post"]), (["w.*"], ["W.post", "W.look", "W.put"])],
)
def test_the_policy_of_the_settings_names_calls(kernel: Kernel, each: list[str], asked: list[str]) -> None:
    policy = Policy.of(Settings(sections={"approval": {"each": each, "expires_days": 1}}))
    assert [one.full_name for one in kernel.skills if policy.asks(one)] == asked
    assert policy.expires == 24 * 60 * 60


def test_a_policy_that_makes_no_sense_is_an_error() -> None:
    with pytest.raises(SettingsError, match="'expires_days' in \\[approval\\] must be a number of days, not 'soon'"):
        Policy.of(Settings(sections={"approval": {"expires_days": "soon"}}))
