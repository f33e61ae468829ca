"""A journal that many machines share: who owns a run, a server that goes away, and what is never shown."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import JournalError
from forethought.planners import Journal, parse, resume, run
from tests.servers.cutting import Line

if TYPE_CHECKING:
    from forethought.planners.journaling.store import Rows
    from tests.servers.postgres import Postgres

PLAN = parse('<plan goal="three"><function.T.do input="a"/><function.T.do input="b"/><function.T.do input="c"/></plan>')


class Doing:
    """A kernel with one function that writes, what it did, and what happens to the world in the middle of `b`."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self.kernel = Kernel()
        self.kernel.add_functions(self, "T")

    @skill(effect="writes:world")
    async def do(self, input: str) -> str:
        """Do something."""
        self.done.append(input)
        if input == "b":
            self.meanwhile()
        return input


@pytest.fixture
def doing() -> Doing:
    return Doing()


@pytest.fixture
def opened(database: str) -> Iterator[Callable[..., Journal]]:
    """Opens journals at the database, each as a process of its own would."""
    with ExitStack() as stack:

        def opened(*, patience: float = 30.0) -> Journal:
            return stack.enter_context(closing(Journal(database, patience=patience)))

        yield opened


def python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


# Owners


def test_many_that_make_the_tables_at_once_make_them_once(database: str, postgres: Postgres) -> None:
    code = f"from forethought.planners import Journal\ninput()\njournal = Journal({database!r})\nprint(journal.owner)"
    processes = [python(code) for _ in range(4)]
    for each in processes:
        assert each.stdin
        each.stdin.write("go\n")
        each.stdin.flush()
    assert len({each.communicate()[0] for each in processes}) == 4
    assert [each.returncode for each in processes] == [0] * 4
    assert postgres.tell("SELECT number FROM forethought.version", database) == [(1,)]


