"""Files that are no memory, not any more, or not to be written: each a clear error, and nothing in them is changed."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from forethought.kernel import Record, SemanticMemory
from forethought.kernel.errors import MemoryStoreError
from forethought.kernel.testing import HashEmbedder

SAVED = [Record(id=f"{number:03}", text=f"text number {number}") for number in range(200)]


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A memory of 200 texts, closed."""
    file = tmp_path / "folder" / "memory.db"
    async with SemanticMemory.open(file, embedder=HashEmbedder()) as memory:
        await memory.save_many("texts", SAVED)
    return file


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A file with nothing in it."""
    (tmp_path / "memory.db").touch()
    return tmp_path / "memory.db"


def digest(path: Path) -> str:
    """Return what tells one content from another."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


async def refusal(path: Path) -> str:
    """Return what is said to whoever searches, counts and saves: one sentence. The file stays as it is."""
    before = digest(path)
    said = set[str]()
    async with SemanticMemory.open(path, embedder=HashEmbedder()) as memory:
        for call in (memory.search("text"), memory.count(), memory.save("texts", "more")):
            with pytest.raises(MemoryStoreError) as caught:
                await call
            said.add(str(caught.value))
    assert digest(path) == before
    assert len(said) == 1
    return said.pop()


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "memory.db"
    file.write_text("Dear diary, " * 100, encoding="utf-8")
    assert await refusal(file) == (
        f"memory '{file}': it is not a memory, or it is damaged (name another file, or bring back a copy of it)"
    )


async def test_a_database_of_another_program(tmp_path: Path) -> None:
    file = tmp_path / "memory.db"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE bookmarks (url)")
    other.close()
    assert await refusal(file) == f"memory '{file}': it is a database of another program (name another file)"


async def test_a_file_from_the_future(path: Path) -> None:
    with sqlite3.connect(path) as later:
        later.execute("PRAGMA user_version = 7")
    later.close()
    assert await refusal(path) == (
        f"memory '{path}': a later forethought wrote it (version 7 of the file; this one knows 1) "
        "(upgrade forethought: pip install --upgrade forethought)"
    )


async def test_a_folder(tmp_path: Path) -> None:
    assert await refusal(tmp_path) == (
        f"memory '{tmp_path}': it cannot be opened (it must be a file, in a folder that you may read)"
    )


async def test_a_file_below_a_file(empty: Path) -> None:
    path = empty / "memory.db"
    async with SemanticMemory.open(path, embedder=HashEmbedder()) as memory:
        with pytest.raises(MemoryStoreError, match=r"Not a directory|File exists"):
            await memory.save("texts", "more")


async def test_an_empty_file_is_an_empty_memory(empty: Path) -> None:
    async with SemanticMemory.open(empty, embedder=HashEmbedder()) as memory:
        assert await memory.search("text") == []
        await memory.save("texts", "more", id="1")
        assert await memory.count() == 1


