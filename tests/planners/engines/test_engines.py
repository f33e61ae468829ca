"""What every engine does: the same plans come to the same, wherever their steps run."""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from pydantic import SecretStr

from forethought.kernel import Kernel, StepKey, skill
from forethought.kernel.errors import JournalError, PlanError
from forethought.planners import Journal, Plan, approval_hash, parse, run
from forethought.planners.engines.limits import Limit, Limits
from forethought.planners.journaling.approving import Policy
from forethought.planners.running.retries import Retry

if TYPE_CHECKING:
    from .conftest import Opening, World

_AT_ONCE = Retry(first=0)
BLOCKS = """
<plan goal="Blocks">
  <function.W.look at="start" setContextVariable="A"/>
  <function.W.count of="[1, 2, 3]" setContextVariable="SUM"/>
  <foreach item="WHO" in='["x", "y", "z"]' setContextVariable="SENT">
    <function.W.look at="$WHO $A" setContextVariable="SEEN"/>
    <function.W.post to="$SEEN"/>
  </foreach>
  <if test="SUM == 6"><function.W.look at="six"/></if>
  <else><function.W.look at="other"/></else>
  <function.W.look at="$SENT $SUM" appendToResult="RESULT"/>
</plan>
"""


def plan(*steps: str) -> Plan:
    """Return a plan of these steps."""
    return parse(f'<plan goal="test">{"".join(steps)}</plan>')


async def test_a_run_comes_to_what_run_gives(opening: Opening, kernel: Kernel, journal: Journal, world: World) -> None:
    expected = await run(parse(BLOCKS), kernel)
    effects, world.done = sorted(world.done), []
    async with opening() as engine:
        result = await engine.wait(await engine.submit(parse(BLOCKS)), 30)
    assert (result.status, result.value, result.results) == ("succeeded", expected.value, expected.results)
    assert dict(result.variables) == dict(expected.variables)
    assert [(each.id, each.status, each.output) for each in result.steps] == [
        (each.id, each.status, each.output) for each in expected.steps
    ]
    assert sorted(world.done) == effects
    assert [each.status for each in journal.runs()] == ["succeeded"]


async def test_inputs_are_those_of_the_run(opening: Opening) -> None:
    told = parse('<plan><input name="WHO" type="string"/><function.W.look at="$WHO"/></plan>')
    async with opening() as engine:
        first = await engine.submit(told, inputs={"WHO": "Ada"})
        second = await engine.submit(told, inputs={"WHO": "Eve"})
        assert [(await engine.wait(each, 30)).value for each in (second, first)] == ["<Eve>", "<Ada>"]


async def test_a_plan_that_could_not_start_is_refused_when_it_is_handed_in(opening: Opening, journal: Journal) -> None:
    async with opening() as engine:
        with pytest.raises(PlanError, match=r"W\.gone"):
            await engine.submit(plan("<function.W.gone/>"))
        with pytest.raises(PlanError, match="'WHO' has no value"):
            await engine.submit(parse('<plan><input name="WHO" type="string"/><function.W.look at="$WHO"/></plan>'))
        with pytest.raises(PlanError, match="is for another plan"):
            await engine.submit(plan('<function.W.look at="x"/>'), approved="0" * 32)
    assert journal.runs() == []


async def test_what_was_approved_runs(opening: Opening, kernel: Kernel, journal: Journal) -> None:
    agreed = plan('<function.W.post to="Eve"/>')
    async with opening() as engine:
        submitted = await engine.submit(agreed, approved=approval_hash(agreed, kernel), name="Ada")
        assert (await engine.wait(submitted, 30)).value == "letter to Eve"
    said = [(each.kind, each.name) for each in journal.decisions(submitted)]
    assert ("approved", "Ada") in said


async def test_the_same_run_is_handed_in_once(opening: Opening, world: World) -> None:
    one, other = plan('<function.W.post to="Eve"/>'), plan('<function.W.post to="Ada"/>')
    async with opening() as engine:
        assert [await engine.submit(one, run="it") for _ in range(3)] == ["it"] * 3
        await engine.wait("it", 30)
        await engine.submit(one, run="it")
        with pytest.raises(
            JournalError, match="it has another run 'it': another plan, other inputs or other functions"
        ):
            await engine.submit(other, run="it")
        assert (await engine.wait("it", 30)).value == "letter to Eve"
    assert world.done == ["post Eve"]