async def test_of_many_that_want_a_run_one_wins(doing: Doing, opened: Callable[..., Journal]) -> None:
    await run(PLAN, doing.kernel, journal=opened(), ids=lambda: "run-1")
    together, over = threading.Barrier(8), threading.Barrier(8)
    won: list[str] = []

    def want(journal: Journal) -> None:
        assert journal.alive(journal.owner)
        together.wait()
        try:
            with journal.claim("run-1"):
                won.append(journal.owner)
                over.wait()
        except JournalError:
            over.wait()

    threads = [threading.Thread(target=want, args=(opened(),)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(won) == 1


WORKING = """
import asyncio, sys
from forethought.kernel import Kernel, skill
from forethought.planners import Journal, parse, run

@skill(effect="writes:world", idempotent=True)
async def do(input: str) -> str:
    "Do something."
    print("did", input, flush=True)
    sys.stdin.readline()
    return input

kernel = Kernel()
kernel.add_functions(do, "T")
plan = parse('<plan><function.T.do input="a"/><function.T.do input="b"/></plan>')
journal = Journal({database!r}, lease=0.5)
print(journal.owner, flush=True)
result = asyncio.run(run(plan, kernel, journal=journal, ids=lambda: "run-1"))
print(result.status, result.error)
"""


async def test_a_process_that_was_taken_for_dead_writes_nothing_more_and_starts_no_step(
    database: str, opened: Callable[..., Journal]
) -> None:
    """Its lease has run out, since it was stopped; what it was about to do, another one has done."""
    done: list[str] = []

    @skill(effect="writes:world", idempotent=True)
    async def do(input: str) -> str:
        """Do something."""
        done.append(input)
        return input

    kernel, journal = Kernel(), opened()
    kernel.add_functions(do, "T")
    with python(WORKING.format(database=database)) as other:
        assert other.stdin
        assert other.stdout
        owner = other.stdout.readline().strip()
        assert other.stdout.readline() == "did a\n"
        assert [each.status for each in journal.runs()] == ["running"]
        other.send_signal(signal.SIGSTOP)
        while journal.alive(owner):
            pass
        assert [each.status for each in journal.runs()] == ["interrupted"]
        result = await resume("run-1", kernel, journal=journal)
        assert (result.value, done) == ("b", ["a", "b"])
        before = journal.history("run-1").entries
        other.send_signal(signal.SIGCONT)
        said, _ = other.communicate("go on\n")
        assert said == (
            f"failed step 2, T.do, failed: the journal '{database}': 'run-1' has been taken over: its process was "
            "not heard of for longer than its lease (forethought runs show run-1 tells how far it is) "
            '(where input is "b")\n'
        )
        assert journal.history("run-1").entries == before
        assert [each.status for each in journal.runs()] == ["succeeded"]


def test_a_process_that_ends_gives_its_lease_back_at_once(database: str, opened: Callable[..., Journal]) -> None:
    """Whether or not it closes the journal; no lease runs out here, as it is of 15 seconds."""
    code = f"from forethought.planners import Journal\njournal = Journal({database!r})\nprint(journal.owner)"
    with python(code) as other:
        owner = other.communicate()[0].strip()
    assert owner
    assert not opened().alive(owner)


def test_a_server_that_was_away_has_heard_of_nobody_so_all_leases_begin_anew(
    database: str, postgres: Postgres, opened: Callable[..., Journal]
) -> None:
    journal = opened()
    assert journal.owner
    postgres.tell("INSERT INTO forethought.owners VALUES ('old', now() - interval '1 hour', 0.001)", database)
    assert not journal.alive("old")
    postgres.stop()
    postgres.start()
    postgres.tell("UPDATE forethought.owners SET lease = 100 WHERE name = 'old'", database)
    assert journal.alive("old"), "which was heard of an hour ago"


# A server that goes away


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_run_waits_for_a_server_that_is_started_again(
    doing: Doing, postgres: Postgres, opened: Callable[..., Journal], how: str
) -> None:
    journal = opened()

    def restart() -> None:
        getattr(postgres, how)()
        starting.start()

    starting = threading.Thread(target=postgres.start)
    doing.meanwhile = restart
    result = await run(PLAN, doing.kernel, journal=journal)
    starting.join()
    assert (result.status, result.value, doing.done) == ("succeeded", "c", ["a", "b", "c"])
    kinds = [each.kind for each in journal.history("last").entries]
    assert kinds == ["run_started", *["step_started", "step_finished"] * 3, "run_finished"]


@pytest.mark.parametrize("last", [b"INSERT INTO entries", b"COMMIT"])
async def test_what_the_server_has_done_and_not_answered_is_not_written_twice(
    doing: Doing, database: str, postgres: Postgres, opened: Callable[..., Journal], last: bytes
) -> None:
    line = Line(postgres.port, last)
    with closing(line), closing(Journal(database.replace(str(postgres.port), str(line.port)))) as journal:
        assert opened().owner  # the tables are there
        result = await run(PLAN, doing.kernel, journal=journal)
    assert (result.status, result.value, doing.done) == ("succeeded", "c", ["a", "b", "c"])
    assert line.cut == 1
    kinds = [each.kind for each in opened().history("last").entries]
    assert kinds == ["run_started", *["step_started", "step_finished"] * 3, "run_finished"]


def test_what_was_begun_when_the_connection_ended_is_done_anew(
    postgres: Postgres, opened: Callable[..., Journal]
) -> None:
    ended: list[int] = []

    def end_it_once(rows: Rows) -> int:
        (process,) = rows.execute("SELECT pg_backend_pid()").fetchone()
        if not ended:
            postgres.tell(f"SELECT pg_terminate_backend({process})")
        ended.append(process)
        return int(rows.execute("SELECT count(*) FROM runs").fetchone()[0])

    assert opened()._store.transact(end_it_once) == 0  # pyright: ignore[reportPrivateUsage]
    assert len({*ended}) == 2


async def test_a_server_that_stays_away_ends_the_run_before_the_next_step_and_it_can_be_resumed(
    doing: Doing, postgres: Postgres, database: str, opened: Callable[..., Journal]
) -> None:
    journal = opened(patience=0.1)
    doing.meanwhile = postgres.stop
    result = await run(PLAN, doing.kernel, journal=journal, ids=lambda: "run-1")
    postgres.start()
    assert (result.status, doing.done) == ("failed", ["a", "b"])
    assert result.error == (
        f"step 3, T.do, failed: the journal '{database}': the server has been gone for 0.1 seconds "
        '(what it has is kept; resume the run once it is back) (where input is "c")'
    )
    assert [(each.id, each.state) for each in journal.history("run-1").steps.values()] == [
        ("1", "succeeded"),
        ("2", "succeeded"),
        ("3", "failed"),
    ]
    assert (await resume("run-1", doing.kernel, journal=journal)).value == "c"
    assert doing.done == ["a", "b", "c"]


async def test_a_run_that_was_lost_and_is_free_again_goes_on_where_it_was_lost(
    doing: Doing, postgres: Postgres, database: str, opened: Callable[..., Journal]
) -> None:
    """Its process was cut off, and comes back when whoever took the run over is gone as well."""
    journal = opened(patience=0.1)

    def taken_over() -> None:
        postgres.tell("UPDATE forethought.leases SET owner = 'another'", database)
        postgres.stop()

    doing.meanwhile = taken_over
    assert (await run(PLAN, doing.kernel, journal=journal, ids=lambda: "run-1")).status == "failed"
    postgres.start()
    assert [each.status for each in journal.runs()] == ["interrupted"]
    doing.meanwhile = lambda: None
    history = journal.history("run-1")
    journal.settle_step("run-1", history.steps["2"], "done", output="b")
    assert (await resume("run-1", doing.kernel, journal=journal)).value == "c"


def test_a_server_that_is_not_there_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(JournalError) as error:
        Journal(f"postgresql://ada:hunter2@127.0.0.1:{port}/work").runs()
    assert str(error.value) == (
        f"the journal 'postgresql://ada@127.0.0.1:{port}/work': it cannot be reached: connection to server at "
        f'"127.0.0.1", port {port} failed: Connection refused (see whether it runs, and has this name and user; '
        "a password may be in PGPASSWORD or ~/.pgpass)"
    )


# What is refused, and what is never shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://ada:hunter2@127.0.0.1:1/work", "postgresql://ada@127.0.0.1:1/work"),
        ("postgres://127.0.0.1:1/work?user=ada&password=hunter2", "postgres://127.0.0.1:1/work"),
        ("postgresql://ada:hunter2/x@y@127.0.0.1:1/work", "postgresql://ada@127.0.0.1:1/work"),
        ("postgresql://ada:hunter2%zz@127.0.0.1:1/work", "postgresql://ada@127.0.0.1:1/work"),
        ("postgresql://ada:hunter2#@127.0.0.1:1/work", "postgresql://ada@127.0.0.1:1/work"),
        ("postgresql://:hunter2@[::1/work", "postgresql://[::1/work"),
    ],
)
def test_a_password_is_shown_nowhere(address: str, shown: str) -> None:
    with pytest.raises(JournalError) as error:
        Journal(address).runs()
    told: BaseException | None = error.value
    assert f"the journal '{shown}'" in str(told)
    while told:
        assert "hunter2" not in f"{told} {told!r}"
        told = told.__cause__
    try:
        journal = Journal(address)
    except JournalError:
        return
    assert repr(journal) == f"Journal('{shown}')"


