"""The cache of embeddings: what was made once is not made again, and a cache that does not work is none."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from forethought.kernel.memory.embedders import caching
from forethought.kernel.memory.embedders.caching import CachedEmbedder, cache_file

if TYPE_CHECKING:
    from forethought.kernel.memory.embedder import FloatMatrix


class Lengths:
    """An embedder whose vector of a text is its length; it keeps what it was asked."""

    def __init__(self, name: str = "lengths") -> None:
        self.name = name
        self.dimension = 1
        self.asked: list[list[str]] = []

    async def embed(self, texts: Sequence[str], /) -> FloatMatrix:
        self.asked.append([*texts])
        return np.array([[len(text)] for text in texts], dtype=np.float32).reshape(len(texts), 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "cache.sqlite3"


async def test_a_text_is_embedded_once_even_by_another_program(file: Path) -> None:
    first, second = Lengths(), Lengths()
    assert (await CachedEmbedder(first, file).embed(["a", "bb", "a"])).tolist() == [[1], [2], [1]]
    assert (await CachedEmbedder(second, file).embed(["ccc", "bb"])).tolist() == [[3], [2]]
    assert (first.asked, second.asked) == ([["a", "bb"]], [["ccc"]])


async def test_models_of_two_names_share_nothing(file: Path) -> None:
    one, other = Lengths("one"), Lengths("other")
    for each in (one, other):
        await CachedEmbedder(each, file).embed(["a"])
    assert other.asked == [["a"]]


def test_no_text_is_kept_and_nobody_else_may_look(file: Path) -> None:
    asyncio.run(CachedEmbedder(Lengths(), file).embed(["a secret"]))
    assert b"secret" not in file.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


async def test_the_oldest_go_first(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "MOST", 3)
    inner = Lengths()
    for text in ("a", "bb", "ccc", "dddd"):
        await CachedEmbedder(inner, file).embed([text])
    inner.asked.clear()
    await CachedEmbedder(inner, file).embed(["a", "bb", "ccc", "dddd"])
    assert inner.asked == [["a"]]


def test_a_damaged_file_is_made_anew(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"no database, but long enough to be looked at" * 100)
    first, second = Lengths(), Lengths()
    for inner in (first, second):
        assert asyncio.run(CachedEmbedder(inner, file).embed(["a"])).tolist() == [[1]]
    assert second.asked == []


@pytest.mark.parametrize("where", ["a file", "/proc/nothing", "a folder"])
async def test_without_a_cache_everything_works(where: str, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("", encoding="utf-8")
    (tmp_path / "a folder" / "cache").mkdir(parents=True)
    for file in (tmp_path / where / "cache", None):
        assert (await CachedEmbedder(Lengths(), file).embed(["a", "bb"])).tolist() == [[1], [2]]
        assert (await CachedEmbedder(Lengths(), file).embed([])).shape == (0, 1)


def test_a_file_of_another_program_is_left_alone(file: Path) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE embeddings (mine TEXT)")
    before = file.read_bytes()
    assert asyncio.run(CachedEmbedder(Lengths(), file).embed(["a"])).tolist() == [[1]]
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("environment", "folder"),
    [({"XDG_CACHE_HOME": "/x"}, "/x/forethought"), ({}, "~/.cache/forethought")],
)
@pytest.mark.skipif(os.name != "posix" or os.uname().sysname == "Darwin", reason="Linux keeps caches there")
def test_the_cache_is_where_the_user_keeps_caches(environment: dict[str, str], folder: str) -> None:
    assert cache_file(environment) == Path(folder).expanduser() / "embeddings-1.sqlite3"


def test_a_relative_cache_home_is_no_place() -> None:
    assert cache_file({"XDG_CACHE_HOME": "cache"}) is None
