"""Replaying: a run again from its journal, equal to the last bit; forking: a new run from a step on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import PlanError
from forethought.planners import Journal, Plan, RunResult, parse, run
from forethought.planners.journaling.replaying import fork, replay

if TYPE_CHECKING:
    from tests.planners.journaling.conftest import World

PLAN = parse("""
<plan>
  <function.W.look at="map" setContextVariable="MAP"/>
  <foreach item="WHO" in='["Adam", "$MAP"]' setContextVariable="SENT">
    <function.W.post to="$WHO"/>
  </foreach>
  <if test="SENT|length > 1">
    <function.W.put text="$SENT" appendToResult="R"/>
  </if>
</plan>
""")


def same(one: RunResult, other: RunResult) -> bool:
    """Say whether two results are equal but for the times."""
    return _without_times(one) == _without_times(other)


def _without_times(result: RunResult) -> dict[str, object]:
    steps = tuple(replace(step, started=None, ended=None) for step in result.steps)
    return replace(result, steps=steps).as_json()


async def test_a_replay_is_equal_and_does_nothing(kernel: Kernel, journal: Journal, world: World) -> None:
    first = await run(PLAN, kernel, journal=journal)
    world.done.clear()
    again = await replay("last", kernel, journal=journal)
    assert same(first, again)
    assert world.done == []
    assert len(journal.runs()) == 1


async def test_a_step_that_does_not_write_can_be_run_anew(kernel: Kernel, journal: Journal, world: World) -> None:
    first = await run(PLAN, kernel, journal=journal)
    world.done.clear()
    assert same(first, await replay("last", kernel, journal=journal, live=["1"]))
    assert world.done == ["look map"]
    with pytest.raises(PlanError, match=r"step '2\.1', W\.post, writes: a replay does nothing to the world"):
        await replay("last", kernel, journal=journal, live=["2.1"])


async def test_a_failure_is_replayed_too(kernel: Kernel, journal: Journal, world: World) -> None:
    world.down = {"Adam"}
    first = await run(PLAN, kernel, journal=journal)
    again = await replay("last", kernel, journal=journal)
    assert (again.status, again.error) == (first.status, first.error)


async def test_a_fork_takes_over_what_came_before_a_step(kernel: Kernel, journal: Journal, world: World) -> None:
    first = await run(PLAN, kernel, journal=journal)
    world.done.clear()
    result = await fork("last", kernel, journal=journal, step="3.1", name="Ada")
    assert world.done == ['put ["letter to Adam", "letter to <map>"]']
    assert (result.value, result.run != first.run) == (first.value, True)
    (decision,) = journal.decisions(result.run)
    assert (decision.kind, decision.step, decision.name) == ("forked", "3.1", "Ada")
    world.done.clear()
    await fork(first.run, kernel, journal=journal, step="2")
    assert world.done == ["post Adam", "post <map>", 'put ["letter to Adam", "letter to <map>"]']


async def test_a_fork_hands_nothing_on_that_the_journal_could_not_keep(journal: Journal) -> None:
    """It is made again where that does no harm, or asked for; what stands in its place is given to no function."""
    used: list[str] = []

    @skill(effect="pure")
    async def find(of: str) -> str:
        """Give what looks like a secret."""
        return f"sk-{of * 30}"

    @skill(effect="writes:keys")
    async def make(of: str) -> str:
        """Make what looks like a secret, which cannot be done twice."""
        return f"sk-{of * 30}"

    @skill(effect="writes:doors")
    async def use(given: str, note: str) -> str:
        """Use it."""
        used.append(f"{given} {note}")
        return "open"

    kernel = Kernel()
    for each in (find, make, use):
        kernel.add_functions(each, "S")

    def plan(name: str) -> Plan:
        first = f'<function.S.{name} of="a" setContextVariable="K"/>'
        then = '<function.S.use given="$K" note="$PASSWORD"/>'
        return parse(f'<plan><input name="PASSWORD"/>{first}{then}{then}</plan>')

    inputs = {"PASSWORD": "rosebud"}
    await run(plan("find"), kernel, journal=journal, inputs=inputs)
    with pytest.raises(PlanError, match="the journal does not have the value of 'PASSWORD'"):
        await fork("last", kernel, journal=journal, step="3")
    assert (await fork("last", kernel, journal=journal, step="3", inputs=inputs)).ok
    await run(plan("make"), kernel, journal=journal, inputs=inputs)
    with pytest.raises(PlanError, match="the journal does not have what step '1' gave"):
        await fork("last", kernel, journal=journal, step="3", inputs=inputs)
    assert used == [f"sk-{'a' * 30} rosebud"] * 5
