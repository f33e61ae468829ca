"""One file, several processes: writers are killed, readers go on, and two that add the same end with one copy."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from forethought.kernel import SemanticMemory
from forethought.kernel.testing import HashEmbedder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork and no SIGKILL on Windows")

BEGIN = """
import asyncio, os, random, select, signal, sys
import forethought.kernel.memory.database
from forethought.kernel import Record, SemanticMemory
from forethought.kernel.testing import HashEmbedder

path, number = sys.argv[1], int(sys.argv[2])

def opened():
    return SemanticMemory.open(path, embedder=HashEmbedder())
"""

# A writer saves batches of five and tells each one that is kept; it is killed at a random moment within 20 ms after it
# has told so many, or, every fifth one, within 50 ms of its start. Fifty of them, each a process of its own.
KILLED = (
    BEGIN
    + """
async def write(turn, told):
    async with opened() as memory:
        for batch in range(1000):
            said = {f"{turn}-{batch}-{each}": f"turn {turn} batch {batch} text {each}" for each in range(5)}
            await memory.save_many("texts", [Record(id=id, text=text) for id, text in said.items()])
            if batch % 3 == 2:
                await memory.save("texts", f"turn {turn} batch {batch} rewritten", id=f"{turn}-{batch}-0")
                await memory.remove("texts", [f"{turn}-{batch}-1"])
            os.write(told, f"{turn} {batch}\\n".encode())

generator = random.Random(7)
for turn in range(number):
    ours, told = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        asyncio.run(write(turn, told))
        os._exit(1)  # a thousand batches without being killed
    os.close(told)
    heard = b""
    for _ in range(turn % 5):  # so many tell something before
        heard += os.read(ours, 1 << 16)
    select.select([], [], [], generator.uniform(0, 0.02 if heard else 0.05))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    with open(ours, "rb") as pipe:
        sys.stdout.write((heard + pipe.read()).decode())
"""
)

# A reader searches until its input ends: through one opening, and through a new one each time.
READER = (
    BEGIN
    + """
async def read():
    most = searches = 0
    async with opened() as memory:
        while not select.select([sys.stdin], [], [], 0)[0]:
            async with opened() as fresh:
                for each in (memory, fresh):
                    count = await each.count("texts")
                    assert count >= most - 2, (count, most)  # a batch may be followed by one removal
                    most = max(most, count)
                    for mode in ("vector", "keyword", "hybrid"):
                        hits = await each.search("turn 3 batch 1 text 2", mode=mode, limit=5)
                        assert len(hits) == min(5, count) or count < 5, (len(hits), count)
                        searches += 1
    print(searches)
asyncio.run(read())
"""
)

# Both add the same texts, in an order of their own.
SAME = (
    BEGIN
    + """
async def add():
    records = [Record(text=f"document {each}", source="doc.txt", chunk=each) for each in range(300)]
    random.Random(number).shuffle(records)
    print("ready", flush=True)
    sys.stdin.readline()
    async with opened() as memory:
        for begin in range(0, 300, 20):
            await memory.save_many("documents", records[begin:begin + 20])
asyncio.run(add())
"""
)


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Start `code` in a process of its own, with pipes."""
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def finish(process: subprocess.Popen[str], said: str = "") -> str:
    """Say the last thing to a process and return what it printed; it must have ended well."""
    output, errors = process.communicate(said, timeout=100)
    assert process.returncode == 0, errors
    return output


def assert_sound(path: Path) -> None:
    """The file, its keyword index and its vectors fit one another."""
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
        records = connection.execute("SELECT number FROM records ORDER BY number").fetchall()
        assert connection.execute("SELECT record FROM vectors ORDER BY record").fetchall() == records
    finally:
        connection.close()


async def test_fifty_killed_writers_lose_nothing_they_told_and_readers_never_fail(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    readers = [start(READER, path, 0) for _ in range(2)]
    told = [tuple(map(int, line.split())) for line in finish(start(KILLED, path, 50)).splitlines()]
    assert [int(finish(reader, "stop\n")) > 10 for reader in readers] == [True, True]
    assert len({turn for turn, _ in told}) >= 40, "most are killed while they write, not before"
    assert_sound(path)
    async with SemanticMemory.open(path, embedder=HashEmbedder()) as memory:
        held = {each.id: each for each in await memory.records("texts")}
        for turn, batch in told:
            changed = batch % 3 == 2
            assert (f"{turn}-{batch}-1" in held) != changed
            assert held[f"{turn}-{batch}-0"].text.endswith("rewritten" if changed else "text 0")
            assert all(f"{turn}-{batch}-{each}" in held for each in (2, 3, 4))
        batches = {each.rpartition("-")[0] for each in held}
        assert all(f"{each}-4" in held and f"{each}-0" in held for each in batches), (
            "a batch is all there or not at all"
        )
        for record in list(held.values())[:: max(1, len(held) // 50)]:
            (hit,) = await memory.search(record.text, mode="vector", limit=1)
            assert hit.found[0].score == pytest.approx(1, abs=1e-5)
            assert np.isclose(hit.relevance, 1)


async def test_two_processes_that_add_the_same_end_with_one_copy(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    both = [start(SAME, path, seed) for seed in range(2)]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in both:
        finish(process)
    assert_sound(path)
    async with SemanticMemory.open(path, embedder=HashEmbedder()) as memory:
        assert [each.chunk for each in await memory.records("documents")] == list(range(300))
        assert len(await memory.search("document", limit=1000, mode="vector")) == 300
