"""The journal: written before a step and after it, one process a run, and nothing lost by being asked for."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from forethought.kernel import ContextVariables, Kernel, skill
from forethought.kernel.errors import JournalError
from forethought.planners import Journal, parse, resume, run, schedule
from forethought.planners.journaling.cancelling import cancel

if TYPE_CHECKING:
    from tests.planners.journaling.conftest import World

ONE = parse('<plan goal="one"><function.W.look at="map"/></plan>')


def looking(journal: Journal, seen: list[dict[str, str]], reopened: Callable[[], Journal]) -> Kernel:
    """A kernel whose functions look into the file while they run, as another process would."""

    @skill(effect="pure")
    async def first() -> str:
        """Look."""
        seen.append({each.id: each.state for each in reopened().history("last").steps.values()})
        return "gave this"

    @skill(effect="pure")
    async def second(input: str) -> str:
        """Look, later."""
        seen.append({each.id: each.state for each in reopened().history("last").steps.values()})
        return input

    kernel = Kernel()
    for function in (first, second):
        kernel.add_functions(function, "L")
    return kernel


async def test_a_step_is_in_the_file_while_its_function_runs(journal: Journal, reopened: Callable[[], Journal]) -> None:
    seen: list[dict[str, str]] = []
    await run(parse("<plan><function.L.first/></plan>"), looking(journal, seen, reopened), journal=journal)
    assert seen == [{"1": "started"}]


async def test_what_a_step_gave_is_in_the_file_when_the_next_one_runs(
    journal: Journal, reopened: Callable[[], Journal]
) -> None:
    seen: list[dict[str, str]] = []
    plan = parse("<plan><function.L.first/><function.L.second/></plan>")
    await run(plan, looking(journal, seen, reopened), journal=journal)
    assert seen[1] == {"1": "succeeded", "2": "started"}


def test_of_two_processes_that_resume_a_run_one_wins(kernel: Kernel, journal: Journal, place: str) -> None:
    """Once the process that runs it is gone, whoever wants it gets it."""
    asyncio.run(run(ONE, kernel, journal=journal, ids=lambda: "run-1"))
    holding = (
        "import sys; from forethought.planners import Journal\n"
        f"journal = Journal({place!r}, lease=0.5)\n"
        "with journal.claim('run-1'): print(journal.owner, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        owner = other.stdout.readline().strip()
        with pytest.raises(JournalError, match="somebody runs 'run-1' at this moment"):
            asyncio.run(resume("run-1", kernel, journal=journal))
        assert journal.alive(owner)
        other.kill()
    while journal.alive(owner):
        pass
    assert asyncio.run(resume("run-1", kernel, journal=journal)).ok


async def test_two_hundred_runs_at_once_are_kept_apart(kernel: Kernel, journal: Journal) -> None:
    plan = parse('<plan><input name="N"/><function.W.look at="$N"/></plan>')
    runs = [run(plan, kernel, inputs={"N": str(n)}, journal=journal, ids=f"run-{n}".__str__) for n in range(200)]
    await asyncio.gather(*runs)
    for number in (0, 7, 199):
        history = journal.history(f"run-{number}")
        assert history.record(history.steps["1"])[0].output == f"<{number}>"


async def test_an_id_is_given_once(kernel: Kernel, journal: Journal, world: World) -> None:
    await run(ONE, kernel, journal=journal, ids=lambda: "run-1")
    world.done.clear()
    with pytest.raises(JournalError, match="it has a run 'run-1' already"):
        await run(ONE, kernel, journal=journal, ids=lambda: "run-1")
    assert world.done == []


async def test_a_run_is_found_by_the_end_of_its_id_where_only_one_has_it(kernel: Kernel, journal: Journal) -> None:
    for id_ in ("run-17", "run-27"):
        await run(ONE, kernel, journal=journal, ids=id_.__str__)
    assert (journal.history("17").id, journal.history("last").id) == ("run-17", "run-27")
    for unknown in ("7", "", "nope"):
        with pytest.raises(JournalError, match=f"it has no run '{unknown}'"):
            journal.history(unknown)


async def test_what_ended_long_ago_is_removed_with_its_values(
    kernel: Kernel, journal: Journal, kept: Callable[[], bytes]
) -> None:
    plan = parse(f'<plan><function.W.look at="{"x" * 9000}"/></plan>')
    await run(plan, kernel, journal=journal, clock=lambda: 1000.0)
    assert b"xxxx" in kept()
    await run(ONE, kernel, journal=journal, clock=lambda: 5000.0, ids=lambda: "run-1")
    assert journal.collect(2000.0) == 1
    assert [each.id for each in journal.runs()] == ["run-1"]
    journal.close()
    assert b"xxxx" not in kept()


async def test_the_export_of_a_run_is_all_that_is_known(kernel: Kernel, journal: Journal) -> None:
    await run(parse(f'<plan><function.W.look at="{"x" * 9000}"/></plan>'), kernel, journal=journal, ids=lambda: "r")
    journal.settle("r", "approved", name="Ada", hash="0")
    entries = [json.loads(json.dumps(each)) for each in journal.history("r").export()]
    kinds = [each["kind"] for each in entries]
    assert kinds == ["run_started", "step_started", "step_finished", "run_finished", "approved"]
    assert entries[1]["arguments"] == {"at": {"value": "x" * 9000}}
    assert entries[4]["name"] == "Ada"


async def test_a_run_can_be_cancelled_from_elsewhere_and_resumed(
    journal: Journal, reopened: Callable[[], Journal]
) -> None:
    done: list[str] = []

    @skill(effect="writes:world")
    async def work(input: str) -> str:
        """Work; at the first, somebody cancels the run."""
        done.append(input)
        if len(done) == 1:
            cancel(reopened(), "last", name="Ada")
        return input

    kernel = Kernel()
    kernel.add_functions(work, "W")
    plan = parse('<plan><function.W.work input="a"/><function.W.work input="b"/></plan>')
    times = iter(range(1000))  # so that seconds pass between two steps
    result = await run(plan, kernel, journal=journal, clock=lambda: float(next(times)))
    assert (result.status, done) == ("cancelled", ["a"])
    assert [each.status for each in result.steps] == ["succeeded", "not_started"]
    assert (await resume("last", kernel, journal=journal)).ok
    assert done == ["a", "b"]


async def test_of_two_runs_at_once_that_which_is_cancelled_hears_it_whichever_looks_first(
    journal: Journal, reopened: Callable[[], Journal]
) -> None:
    begun, looked = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    @skill(effect="writes:world")
    async def work(input: str) -> str:
        """Work; the first run cancels the second one, and has looked before that goes on."""
        done.append(input)
        if input == "second 1":
            begun.set()
            await looked.wait()
        elif input == "first 1":
            await begun.wait()
            cancel(reopened(), "second")
        else:
            looked.set()
        return input

    kernel = Kernel()
    kernel.add_functions(work, "W")
    times = iter(range(1000))  # so that seconds pass between two steps

    async def begin(name: str) -> str:
        plan = parse(f'<plan><function.W.work input="{name} 1"/><function.W.work input="{name} 2"/></plan>')
        clock, ids = (lambda: float(next(times))), (lambda: name)
        return (await run(plan, kernel, journal=journal, clock=clock, ids=ids)).status

    assert [*await asyncio.gather(begin("first"), begin("second"))] == ["succeeded", "cancelled"]
    assert done == ["first 1", "second 1", "first 2"]


async def test_however_many_runs_there_are_all_that_are_old_enough_are_removed(
    kernel: Kernel, journal: Journal
) -> None:
    ready = schedule(parse('<plan><function.W.look at="map"/></plan>'), kernel.skills)
    for number in range(501):
        journal.queue(f"run-{number}", ready, ContextVariables())
    await run(ready, kernel, journal=journal, ids=lambda: "run-501")
    assert journal.collect(journal.now() + 60) == 1
    assert len(journal.runs()) == 501
    assert journal.collect(journal.now() + 60, unfinished=True) == 501
    assert journal.runs() == []


async def test_a_run_is_there_under_its_whole_id_alone(kernel: Kernel, journal: Journal) -> None:
    assert not journal.has("run-1")
    await run(parse('<plan><function.W.look at="map"/></plan>'), kernel, journal=journal, ids=lambda: "run-1")
    assert [journal.has(each) for each in ("run-1", "1", "last", "")] == [True, False, False, False]


async def test_a_queued_run_waits_for_whoever_resumes_it_first(
    kernel: Kernel, journal: Journal, world: World, reopened: Callable[[], Journal]
) -> None:
    plan = parse('<plan goal="one"><input name="AT"/><function.W.look at="$AT"/></plan>')
    journal.queue("run-1", schedule(plan, kernel.skills), ContextVariables().with_variables({"AT": "map"}))
    assert [(each.id, each.status) for each in journal.runs("queued", "interrupted")] == [("run-1", "queued")]
    assert world.done == []
    result = await resume("run-1", kernel, journal=reopened())
    assert (result.status, result.value) == ("succeeded", "<map>")
    assert journal.runs("queued") == []


def test_a_process_has_a_name_as_an_owner_and_lives_until_it_ends(journal: Journal, place: str) -> None:
    assert journal.alive(journal.owner)
    assert not journal.alive("nobody")
    living = f"from forethought.planners import Journal; journal = Journal({place!r}, lease=0.5); print(journal.owner)"
    for ends in ("", "; import os, sys; sys.stdout.flush(); os.kill(os.getpid(), 9)"):
        other = subprocess.run([sys.executable, "-c", living + ends], capture_output=True, text=True, check=False)
        assert other.stdout
        while ends and journal.alive(other.stdout.strip()):
            pass
        assert not journal.alive(other.stdout.strip())


async def test_what_is_no_text_is_told_so(kernel: Kernel, journal: Journal) -> None:
    """A terminal hands on a byte that is no character as half of one."""
    await run(parse('<plan><function.W.look at="map"/></plan>'), kernel, journal=journal, ids=lambda: "run-1")
    said = r"'\\udce4' is no text: it has half of a character, or a byte that is none"
    with pytest.raises(JournalError, match=said):
        journal.history("\udce4")
    with pytest.raises(JournalError, match=said):
        journal.settle("run-1", "cancelled", name="\udce4")
    assert journal.decisions("run-1") == []
