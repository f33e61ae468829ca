"""Runs that are killed at any instant, and go on until they are done: `killing.py FOLDER COUNT SEED [DATABASE]`.

For each instant a process is forked, in which the plan runs, and killed; then others, in which it is resumed, of which
the first is killed as well half of the time. Each effect adds one line to a file. What is in doubt is settled by
looking there, as a person would. Prints a line of JSON for each instant. The journals are in files, or in a database.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import NamedTuple

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import JournalError
from forethought.planners import Journal, RunResult, parse, resume, run
from forethought.planners.journaling.resuming import doubts

PLAN = """
<plan goal="Twelve steps, with branches side by side and a loop">
  <function.Work.look input="start" setContextVariable="A"/>
  <function.Work.left input="$A 1" setContextVariable="L1"/>
  <function.Work.right input="$A 2" setContextVariable="R1"/>
  <function.Work.left input="$L1 3" setContextVariable="L2"/>
  <function.Work.right input="$R1 4" setContextVariable="R2"/>
  <foreach item="WHO" in='["x", "y", "z"]' setContextVariable="SENT">
    <function.Work.look input="$WHO $A" setContextVariable="SEEN"/>
    <function.Work.post input="$SEEN"/>
  </foreach>
  <if test="L2 != ''">
    <function.Work.stamp input="$L2"/>
    <function.Work.note input="yes $R2" setContextVariable="B"/>
  </if>
  <else>
    <function.Work.note input="no" setContextVariable="B"/>
  </else>
  <function.Work.look input="$L2 | $R2" setContextVariable="C"/>
  <function.Work.note input="$C | $B | $SENT" appendToResult="RESULT"/>
  <function.Work.look input="done" appendToResult="RESULT"/>
</plan>
"""


def kernel(folder: Path) -> Kernel:
    """Return a kernel with functions that take a moment, and count what they do to the world."""
    effects = os.open(folder / "effects.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    made = Kernel()

    @skill(effect="reads:world")
    async def look(input: str) -> str:
        """Look at something."""
        await asyncio.sleep(0.002)
        return f"<{input}>"

    @skill(effect="writes:stamps", idempotent=True)
    async def stamp(input: str) -> str:
        """Stamp something."""
        await asyncio.sleep(0.002)
        return f"[{input}]"

    def writer(name: str) -> Callable[..., object]:
        @skill(name=name, effect=f"writes:{name}")
        async def write(input: str) -> str:
            """Change the world."""
            await asyncio.sleep(0.002)
            os.write(effects, f"{json.dumps([f'Work.{name}', input])}\n".encode())
            await asyncio.sleep(0.001)
            return f"{name}({input})"

        return write

    for function in (look, stamp, *map(writer, ("left", "right", "post", "note"))):
        made.add_functions(function, "Work")
    return made


def effects(folder: Path) -> list[tuple[str, str]]:
    """Return what was done to the world, each effect as the function and what it was given."""
    file = folder / "effects.txt"
    return [tuple(json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []


def opened(folder: Path) -> Journal:
    """Return the journal of the run, which has the name of its folder: in the database that the environment names."""
    database = os.environ.get("KILLING_DATABASE")
    return Journal(database, lease=0.3) if database else Journal(folder / "runs.db")


async def begin(folder: Path) -> str:
    """Run the plan, and return what it came to."""
    result = await run(parse(PLAN), kernel(folder), journal=opened(folder), ids=lambda: folder.name)
    return json.dumps([result.status, result.value, list(result.variables.items())])


async def resumed(folder: Path, functions: Kernel, journal: Journal) -> RunResult:
    """Resume the run, as soon as nobody has it: who has ended it may have been killed before it gave it back."""
    while True:
        try:
            return await resume(folder.name, functions, journal=journal)
        except JournalError as error:
            if "at this moment" not in str(error):
                raise
            await asyncio.sleep(0.02)


async def go_on(folder: Path) -> str:
    """Go on with the run, or begin where it had not; settle what is in doubt, if it still is in doubt unasked."""
    journal, functions = opened(folder), kernel(folder)
    while (status := {each.id: each.status for each in journal.runs()}.get(folder.name)) == "running":  # noqa: ASYNC110
        await asyncio.sleep(0.02)  # until it is known that its process is gone
    if status is None:
        return await begin(folder)
    before = effects(folder)
    result = await resumed(folder, functions, journal)
    if result.status != "in_doubt":
        return json.dumps([result.status, result.value, list(result.variables.items())])
    assert effects(folder) == before, "something ran while a step was in doubt"
    history = journal.history(folder.name)
    for past in doubts(history, functions.skills):
        given = str(history.arguments(past)["input"][0])
        if (past.function, given) in before:
            journal.settle_step(folder.name, past, "done", output=f"{past.function.partition('.')[2]}({given})")
        else:
            journal.settle_step(folder.name, past, "redo")
    return json.dumps(["in_doubt", [step.id for step in result.steps if step.status == "in_doubt"]])


def forked(
    work: Callable[[Path], Coroutine[object, object, str]], place: Path, killed_after: float | None
) -> str | None:
    """Do `work` at `place` in a process of its own, and return what it says; None where it was killed before."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        said = asyncio.run(work(place))
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    if killed_after is not None:
        time.sleep(killed_after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    assert said or os.WIFSIGNALED(status), "it failed by itself"
    return said or None


class Killed(NamedTuple):
    """A run that was killed and resumed until it was done: how often, how often something was in doubt, its end."""

    kills: int
    resumes: int
    doubtful: int
    outcome: list[object]
    effects: list[tuple[str, str]]


def sweep(folder: Path, seed: int) -> Iterator[Killed]:
    """Kill one run after the other, without end, and yield what came of each; the first one is not killed."""
    chance = random.Random(seed)
    asyncio.run(run(parse(PLAN), kernel(folder)))  # so that all is imported before anything is forked
    opened(folder)
    longest = 0.0
    for number in itertools.count():
        place = folder / str(number)
        place.mkdir()
        started = time.perf_counter()
        said = forked(begin, place, chance.uniform(0, longest) if number else None)
        if not number:
            longest = (time.perf_counter() - started) * 1.05
        kills, resumes, doubtful = int(said is None), 0, 0
        while said is None or json.loads(said)[0] == "in_doubt":
            doubtful += said is not None
            again = kills == 1 and chance.random() < 0.5
            said = forked(go_on, place, chance.uniform(0, longest) if again else None)
            kills += said is None
            resumes += 1
        yield Killed(kills, resumes, doubtful, json.loads(said), effects(place))


def main(folder: Path, count: int, seed: int) -> None:
    """Kill as many runs, and print what came of each; the first line is of one that was not killed."""
    for each in itertools.islice(sweep(folder, seed), count + 1):
        print(json.dumps(each._asdict()))


if __name__ == "__main__":
    os.environ["KILLING_DATABASE"] = (*sys.argv, "")[4]
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
