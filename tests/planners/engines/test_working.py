"""What was lost on its way to a worker, or back from it, is found: nobody waits for it without end."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forethought.kernel import Kernel, skill
from forethought.planners import Plan, parse
from forethought.planners.engines.fleet import Fleet
from forethought.planners.engines.limits import Limit, Limits
from forethought.planners.engines.working import Worker
from forethought.planners.journaling.approving import Policy

if TYPE_CHECKING:
    from tests.servers.postgres import Postgres

    from .conftest import World

POLICY = Policy(each=("open_world",))
_LONG = 20.0

Losing = Callable[..., None]


def plan(*steps: str) -> Plan:
    """Return a plan of these steps."""
    return parse(f'<plan goal="test">{"".join(steps)}</plan>')


@pytest.fixture
def place(database: str) -> str:
    """The database of the workers."""
    return database


@pytest.fixture
async def fleet(kernel: Kernel, place: str) -> AsyncGenerator[Fleet]:
    """What runs are handed in to."""
    async with Fleet(kernel, place, policy=POLICY) as opened:
        yield opened


@pytest.fixture
def lose(postgres: Postgres, place: str) -> Losing:
    """Let a turn be with a worker, or taken from it, whatever came of it."""

    def lost(turn: str, worker: str, *, state: str = "PENDING") -> None:
        row = f"status = '{state}', executor_id = '{worker}' WHERE workflow_uuid = '{turn}'"
        postgres.tell(f"UPDATE dbos.workflow_status SET {row}", place)
        postgres.tell(f"DELETE FROM dbos.workflow_output WHERE workflow_uuid = '{turn}'", place)

    return lost


def working(kernel: Kernel, place: str, policy: Policy = POLICY) -> Worker:
    """Return a worker that finds soon what others have lost."""
    return Worker(kernel, place, policy=policy, lease=0.6)


GONE = "here-1-01234567"


async def test_a_turn_is_taken_again_that_was_lost_before_it_did_anything(
    fleet: Fleet, kernel: Kernel, place: str, lose: Losing, world: World
) -> None:
    async with working(kernel, place):
        run = await fleet.submit(plan('<function.W.post to="Eve"/>'))
        assert (await fleet.wait(run, _LONG)).status == "waiting"
    await fleet.signal(run, "approved", name="Ada")
    lose(f"{run}~2", GONE)
    async with working(kernel, place):
        result = await fleet.wait(run, _LONG)
    assert (result.status, world.done) == ("succeeded", ["post Eve"])


async def test_what_a_run_came_to_is_known_where_the_end_of_its_turn_was_lost(
    fleet: Fleet, kernel: Kernel, place: str, lose: Losing, world: World
) -> None:
    """A run that has failed is not tried again for it."""
    world.down = {"Eve": 1}
    ends = ["succeeded", "failed"]
    async with working(kernel, place, Policy()):
        runs = [await fleet.submit(plan(each)) for each in ('<function.W.look at="y"/>', '<function.W.post to="Eve"/>')]
        assert [(await fleet.wait(each, _LONG)).status for each in runs] == ends
    for each in runs:
        lose(f"{each}~1", GONE)
    async with working(kernel, place, Policy()):
        assert [(await fleet.wait(each, _LONG)).status for each in runs] == ends
    assert sorted(world.done) == ["look y", "post Eve"]


async def test_a_run_that_is_to_go_on_does_not_tell_what_it_came_to_before(
    fleet: Fleet, kernel: Kernel, place: str, lose: Losing
) -> None:
    async with working(kernel, place):
        run = await fleet.submit(plan('<function.W.post to="Eve"/>'))
        assert (await fleet.wait(run, _LONG)).status == "waiting"
    await fleet.signal(run, "approved", name="Ada")
    lose(f"{run}~2", GONE, state="CANCELLED")
    with pytest.raises(TimeoutError):
        await fleet.wait(run, 0.5)


async def test_a_worker_takes_up_what_it_has_and_never_heard_of(
    fleet: Fleet, kernel: Kernel, place: str, lose: Losing, postgres: Postgres
) -> None:
    async with working(kernel, place) as worker:
        postgres.tell(f"INSERT INTO forethought.owners VALUES ('{GONE}', clock_timestamp(), 3600)", place)
        postgres.tell("UPDATE dbos.queues SET worker_concurrency = 0", place)
        run = await fleet.submit(plan('<function.W.look at="y"/>'))
        lose(f"{run}~1", worker.name)
        postgres.tell("UPDATE dbos.queues SET worker_concurrency = 8", place)
        assert (await fleet.wait(run, _LONG)).status == "succeeded"


async def test_a_run_ends_whose_worker_was_taken_for_gone_and_was_not(
    fleet: Fleet, kernel: Kernel, place: str, lose: Losing, world: World
) -> None:
    async with working(kernel, place):
        run = await fleet.submit(plan('<function.W.wait name="x"/>'))
        await asyncio.wait_for(world.begun.wait(), _LONG)
        lose(f"{run}~1", GONE, state="CANCELLED")
        world.gate.set()
        result = await fleet.wait(run, _LONG)
    assert (result.status, result.value, world.done) == ("succeeded", "x", ["wait x"])


async def test_a_call_whose_end_cannot_be_read_is_in_doubt_and_not_made_again(
    kernel: Kernel, tmp_path: Path, world: World
) -> None:
    """What carries it says of it what makes no sense."""
    file = tmp_path / "runs.db"
    place = f"sqlite:///{file}"
    async with working(kernel, place, Policy()), Fleet(kernel, place) as fleet:
        run = await fleet.submit(plan('<function.W.wait name="in"/>'))
        await asyncio.wait_for(world.begun.wait(), _LONG)
        with closing(sqlite3.connect(f"{file}-dbos", timeout=_LONG, isolation_level=None)) as carrier:
            damage = "UPDATE workflow_status SET priority = 'none' WHERE workflow_uuid = ?"
            assert carrier.execute(damage, (f"{run}/1/1",)).rowcount == 1
        world.gate.set()
        assert (await fleet.wait(run, _LONG)).status == "in_doubt"
        await fleet.signal(run)
        assert (await fleet.wait(run, _LONG)).status == "in_doubt"
    assert world.done == ["wait in"]


async def test_a_rate_holds_up_what_is_too_much_until_the_limit_is_gone(kernel: Kernel, tmp_path: Path) -> None:
    place = f"sqlite:///{tmp_path / 'runs.db'}"
    rare = Limits(Limit("W.look", starts=2, period=3600.0))
    async with Fleet(kernel, place) as fleet:
        async with Worker(kernel, place, limits=rare):
            runs = [await fleet.submit(plan('<function.W.look at="map"/>')) for _ in range(3)]
            waiting = [asyncio.create_task(fleet.wait(each)) for each in runs]
            while sum(each.done() for each in waiting) < 2:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=0.1)
            _, held = await asyncio.wait(waiting, timeout=0.5)
            assert len(held) == 1
        async with Worker(kernel, place):
            assert {(await each).value for each in waiting} == {"<map>"}


async def test_what_a_step_fails_of_is_told_to_nobody_with_its_secrets(kernel: Kernel, tmp_path: Path) -> None:
    @skill(effect="writes:doors")
    async def unlock(password: str) -> str:
        """Open no door."""
        raise PermissionError(f"customer CUST-4711 has no door for {password}")

    @skill(effect="reads:doors")
    async def find() -> str:
        """Find a key."""
        return "rosebud"

    kernel.add_functions(unlock, "S")
    kernel.add_functions(find, "S")
    place = f"sqlite:///{tmp_path / 'runs.db'}"
    steps = '<function.S.find setContextVariable="K"/>', '<function.S.unlock password="$K"/>'
    async with Worker(kernel, place, redact=("CUST-[0-9]+",)), Fleet(kernel, place) as fleet:
        result = await fleet.wait(await fleet.submit(plan(*steps)), _LONG)
    assert result.error
    assert "customer [redacted] has no door for [redacted]" in result.error
    kept = b"".join(map(Path.read_bytes, [tmp_path / "runs.db", tmp_path / "runs.db-dbos"]))
    assert b"has no door" in kept
    assert b"rosebud" not in kept
    assert b"CUST-4711" not in kept


async def test_a_call_whose_end_cannot_be_kept_is_in_doubt_and_not_waited_for_without_end(
    fleet: Fleet, kernel: Kernel, place: str, postgres: Postgres, world: World
) -> None:
    async with working(kernel, place, Policy()):
        run = await fleet.submit(plan('<function.W.wait name="in"/>'))
        await asyncio.wait_for(world.begun.wait(), _LONG)
        postgres.tell(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no space'; END $$", place
        )
        when = f"NEW.workflow_uuid = '{run}/1/1' AND NEW.status IN ('SUCCESS', 'ERROR')"
        postgres.tell(
            f"CREATE TRIGGER full_disk BEFORE UPDATE ON dbos.workflow_status FOR EACH ROW WHEN ({when}) "
            "EXECUTE FUNCTION refuse()",
            place,
        )
        world.gate.set()
        assert (await fleet.wait(run, _LONG)).status == "in_doubt"
    assert world.done == ["wait in"]
