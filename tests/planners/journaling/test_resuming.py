"""Resuming: what is finished is read, what is in doubt is asked for, the rest runs."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forethought.kernel import Kernel, StepKey, skill
from forethought.kernel.errors import JournalError, PlanError
from forethought.kernel.testing import ScriptedModel
from forethought.planners import Journal, SequentialPlanner, parse, resume, run
from forethought.planners.journaling.resuming import doubts
from forethought.planners.running.retries import Retry

if TYPE_CHECKING:
    from tests.planners.journaling.conftest import World

LETTERS = parse("""
<plan goal="letters">
  <function.W.look at="map" setContextVariable="MAP"/>
  <foreach item="WHO" in='["Adam", "Eve", "Zoe"]' setContextVariable="SENT">
    <function.W.post to="$WHO"/>
  </foreach>
  <function.W.put text="$MAP $SENT"/>
</plan>
""")


class Crash(BaseException):
    """Ends everything at once, and lets nobody write that it has."""


def kernel_of(plugin: str, *functions: object) -> Kernel:
    """A kernel with these functions of one plugin."""
    kernel = Kernel()
    for each in functions:
        kernel.add_functions(each, plugin)
    return kernel


def crashing(journal: Journal, at: str, *, ends: bool) -> Callable[[object], None]:
    """Return a recorder that dies at the start of a step, or at its end, as a process would."""

    def record(event: object) -> None:
        if getattr(event, "step", None) == at and (type(event).__name__ == "StepFinished") is ends:
            raise Crash
        if type(event).__name__ not in ("StepCancelled", "RunFinished"):
            journal(event)  # type: ignore[arg-type]

    return record


async def crash(kernel: Kernel, journal: Journal, at: str, *, ends: bool = True) -> None:
    """Run LETTERS until the process dies right after the function of a step has returned, or right before the call."""
    with pytest.raises((Crash, BaseExceptionGroup)):
        await run(LETTERS, kernel, journal=crashing(journal, at, ends=ends), ids=lambda: "run-1")
    for writing in [*journal._runs]:  # pyright: ignore[reportPrivateUsage]
        journal._leave(writing)  # pyright: ignore[reportPrivateUsage] - as the system does for a process that is gone


async def test_a_run_that_went_on_with_another_plan_does_not_go_on_by_itself(journal: Journal, world: World) -> None:
    world.down = {"Eve"}
    model = ScriptedModel(['<plan><function.W.post to="Zoe"/></plan>'])
    kernel = Kernel(model=model)
    kernel.add_functions(world, "W")
    planner = SequentialPlanner(kernel, embedder=None)
    names = iter(["first", "second"])
    result = await run(LETTERS, kernel, journal=journal, max_replans=1, planner=planner, ids=lambda: next(names))
    assert (result.run, result.status) == ("second", "succeeded")
    done = list(world.done)
    world.down = set()
    with pytest.raises(JournalError, match="'first' went on as 'second', with another plan"):
        await resume("first", kernel, journal=journal)
    assert world.done == done
    assert (await resume("second", kernel, journal=journal)).status == "succeeded"
    assert world.done == done


async def test_a_failed_run_goes_on_where_it_failed(kernel: Kernel, journal: Journal, world: World) -> None:
    world.down = {"Eve"}
    failed = await run(LETTERS, kernel, journal=journal)
    assert (failed.status, journal.runs()[0].status) == ("failed", "failed")
    world.down, world.done = set(), []
    result = await resume(failed.run, kernel, journal=journal)
    assert (result.run, result.status) == (failed.run, "succeeded")
    assert world.done == ["post Eve", "post Zoe", 'put <map> ["letter to Adam", "letter to Eve", "letter to Zoe"]']
    assert journal.runs()[0].status == "succeeded"


async def test_a_finished_run_that_is_resumed_runs_nothing_and_has_the_same_result(
    kernel: Kernel, journal: Journal, world: World
) -> None:
    first = await run(LETTERS, kernel, journal=journal)
    world.done.clear()
    again = await resume("last", kernel, journal=journal)
    assert world.done == []
    assert again == dataclasses.replace(first, steps=again.steps)
    assert [each.output for each in again.steps] == [each.output for each in first.steps]


async def test_a_step_that_writes_and_left_no_end_is_in_doubt_and_nothing_runs(
    kernel: Kernel, reopened: Callable[[], Journal], world: World
) -> None:
    await crash(kernel, reopened(), "2[2].1")
    world.done.clear()
    journal = reopened()
    assert journal.runs()[0].status == "interrupted"
    result = await resume("run-1", kernel, journal=journal)
    assert (result.status, world.done) == ("in_doubt", [])
    assert result.error == "step 2[2].1, W.post, is in doubt: it started, and nobody knows whether it was done"
    assert [(each.id, each.status) for each in result.steps if each.status == "in_doubt"] == [("2[2].1", "in_doubt")]


async def test_a_run_in_doubt_has_what_is_known(kernel: Kernel, reopened: Callable[[], Journal]) -> None:
    plan = parse("""
    <plan>
      <function.W.look at="map" setContextVariable="MAP" appendToResult="SEEN"/>
      <foreach item="WHO" in='["Adam", "Eve"]' setContextVariable="LOOKED"><function.W.look at="$WHO"/></foreach>
      <function.W.post to="$MAP"/>
    </plan>
    """)
    crashed = reopened()
    with pytest.raises((Crash, BaseExceptionGroup)):
        await run(plan, kernel, journal=crashing(crashed, "3", ends=True), ids=lambda: "run-1")
    for writing in [*crashed._runs]:  # pyright: ignore[reportPrivateUsage]
        crashed._leave(writing)  # pyright: ignore[reportPrivateUsage]
    result = await resume("run-1", kernel, journal=reopened())
    assert result.status == "in_doubt"
    assert dict(result.variables.items()) == {"MAP": "<map>", "LOOKED": ["<Adam>", "<Eve>"]}
    assert (dict(result.results), result.value) == ({"SEEN": "<map>"}, None)


async def test_a_run_that_is_resumed_can_go_on_another_way(journal: Journal, world: World) -> None:
    way = '<plan><function.W.look at="elsewhere"/></plan>'
    kernel = Kernel(model=ScriptedModel([way]))
    kernel.add_functions(world, "W")
    world.down.add("Eve")
    await run(parse('<plan><function.W.post to="Eve"/></plan>'), kernel, journal=journal, ids=lambda: "run-1")
    result = await resume("run-1", kernel, journal=journal, max_replans=1, planner=SequentialPlanner(kernel))
    assert (result.status, result.value) == ("succeeded", "<elsewhere>")
    assert result.run != "run-1"
    assert journal.history("run-1").continued == result.run


@pytest.mark.parametrize("said", ["done", "redo"])
async def test_what_somebody_says_of_a_doubt_counts(
    kernel: Kernel, reopened: Callable[[], Journal], world: World, said: str
) -> None:
    await crash(kernel, reopened(), "2[2].1")
    world.done.clear()
    journal = reopened()
    (past,) = doubts(journal.history("run-1"), kernel.skills)
    if said == "done":
        journal.settle_step("run-1", past, "done", name="Ada", output="by hand")
    else:
        journal.settle_step("run-1", past, "redo", name="Ada")
    result = await resume("run-1", kernel, journal=journal)
    second = "by hand" if said == "done" else "letter to Eve"
    assert result.variables["SENT"] == ["letter to Adam", second, "letter to Zoe"]
    assert ("post Eve" in world.done) is (said == "redo")
    (decision,) = journal.decisions("run-1")
    assert (decision.kind, decision.step, decision.name) == (said, "2[2].1", "Ada")


@pytest.mark.parametrize(("step", "again"), [("1", "look map"), ("3", None)])
async def test_a_step_that_only_reads_or_is_idempotent_is_repeated_unasked(
    kernel: Kernel, reopened: Callable[[], Journal], world: World, step: str, again: str | None
) -> None:
    await crash(kernel, reopened(), step)
    world.done.clear()
    result = await resume("run-1", kernel, journal=reopened())
    assert result.status == "succeeded"
    assert world.done[0] == (again or 'put <map> ["letter to Adam", "letter to Eve", "letter to Zoe"]')


async def test_a_step_that_was_stopped_by_its_time_limit_is_in_doubt(kernel: Kernel, journal: Journal) -> None:
    @skill(effect="writes:mail")
    async def forever() -> None:
        """Write, and never return."""
        await asyncio.Event().wait()

    kernel.add_functions(forever, "W")
    plan = parse("<plan><function.W.forever/></plan>")
    result = await run(plan, kernel, journal=journal, step_timeout=0.01, retry=Retry(times=0))
    assert result.status == "failed"
    assert (await resume("last", kernel, journal=journal)).status == "in_doubt"


async def test_one_of_two_who_resume_a_run_wins(
    kernel: Kernel, journal: Journal, reopened: Callable[[], Journal]
) -> None:
    await run(LETTERS, kernel, journal=journal, ids=lambda: "run-1")
    with journal.claim("run-1"), pytest.raises(JournalError, match="somebody runs 'run-1' at this moment"):
        await resume("run-1", kernel, journal=reopened())
    assert (await resume("run-1", kernel, journal=reopened())).ok


async def test_a_function_that_changed_is_told_before_anything_runs(
    kernel: Kernel, journal: Journal, world: World
) -> None:
    world.down = {"Eve"}
    await run(LETTERS, kernel, journal=journal)
    world.done.clear()

    @skill(effect="writes:mail")
    async def post(to: str, stamp: str = "1p") -> str:
        """Post a letter, with a stamp."""
        return f"{stamp} letter to {to}"

    kernel.add_functions(post, "W")
    with pytest.raises(PlanError) as error:
        await resume("last", kernel, journal=journal)
    assert [(each.code, each.step) for each in error.value.problems] == [("changed-function", "2.1")]
    assert world.done == []
    result = await resume("last", kernel, journal=journal, changed=True)
    assert result.variables["SENT"] == ["letter to Adam", "1p letter to Eve", "1p letter to Zoe"]


async def test_a_plan_may_have_another_end_and_nothing_else(kernel: Kernel, journal: Journal, world: World) -> None:
    world.down = {"Eve"}
    await run(LETTERS, kernel, journal=journal)
    world.down = set()
    other = parse(LETTERS.to_xml().replace('at="map"', 'at="globe"'))
    with pytest.raises(PlanError, match="step '1' has run, and is another one in this plan"):
        await resume("last", kernel, journal=journal, plan=other)
    result = await resume("last", kernel, journal=journal, plan=parse(LETTERS.to_xml().replace("$MAP $SENT", "end")))
    assert (result.status, result.value) == ("succeeded", "end")


async def test_a_function_is_given_the_same_key_after_a_resume_and_another_in_each_round(journal: Journal) -> None:
    keys: list[str] = []

    @skill(effect="writes:payments", idempotent=True)
    async def pay(to: str, key: StepKey) -> str:
        """Pay somebody once."""
        keys.append(str(key))
        if len(keys) == 2:
            raise ConnectionRefusedError("closed")
        return to

    kernel = Kernel()
    (signature,) = kernel.add_functions(pay, "Bank")
    assert [each.name for each in signature.parameters] == ["to"]
    plan = parse("""<plan><foreach item="X" in='["a", "b"]'><function.Bank.pay to="$X"/></foreach></plan>""")
    await run(plan, kernel, journal=journal, retry=Retry(times=0))
    assert (await resume("last", kernel, journal=journal)).ok
    assert len(keys) == 3
    assert keys[0] != keys[1] == keys[2]
    assert str(StepKey()) == ""


async def test_what_is_called_again_for_its_output_is_given_the_key_that_it_had(journal: Journal) -> None:
    """Else a service would do once more what it has done."""
    keys: list[str] = []
    down = True

    @skill(effect="writes:payments", idempotent=True)
    async def pay(to: str, key: StepKey) -> str:
        """Pay somebody once, and give what the journal does not keep."""
        keys.append(str(key))
        return f"sk-{to * 30}"

    @skill(effect="writes:letters")
    async def note(receipt: str) -> str:
        """Write down what was paid."""
        if down:
            raise ConnectionRefusedError("closed")
        return "noted"

    kernel = kernel_of("Bank", pay, note)
    plan = parse('<plan><function.Bank.pay to="a" setContextVariable="R"/><function.Bank.note receipt="$R"/></plan>')
    await run(plan, kernel, journal=journal)
    down = False
    assert (await resume("last", kernel, journal=journal)).ok
    assert len(keys) == 2
    assert keys[0] == keys[1] != ""


async def test_an_abandoned_run_never_goes_on(kernel: Kernel, journal: Journal, world: World) -> None:
    world.down = {"Eve"}
    await run(LETTERS, kernel, journal=journal)
    journal.settle("last", "abandoned", name="Ada")
    with pytest.raises(JournalError, match="was abandoned"):
        await resume("last", kernel, journal=journal)


async def test_a_value_that_json_has_no_word_for_comes_back_as_what_it_was(journal: Journal) -> None:
    @dataclasses.dataclass(frozen=True)
    class Order:
        number: int

    fails = True
    seen: list[object] = []

    @skill(effect="writes:shop")
    async def order(number: int) -> Order:
        """Order something."""
        return Order(number)

    @skill(effect="writes:shop")
    async def pay(order: Order) -> None:
        """Pay for it."""
        seen.append(order)
        if fails:
            raise ConnectionRefusedError("closed")

    order.__annotations__["return"] = pay.__annotations__["order"] = Order
    kernel = kernel_of("S", order, pay)
    plan = parse('<plan><function.S.order number="7" setContextVariable="O"/><function.S.pay order="$O"/></plan>')
    await run(plan, kernel, journal=journal)
    fails = False
    assert (await resume("last", kernel, journal=Journal(journal.path))).ok
    assert seen == [Order(7), Order(7)]


async def test_a_clock_that_goes_backwards_changes_nothing(
    kernel: Kernel, reopened: Callable[[], Journal], world: World, tmp_path: Path
) -> None:
    times = iter(range(10_000, 0, -1))
    world.down = {"Eve"}
    await run(LETTERS, kernel, journal=reopened(), clock=lambda: float(next(times)))
    world.down, world.done = set(), []
    result = await resume("last", kernel, journal=reopened(), clock=lambda: float(next(times)))
    assert result.ok
    assert world.done[:2] == ["post Eve", "post Zoe"]