async def test_a_step_that_writes_nothing_is_tried_again(opening: Opening, world: World) -> None:
    world.down = {"x": 2}
    async with opening(retry=_AT_ONCE) as engine:
        result = await engine.wait(await engine.submit(plan('<function.W.look at="x"/>')), 30)
    assert (result.value, world.done) == ("<x>", ["look x"] * 3)


async def test_a_failure_is_told_as_run_tells_it(opening: Opening, kernel: Kernel, world: World) -> None:
    failing = plan('<function.W.look at="a"/>', '<function.W.post to="Eve"/>', '<function.W.look at="b"/>')
    world.down = {"Eve": 1}
    expected = await run(failing, kernel)
    world.down, world.done = {"Eve": 1}, []
    async with opening() as engine:
        result = await engine.wait(await engine.submit(failing), 30)
        assert (result.status, result.error) == ("failed", expected.error)
        assert [(each.id, each.status, each.error) for each in result.steps] == [
            (each.id, each.status, each.error) for each in expected.steps
        ]
        await engine.signal(result.run)  # what failed said itself that it did not do its work
        assert (await engine.wait(result.run, 30)).value == "<b>"
    assert sorted(world.done) == ["look a", "look b", "post Eve", "post Eve"]


async def test_a_function_that_fails_for_good_is_not_tried_again(opening: Opening, kernel: Kernel) -> None:
    wrong = parse('<plan><input name="N" type="any"/><function.W.count of="$N"/></plan>')
    expected = await run(wrong, kernel, inputs={"N": ["one"]})
    async with opening(retry=Retry(first=60)) as engine:
        result = await engine.wait(await engine.submit(wrong, inputs={"N": ["one"]}), 30)
    assert (result.status, result.error) == ("failed", expected.error)


async def test_a_step_that_takes_too_long_is_in_doubt(opening: Opening, world: World) -> None:
    slow = plan('<function.W.wait name="x" setContextVariable="X"/>', '<function.W.look at="$X y"/>')
    async with opening(step_timeout=0.05) as engine:
        result = await engine.wait(await engine.submit(slow), 30)
        assert result.status == "in_doubt"
        assert result.error == 'step 1, W.wait, failed: it took longer than 0.05 seconds (where name is "x")'
        assert [each.status for each in result.steps] == ["in_doubt", "not_started"]
        with pytest.raises(JournalError, match=r"step '2' of '.*' is not in doubt"):
            await engine.signal(result.run, "redo", step="2")
        await engine.signal(result.run, "done", step="1", output="x", name="Ada")
        again = await engine.wait(result.run, 30)
    assert (again.status, again.value, world.done) == ("succeeded", "<x y>", ["wait x", "look x y"])


async def test_a_step_of_a_loop_is_in_doubt_by_its_round(opening: Opening) -> None:
    looping = plan('<foreach item="I" in=\'["x", "y"]\'><function.W.wait name="$I"/></foreach>')
    async with opening(step_timeout=0.05) as engine:
        result = await engine.wait(await engine.submit(looping), 30)
    assert (result.status, [(each.id, each.status) for each in result.steps]) == (
        "in_doubt",
        [("1", "failed"), ("1[1].1", "in_doubt")],
    )


async def test_a_step_in_doubt_is_done_again_where_somebody_says_so(opening: Opening, world: World) -> None:
    async with opening(step_timeout=0.05) as engine:
        result = await engine.wait(await engine.submit(plan('<function.W.wait name="x"/>')), 30)
        world.gate.set()
        await engine.signal(result.run, "redo", step="1")
        assert (await engine.wait(result.run, 30)).value == "x"
    assert world.done == ["wait x", "wait x"]


