"""`forethought worker`, and `run --engine dbos` and what can be said of such a run, with a worker in a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought

MAIL = '<plan goal="Mail"><function.Emailer.sendEmail emailaddress="a@b" message="hello"/></plan>'
SQLITE = "sqlite:///runs.db"

Worker = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def mail(workplace: Path) -> Path:
    """A plan with an effect."""
    file = workplace / "mail.xml"
    file.write_text(MAIL, encoding="utf-8")
    return file


@pytest.fixture
def worker(workplace: Path, packs: Path) -> Iterator[Worker]:
    """Start workers, which are gone after the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "forethought.cli", "worker", "--skills", str(packs), *arguments]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=workplace, env=dict(os.environ))
        started.append(process)
        assert process.stderr
        assert "is at work for" in process.stderr.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_run_is_handed_in_and_comes_to_what_it_would_here(
    forethought: Forethought, worker: Worker, mail: Path, workplace: Path
) -> None:
    at_work = worker("--database", SQLITE)
    done = forethought("run", str(mail), "--yes", "--engine", "dbos", "--database", SQLITE)
    assert (done.status, done.output) == (0, "sent to a@b\n")
    handed, *told = done.messages.splitlines()
    assert handed.startswith("handed in: ")
    assert told[-4:] == [
        "running 1 step",
        "[1] Emailer.sendEmail started",
        "[1] Emailer.sendEmail done: sent to a@b",
        "run succeeded",
    ]
    there = forethought("run", str(mail), "--yes", "--engine", "dbos", "--database", SQLITE, "--json")
    here = forethought("run", str(mail), "--yes", "--no-journal", "--json")
    for key in ("status", "value", "results", "variables", "usage", "error"):
        assert there.json[key] == here.json[key]
    assert [each["output"] for each in there.rows("steps")] == [each["output"] for each in here.rows("steps")]
    assert (workplace / "sent.txt").read_text(encoding="utf-8").count("\n") == 3
    at_work.send_signal(signal.SIGTERM)
    _, said = at_work.communicate(timeout=60)
    assert (at_work.returncode, said) == (0, "leaving: what runs here goes on elsewhere\n")


def test_a_run_that_waits_goes_on_with_the_workers_once_it_is_approved(
    forethought: Forethought, worker: Worker, mail: Path, workplace: Path
) -> None:
    """The settings name the database, for every command."""
    (workplace / "forethought.toml").write_text(
        f'[engine]\ndatabase = "{SQLITE}"\n[approval]\neach = ["Emailer.*"]\n', encoding="utf-8"
    )
    worker()
    waiting = forethought("run", str(mail), "--engine", "dbos", "--json")
    run = str(waiting.json["run"])
    assert (waiting.status, waiting.json["status"]) == (3, "waiting")
    agreed = forethought("approve", run, "--resume")  # to the plan
    assert (agreed.status, "waits for an approval" in agreed.messages) == (3, True)
    assert not (workplace / "sent.txt").exists()
    approved = forethought("approve", run, "--as", "Ada")  # to the call
    assert approved.messages.endswith(f"approved: step 1 of {run}\n  the workers go on with it\n")
    assert forethought("resume", run).output == "sent to a@b\n"
    assert [(each["decision"], each["name"]) for each in forethought("runs", "show", run, "--json").rows("decisions")][
        -1
    ][0] in ("submitted", "approved")
    over = forethought("cancel", run)
    assert (over.status, f"'{run}' is not running: it is succeeded" in over.messages) == (1, True)


def test_yes_agrees_to_every_call(forethought: Forethought, worker: Worker, mail: Path, workplace: Path) -> None:
    (workplace / "forethought.toml").write_text('[approval]\neach = ["Emailer.*"]\n', encoding="utf-8")
    worker("--database", SQLITE)
    assert forethought("run", str(mail), "--yes", "--engine", "dbos", "--database", SQLITE).output == "sent to a@b\n"


def test_a_run_can_be_handed_in_before_there_is_a_worker(forethought: Forethought, worker: Worker, mail: Path) -> None:
    run = forethought("run", str(mail), "--yes", "--engine", "dbos", "--database", SQLITE, "--detach").output.strip()
    (queued,) = forethought("runs", "list", "--journal", "runs.db", "--json").rows("runs")
    assert (queued["run"], queued["status"]) == (run, "queued")
    worker("--database", SQLITE)
    assert forethought("resume", run, "--journal", "runs.db").output == "sent to a@b\n"


