"""Journals that cannot be written or read: a clear error, nothing runs that nobody would know of, nothing is lost."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import JournalError
from forethought.planners import Journal, RunResult, parse, resume, run
from forethought.planners.journaling.sqlite import SqliteStore

PLAN = parse('<plan goal="write"><function.T.write text="a"/><function.T.write text="b"/></plan>')
FIXTURES = Path(__file__).parents[1] / "fixtures"


class Writer:
    """A function that writes, and a count of it."""

    def __init__(self) -> None:
        self.written: list[str] = []

    @skill(effect="writes:disk")
    async def write(self, text: str) -> str:
        """Write a text."""
        self.written.append(text)
        return text * 3000


@pytest.fixture
def writer() -> Writer:
    return Writer()


@pytest.fixture
def kernel(writer: Writer) -> Kernel:
    made = Kernel()
    made.add_functions(writer, "T")
    return made


async def start(kernel: Kernel, path: Path) -> RunResult:
    return await run(PLAN, kernel, journal=Journal(path))


async def test_what_is_no_journal_is_refused_and_nothing_runs(kernel: Kernel, writer: Writer, tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    path.write_bytes(b"This is a letter, and no database." * 100)
    with pytest.raises(JournalError) as error:
        await start(kernel, path)
    assert str(error.value) == (
        f"the journal '{path}': it is not a journal, or it is damaged (name another file, or bring back a copy of it)"
    )
    assert writer.written == []


async def test_a_damaged_journal_says_so(kernel: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    journal = Journal(path)
    await run(PLAN, kernel, journal=journal)
    journal.close()
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(JournalError, match="it is damaged"):
        Journal(path).history("last")


async def test_a_database_of_another_program_is_not_touched(kernel: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE songs (title)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="it is a database of another program"):
        await start(kernel, path)
    assert path.read_bytes() == before


async def test_a_journal_of_a_later_version_is_refused(kernel: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    await start(kernel, path)
    later = sqlite3.connect(path)
    later.execute("PRAGMA user_version = 99")
    later.close()
    with pytest.raises(JournalError, match="a later forethought wrote it"):
        Journal(path).runs()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is read-only for this user")
async def test_a_read_only_folder_is_an_error_before_anything_runs(
    kernel: Kernel, writer: Writer, tmp_path: Path
) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(JournalError):
        await start(kernel, folder / "runs.db")
    assert writer.written == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no file system here is read-only for everybody")
async def test_where_nobody_can_write_is_an_error_before_anything_runs(kernel: Kernel, writer: Writer) -> None:
    with pytest.raises(JournalError, match=r"the journal '/proc/self/runs\.db': it cannot be opened"):
        await start(kernel, Path("/proc/self/runs.db"))
    assert writer.written == []


async def test_a_folder_that_cannot_be_made_is_an_error_before_anything_runs(
    kernel: Kernel, writer: Writer, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(JournalError, match=r"the journal '.*runs\.db': "):
        await start(kernel, tmp_path / "file" / "runs.db")
    assert writer.written == []


@pytest.mark.parametrize("pages", range(14, 22))
async def test_on_a_full_disk_no_further_step_starts_and_what_was_done_is_known(
    kernel: Kernel, writer: Writer, tmp_path: Path, pages: int
) -> None:
    """Whatever the page at which it is full: the run is resumed once there is space, and each text is written once."""
    journal = Journal(tmp_path / "runs.db")
    store = journal._store  # pyright: ignore[reportPrivateUsage]
    assert isinstance(store, SqliteStore)
    file = store._open()  # pyright: ignore[reportPrivateUsage]
    file.execute(f"PRAGMA max_page_count = {pages}")
    try:
        result = await run(PLAN, kernel, journal=journal)
    except JournalError:
        assert writer.written == []
        return
    if not result.ok:
        assert "there is no space left" in (result.error or "")
    file.execute("PRAGMA max_page_count = 10000")
    known = [step.id for step in result.steps if step.status == "succeeded"]
    assert len(writer.written) == len(known)
    if journal.runs()[0].status != "succeeded":
        again = await resume("last", kernel, journal=journal)
        assert again.status in ("succeeded", "in_doubt")
        assert writer.written in (["a"], ["a", "b"])


@pytest.fixture(params=["journal-1.db", "journal-1.sql"])
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    """A journal as the first version wrote it, in a file or in a database; the fixture is never written again."""
    kept = FIXTURES / str(request.param)
    place = str(tmp_path / "runs.db")
    if kept.suffix == ".db":
        Path(place).write_bytes(kept.read_bytes())
    else:
        place = request.getfixturevalue("database")
        request.getfixturevalue("postgres").tell(kept.read_text(encoding="utf-8"), place)
    with closing(Journal(place)) as journal:
        yield journal


async def test_a_journal_that_an_earlier_version_wrote_is_read_and_its_run_goes_on(
    kernel: Kernel, writer: Writer, earlier: Journal
) -> None:
    assert [(each.id, each.goal, each.status) for each in earlier.runs()] == [
        ("run-2", "write", "succeeded"),
        ("run-1", "write", "interrupted"),
    ]
    assert [(each.id, each.state) for each in earlier.history("run-1").steps.values()] == [("1", "succeeded")]
    result = await resume("run-1", kernel, journal=earlier)
    assert (result.status, result.value, writer.written) == ("succeeded", "b" * 3000, ["b"])