async def test_a_run_that_is_abandoned_never_goes_on(opening: Opening, world: World) -> None:
    async with opening(step_timeout=0.05) as engine:
        result = await engine.wait(await engine.submit(plan('<function.W.wait name="x"/>')), 30)
        await engine.signal(result.run, "abandoned")
        with pytest.raises(JournalError, match="was abandoned"):
            await engine.signal(result.run, "redo", step="1")
    assert world.done == ["wait x"]


async def test_a_call_waits_until_somebody_agrees(opening: Opening, world: World) -> None:
    two = plan('<function.W.post to="Eve"/>', '<function.W.look at="y"/>')
    async with opening(policy=Policy(each=("open_world",))) as engine:
        waiting = await engine.wait(await engine.submit(two), 30)
        assert (waiting.status, waiting.error) == ("waiting", "step 1, W.post, waits for an approval")
        assert world.done == []
        await engine.signal(waiting.run, "approved", step="1", name="Ada")
        assert (await engine.wait(waiting.run, 30)).value == "<y>"
    assert world.done == ["post Eve", "look y"]


async def test_a_call_that_is_denied_fails(opening: Opening, world: World) -> None:
    async with opening(policy=Policy(each=("open_world",))) as engine:
        waiting = await engine.wait(await engine.submit(plan('<function.W.post to="Eve"/>')), 30)
        await engine.signal(waiting.run, "denied", name="Ada")
        denied = await engine.wait(waiting.run, 30)
    assert (denied.status, world.done) == ("failed", [])
    assert denied.error is not None
    assert re.fullmatch(r'step 1, W.post, failed: Ada denied it at [\d: -]+ \(where to is "Eve"\)', denied.error)


async def test_an_approval_is_for_the_arguments_it_was_given_for(
    opening: Opening, kernel: Kernel, journal: Journal, world: World
) -> None:
    """What a call is given can change where what it is given by runs again; the approval counts for nothing then."""
    rounds = iter(["first", "second"])

    async def say() -> str:
        """Say something else each time."""
        return next(rounds)

    kernel.add_functions(say, "S")
    asking = plan('<function.S.say setContextVariable="X"/>', '<function.W.post to="$X"/>')
    async with opening(policy=Policy(each=("open_world",))) as engine:
        waiting = await engine.wait(await engine.submit(asking), 30)
        (past,) = [each for each in journal.history(waiting.run).steps.values() if each.state == "waiting"]
        journal.settle(waiting.run, "approved", step=past.id, name="Ada", hash="0" * 32, expires=None)
        await engine.signal(waiting.run)
        assert (await engine.wait(waiting.run, 30)).status == "waiting"
    assert world.done == []


async def test_a_run_that_is_held_begins_once_it_is_approved(opening: Opening, world: World) -> None:
    async with opening() as engine:
        held = await engine.submit(plan('<function.W.post to="Eve"/>'), hold=True)
        waiting = await engine.wait(held, 30)
        assert (waiting.status, waiting.error) == ("waiting", "the plan waits for an approval")
        assert [each.status for each in waiting.steps] == ["not_started"]
        await engine.signal(held)  # nobody has agreed
        assert (await engine.wait(held, 30)).status == "waiting"
        assert world.done == []
        await engine.signal(held, "approved", name="Ada")
        assert (await engine.wait(held, 30)).value == "letter to Eve"


async def test_a_run_that_is_cancelled_starts_nothing_more(opening: Opening, world: World) -> None:
    async with opening() as engine:
        submitted = await engine.submit(
            plan('<function.W.wait name="x" setContextVariable="X"/>', '<function.W.look at="$X y"/>')
        )
        await asyncio.wait_for(world.begun.wait(), 30)
        await engine.cancel(submitted, name="Ada")
        world.gate.set()
        cancelled = await engine.wait(submitted, 30)
        assert (cancelled.status, world.done) == ("cancelled", ["wait x"])
        await engine.signal(submitted)
        assert (await engine.wait(submitted, 30)).value == "<x y>"
    assert world.done == ["wait x", "look x y"]


