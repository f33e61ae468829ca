"""A dispatch starts once or never."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from forethought.kernel.errors import EngineError
from forethought.planners.engines.starts import Starts


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database."""
    if request.param == "postgres":
        return str(request.getfixturevalue("database"))
    return f"sqlite:///{tmp_path / 'starts.db'}"


@pytest.fixture
def starts(address: str) -> Iterator[Starts]:
    """The marks in it."""
    opened = Starts(address, "'here'")
    opened.prepare()
    opened.prepare()
    yield opened
    opened.close()


def test_who_marks_it_first_may_start_it_and_may_ask_again(starts: Starts) -> None:
    assert [starts.start("run/1/1", token) for token in ("a", "b", "a")] == [True, False, True]
    assert starts.start("run/2/1", "b")


def test_what_is_void_never_starts(starts: Starts) -> None:
    assert starts.void("run/1/1")
    assert not starts.start("run/1/1", "a")
    assert starts.void("run/1/1")


def test_what_has_started_cannot_be_made_void(starts: Starts) -> None:
    assert starts.start("run/1/1", "a")
    assert not starts.void("run/1/1")
    assert starts.start("run/1/1", "a")


def test_of_many_at_once_one_wins(starts: Starts) -> None:
    won: list[str] = []
    ready = threading.Barrier(8)

    def try_it(number: int) -> None:
        ready.wait()
        if number % 2 and starts.start("run/1/1", str(number)):
            won.append(str(number))
        if not number % 2 and starts.void("run/1/1"):
            won.append("void")

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(won)) == 1


def test_marks_of_a_run_are_removed_and_no_others(starts: Starts) -> None:
    ids = ["run/1/1", "run/1[2].1/1.2", "run2/1/1", "ru/1/1"]
    for each in ids:
        starts.void(each)
    starts.forget("run")
    assert [starts.start(each, "a") for each in ids] == [True, True, False, False]


def test_a_database_that_cannot_be_reached_is_told_without_its_password() -> None:
    starts = Starts("postgresql://ada:hidden-word@127.0.0.1:1/work", "'postgresql://ada@127.0.0.1:1/work'")
    with pytest.raises(EngineError) as refused:
        starts.void("run/1/1")
    assert str(refused.value).startswith("the workers of 'postgresql://ada@127.0.0.1:1/work': the database says '")
    assert "hidden" not in str(refused.value)