def test_reading_makes_no_tables(database: str, postgres: Postgres, opened: Callable[..., Journal]) -> None:
    journal = opened()
    assert journal.runs() == []
    assert not journal.alive("nobody")
    with pytest.raises(JournalError, match="it has no run 'last'"):
        journal.history("last")
    assert postgres.tell("SELECT nspname FROM pg_namespace WHERE nspname = 'forethought'", database) == []


def test_a_schema_of_another_program_is_not_touched(
    database: str, postgres: Postgres, opened: Callable[..., Journal]
) -> None:
    postgres.tell("CREATE SCHEMA forethought", database)
    postgres.tell("CREATE TABLE forethought.songs (title text)", database)
    for call in (opened().runs, lambda: opened().owner):
        with pytest.raises(JournalError, match="its schema 'forethought' is one of another program"):
            call()


def test_tables_of_a_later_version_are_refused(
    database: str, postgres: Postgres, opened: Callable[..., Journal]
) -> None:
    assert opened().owner
    postgres.tell("UPDATE forethought.version SET number = 99", database)
    with pytest.raises(JournalError, match="a later forethought wrote it"):
        opened().runs()


def test_who_may_not_make_the_tables_is_told_so(database: str, postgres: Postgres) -> None:
    postgres.tell("DROP ROLE IF EXISTS guest")
    postgres.tell("CREATE ROLE guest LOGIN")
    with closing(Journal(database.replace("tester", "guest"))) as journal:
        with pytest.raises(JournalError) as error:
            journal.settle("last", "approved")
        name = database.rpartition("/")[2]
        assert str(error.value) == (
            f"the journal '{database.replace('tester', 'guest')}': PostgreSQL says 'permission denied for database "
            f"{name}' (its user must be one who may make a schema 'forethought', or to whom that belongs)"
        )


def test_without_the_driver_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "forethought.planners.journaling.postgres", raising=False)
    with pytest.raises(JournalError) as error:
        Journal("postgresql://db.example.org/work")
    assert str(error.value) == (
        "the journal 'postgresql://db.example.org/work': psycopg is not installed (pip install 'forethought[postgres]')"
    )