async def test_a_run_that_is_cancelled_before_it_begins_does_nothing(opening: Opening, world: World) -> None:
    async with opening(runs=1) as engine:
        first = await engine.submit(plan('<function.W.wait name="x"/>'))
        await asyncio.wait_for(world.begun.wait(), 30)
        second = await engine.submit(plan('<function.W.look at="y"/>'))
        await engine.cancel(second)
        world.gate.set()
        assert (await engine.wait(second, 30)).status == "cancelled"
        assert (await engine.wait(first, 30)).status == "succeeded"
    assert world.done == ["wait x"]


async def test_a_run_that_is_over_cannot_be_cancelled(opening: Opening) -> None:
    async with opening() as engine:
        submitted = await engine.submit(plan('<function.W.look at="y"/>'))
        await engine.wait(submitted, 30)
        with pytest.raises(JournalError, match="is not running: it is succeeded"):
            await engine.cancel(submitted)


async def test_waiting_has_an_end_and_the_run_goes_on(opening: Opening, world: World) -> None:
    async with opening() as engine:
        submitted = await engine.submit(plan('<function.W.wait name="x"/>'))
        with pytest.raises(TimeoutError):
            await engine.wait(submitted, 0.01)
        world.gate.set()
        assert (await engine.wait(submitted, 30)).value == "x"


async def test_runs_of_higher_priority_come_first(opening: Opening, world: World) -> None:
    async with opening(runs=1) as engine:
        first = await engine.submit(plan('<function.W.wait name="x"/>'))
        await asyncio.wait_for(world.begun.wait(), 30)
        later = [
            await engine.submit(plan(f'<function.W.post to="{name}"/>'), priority=priority)
            for name, priority in (("low", -1), ("a", 0), ("high", 5), ("b", 0))
        ]
        world.gate.set()
        await asyncio.gather(*(engine.wait(each, 30) for each in (first, *later)))
    assert world.done == ["wait x", "post high", "post a", "post b", "post low"]


async def test_a_priority_has_bounds(opening: Opening) -> None:
    async with opening() as engine:
        with pytest.raises(ValueError, match=r"a priority is from -1,000,000 to 1,000,000, not 1000001"):
            await engine.submit(plan('<function.W.look at="y"/>'), priority=1_000_001)


async def test_no_more_calls_of_a_function_run_at_one_time_than_its_limit(opening: Opening, world: World) -> None:
    many = plan(*(f'<function.W.crowd name="{each}"/>' for each in range(6)))
    async with opening(limits=Limits(Limit("W.crowd", concurrency=2))) as engine:
        runs = [await engine.submit(many) for _ in range(2)]
        for each in runs:
            assert (await engine.wait(each, 60)).status == "succeeded"
    assert world.most <= 2


async def test_fifty_runs_at_once_each_do_their_own(opening: Opening, world: World) -> None:
    told = parse(
        '<plan><input name="WHO" type="string"/><function.W.look at="$WHO" setContextVariable="A"/>'
        '<function.W.post to="$A"/></plan>'
    )
    async with opening(runs=50) as engine:
        runs = {name: await engine.submit(told, inputs={"WHO": name}) for name in map(str, range(50))}
        results = {name: await engine.wait(each, 90) for name, each in runs.items()}
    assert {name: each.value for name, each in results.items()} == {name: f"letter to <{name}>" for name in runs}
    assert sorted(world.done) == sorted(
        f"{what} {name}" for n in runs for what, name in (("look", n), ("post", f"<{n}>"))
    )


async def test_a_function_is_given_the_same_key_in_every_attempt(
    opening: Opening, kernel: Kernel, world: World
) -> None:
    keys: list[str] = []

    @skill(effect="writes:bank", idempotent=True)
    async def pay(amount: int, key: StepKey) -> int:
        """Pay, once a key."""
        keys.append(str(key))
        if len(keys) == 1:
            raise ConnectionError("nobody answers")
        return amount

    kernel.add_functions(pay, "B")
    twice = plan('<function.B.pay amount="1" setContextVariable="A"/>', '<function.B.pay amount="$A"/>')
    async with opening(retry=_AT_ONCE) as engine:
        result = await engine.wait(await engine.submit(twice, run="it"), 30)
    expected = [hashlib.sha256(f"it\n{step}".encode()).hexdigest()[:32] for step in (1, 1, 2)]
    assert (result.value, keys) == (1, expected)