async def test_the_header_alone_is_damaged(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\0" * 100)
    assert "it is not a memory, or it is damaged" in await refusal(path)


def damage(path: Path, generator: random.Random, *, cut: bool) -> None:
    """Cut a file off somewhere, or write nonsense to forty places in it."""
    content = bytearray(path.read_bytes())
    if cut:
        del content[generator.randrange(len(content)) :]
    for _ in range(0 if cut else 40):
        at = generator.randrange(100, len(content) - 64)
        content[at : at + 64] = generator.randbytes(64)
    path.write_bytes(content)


@pytest.mark.parametrize("seed", range(12))
async def test_damage_anywhere_is_an_error_of_ours_or_none(path: Path, seed: int) -> None:
    """Pages of a damaged file may be read by nobody; where one is, the error says so. Nothing else is ever raised."""
    damage(path, random.Random(seed), cut=seed % 3 == 0)
    said = list[str]()
    async with SemanticMemory.open(path, embedder=HashEmbedder()) as memory:
        for call in (
            memory.search("number 7", mode="vector"),
            memory.search("number 7", mode="keyword"),
            memory.records("texts"),
            memory.save("texts", "more"),
            memory.save_many("texts", [Record(id=each.id, text=f"new {each.text}") for each in SAVED]),
            memory.remove("texts", [each.id for each in SAVED]),
        ):
            try:
                await call
            except MemoryStoreError as error:
                said.append(str(error))
    assert all(
        "damaged" in each or "cannot be" in each or "of another program" in each or "embedded by" in each
        for each in said
    ), said


# Code that runs elsewhere: as another user, since root may write everything, and under limits

BEGIN = """
import asyncio, os, sys, urllib.parse
import forethought.kernel.memory.database  # all that is imported later: the other user may not read it
from forethought.kernel import SemanticMemory
from forethought.kernel.testing import HashEmbedder
path = sys.argv[1]
"""
AS_NOBODY = BEGIN + "os.getuid() or os.setuid(65534)\n"


def output(code: str, *arguments: object) -> str:
    """Run `code` in a process of its own, and return what it prints."""
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


READ_AND_WRITE = """
async def main():
    async with SemanticMemory.open(path, embedder=HashEmbedder()) as memory:
        print([hit.record.id for hit in await memory.search('number 7', limit=1)], await memory.count())
        try:
            await memory.save('texts', 'more')
        except Exception as error:
            print(type(error).__name__, error)
asyncio.run(main())
"""


@pytest.fixture
def open_to_all(path: Path) -> Iterator[Path]:
    """The memory, in a folder that everybody may enter; pytest keeps its own ones to itself."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "folder")
        folder.mkdir()
        Path(name).chmod(0o755)
        yield Path(shutil.copy(path, folder))
        folder.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Windows are another matter")
@pytest.mark.parametrize("folder", [0o555, 0o777])
def test_a_file_that_is_read_only_is_read_and_not_written(open_to_all: Path, folder: int) -> None:
    path = open_to_all
    path.chmod(0o444)
    path.parent.chmod(folder)
    before = path.read_bytes()
    said = output(AS_NOBODY + READ_AND_WRITE, path)
    assert said == (
        "['007'] 200\n"
        f"MemoryStoreError memory '{path}': it is read-only (its file and its folder must be yours to write)"
    )
    assert path.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Windows are another matter")
def test_a_file_that_may_not_be_read(open_to_all: Path) -> None:
    open_to_all.chmod(0)
    code = READ_AND_WRITE.replace("print([", "try: print([").replace(
        "count())\n", "count())\n        except Exception as error: print(error)\n", 1
    )
    assert output(AS_NOBODY + code, open_to_all).splitlines()[0] == (
        f"memory '{open_to_all}': it cannot be opened (it must be a file, in a folder that you may read)"
    )


# A full disk


FILL = """
import resource
async def main():
    async with SemanticMemory.open(path, embedder=HashEmbedder()) as memory:
        print(await memory.count())
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
        try:
            for number in range(10_000):
                await memory.save('more', f'text {number} ' * 50, id=str(number))
                saved = number
        except Exception as error:
            print(type(error).__name__, error)
        print(saved)
        print(len(await memory.search('text', limit=5)), await memory.count('texts'), await memory.count('more'))
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits on Windows")
async def test_no_space_is_an_error_and_what_was_saved_is_there(path: Path) -> None:
    before, error, last, after = output(BEGIN + FILL, path, 2_000_000).splitlines()
    saved = int(last) + 1
    assert saved > 10
    assert (before, after) == ("200", f"5 200 {saved}")
    assert error.startswith(f"MemoryStoreError memory '{path}': ")
    assert "what was kept before is there" in error
    async with SemanticMemory.open(path, embedder=HashEmbedder()) as memory:
        assert (await memory.count("texts"), await memory.count("more")) == (200, saved)
        await memory.save("more", "there is space again")
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