def test_a_run_that_nobody_has_agreed_to_waits_and_says_so_even_where_it_is_not_waited_for(
    forethought: Forethought, mail: Path
) -> None:
    waiting = forethought("run", str(mail), "--engine", "dbos", "--database", SQLITE, "--detach")
    assert (waiting.status, "forethought approve" in waiting.messages) == (3, True)
    assert forethought("runs", "list", "--journal", SQLITE, "--json").rows("runs")[0]["status"] == "waiting"


def test_ctrl_c_leaves_a_run_to_the_workers(workplace: Path, packs: Path, mail: Path) -> None:
    command = [sys.executable, "-m", "forethought.cli", "run", str(mail), "--yes", "--skills", str(packs)]
    command += ["--engine", "dbos", "--database", SQLITE]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=workplace, env=dict(os.environ))
    assert process.stderr
    run = process.stderr.readline().removeprefix("handed in: ").strip()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (
        130,
        f"forethought: error: interrupted here; the workers go on with {run}\n"
        f"  hint: forethought runs show {run} tells how far it is, forethought cancel {run} ends it\n",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--engine", "cloud"], "run: --engine 'cloud' is none"),
        (["--database", SQLITE], "run: --database is for workers"),
        (["--detach"], "run: --detach is for workers"),
        (["--engine", "dbos", "--no-journal"], "run: --no-journal does not go with --engine dbos"),
        (["--engine", "dbos", "--replans", "1"], "run: --replans does not go with --engine dbos"),
        (
            ["--engine", "dbos", "--priority", "high"],
            "run: --priority 'high' is not a number from -1,000,000 to 1,000,000",
        ),
    ],
)
def test_options_that_do_not_go_together_are_told(
    forethought: Forethought, mail: Path, arguments: list[str], message: str
) -> None:
    refused = forethought("run", str(mail), "--yes", *arguments)
    assert (refused.status, refused.messages.splitlines()[0]) == (2, f"forethought: error: {message}")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 1, "there is no database for workers: give one by --database, FORETHOUGHT_DATABASE, or "),
        (["--database", "runs.db"], 1, "'runs.db' is no database for workers: it is postgresql://USER@HOST/NAME, or "),
        (["--database", "postgresql://ada:word@127.0.0.1:1/x"], 1, "the workers of 'postgresql://ada@127.0.0.1:1/x': "),
        (["--database", SQLITE, "--runs", "0"], 2, "worker: --runs '0' is not a number from 1 to 10,000"),
        (["--database", SQLITE, "--step-timeout", "x"], 2, "worker: --step-timeout 'x' is not a number of seconds"),
        (["--json"], 2, "worker: it has no document to print"),
    ],
)
def test_a_worker_that_cannot_begin_says_why(
    forethought: Forethought, arguments: list[str], status: int, message: str
) -> None:
    refused = forethought("worker", *arguments)
    assert (refused.status, refused.messages.startswith(f"forethought: error: {message}")) == (status, True)


def test_a_secret_is_refused_with_the_way_out(forethought: Forethought, workplace: Path) -> None:
    (workplace / "in.xml").write_text(
        '<plan><input name="API_KEY" type="string"/><function.Names.getNickName input="$API_KEY"/></plan>',
        encoding="utf-8",
    )
    given = ["--input", "API_KEY=abc123xyz", "--engine", "dbos", "--database", SQLITE]
    refused = forethought("run", "in.xml", "--yes", *given)
    assert refused.status == 1
    assert "the value of 'API_KEY' is a secret, and does not travel to workers" in refused.messages
    assert "abc123xyz" not in refused.messages


def test_a_worker_without_a_function_is_told_so(forethought: Forethought, workplace: Path) -> None:
    (workplace / "empty").mkdir()
    said = forethought("worker", "--skills", "empty", "--database", SQLITE, skills=False)
    assert said.status == 2
    assert "error: worker: there is no function to call\n  hint: name the folder" in said.messages