async def test_what_cannot_travel_is_what_it_is_in_one_process(opening: Opening, kernel: Kernel) -> None:
    """A value that JSON has not is handed on, and what looks like a secret as well."""

    @skill(effect="pure")
    async def key(of: str) -> object:
        """Give what looks like a secret, in what JSON has not."""
        return {1: f"sk-{of * 24}"}

    @skill(effect="writes:doors")
    async def use(given: object) -> int:
        """Use what it is given."""
        return len(given[1])  # type: ignore[index]

    kernel.add_functions(key, "S")
    kernel.add_functions(use, "S")
    async with opening() as engine:
        both = plan('<function.S.key of="a" setContextVariable="KEY1"/>', '<function.S.use given="$KEY1"/>')
        assert (await engine.wait(await engine.submit(both), 30)).value == 27


@pytest.mark.parametrize("run", ["", "a b", "a/b", "a~1", "x" * 201, "last"])
async def test_an_id_of_a_run_is_a_word(opening: Opening, run: str) -> None:
    async with opening() as engine:
        with pytest.raises(ValueError, match="is no id of a run"):
            await engine.submit(plan('<function.W.look at="y"/>'), run=run)


def everything(place: str, folder: Path) -> str:
    """Return all that is kept of runs, by the journal and by what carries them."""
    if not place.startswith("postgresql"):
        return str([each.read_bytes() for each in folder.glob("runs.db*")])
    texts = (
        "SELECT output FROM dbos.workflow_output UNION ALL SELECT inputs FROM dbos.workflow_input UNION ALL "
        "SELECT data FROM forethought.entries UNION ALL SELECT text FROM forethought.blobs"
    )
    with psycopg.connect(place) as database:
        return str(database.execute(texts).fetchall())


async def test_what_a_secret_parameter_takes_is_kept_nowhere(
    opening: Opening, kernel: Kernel, place: str, tmp_path: Path
) -> None:
    """It looks like any other text; but where it goes says what it is."""

    @skill(effect="reads:doors")
    async def key(of: str) -> str:
        """Give the key of a door."""
        return f"rosebud {of}"

    @skill(effect="writes:doors")
    async def unlock(with_: SecretStr, door: str) -> str:
        """Open a door."""
        return f"{door} is open: {with_.get_secret_value() == 'rosebud front'}"

    kernel.add_functions(key, "S")
    kernel.add_functions(unlock, "S")
    steps = ('<function.S.key of="front" setContextVariable="K"/>', '<function.S.unlock with="$K" door="it"/>')
    async with opening() as engine:
        result = await engine.wait(await engine.submit(plan(*steps, '<function.W.look at="did $K open it"/>')), 30)
    assert result.status == "succeeded"
    assert [step.output for step in result.steps if step.id == "2"] == ["it is open: True"]
    kept = everything(place, tmp_path)
    assert "it is open" in kept
    assert "rosebud" not in kept


async def test_what_is_not_kept_is_fetched_once_more_when_a_run_goes_on(
    opening: Opening, kernel: Kernel, world: World
) -> None:
    fetched: list[str] = []

    @skill(effect="pure")
    async def key(of: str) -> str:
        """Give what looks like a secret."""
        fetched.append(of)
        return f"sk-{of * 24}"

    @skill(effect="writes:doors")
    async def use(given: str) -> int:
        """Use what it is given, once somebody is there."""
        await world.look("door")
        return len(given)

    for each in (key, use):
        kernel.add_functions(each, "S")
    world.down = {"door": 1}
    both = plan('<function.S.key of="a" setContextVariable="K"/>', '<function.S.use given="$K"/>')
    async with opening() as engine:
        run_ = await engine.submit(both)
        assert (await engine.wait(run_, 30)).status == "failed"
        await engine.signal(run_)
        assert (await engine.wait(run_, 30)).value == 27
    assert len(fetched) > 1
