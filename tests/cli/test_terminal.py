"""On a terminal: colours, questions, live progress, interrupts; and what a shell sees of all this elsewhere."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import ModelServer

pty = pytest.importorskip("pty", reason="there are no pseudo-terminals here")

SLOW = """
import asyncio

from forethought.kernel.functions import skill


@skill(effect="pure")
async def nap() -> str:
    \"\"\"Waits until it is interrupted.\"\"\"
    await asyncio.Event().wait()
    return "never"


@skill(effect="pure")
async def brief() -> str:
    \"\"\"Waits long enough to be seen.\"\"\"
    await asyncio.sleep(0.4)
    return "\\x1b[31mred\\x9b2J"
"""
PATIENCE = 60.0
COMMAND = [sys.executable, "-m", "forethought.cli"]


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Let an interrupt arrive also where the tests run in the background: a shell has their interrupts ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@dataclass
class Session:
    """One command on a terminal of its own."""

    process: subprocess.Popen[bytes]
    terminal: int
    seen: str = ""

    def until(self, text: str) -> str:
        """Read until `text` is seen; returns all that was."""
        self._read(lambda: text in self.seen)
        assert text in self.seen, self.seen
        return self.seen

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def end(self) -> int:
        """Read to the end and return the exit status."""
        self._read(lambda: False)
        return self.process.wait(PATIENCE)

    def _read(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not done() and time.monotonic() < deadline:
            if select.select([self.terminal], [], [], 0.1)[0]:
                try:
                    data = os.read(self.terminal, 65536)
                except OSError:  # Linux: the other side is closed
                    return
                if not data:
                    return
                self.seen += data.decode("utf-8", errors="replace").replace("\r\n", "\n")


Start = Callable[..., Session]


@pytest.fixture
def terminal(workplace: Path, packs: Path) -> Iterator[Start]:
    """Start commands on a pseudo-terminal; none outlives its test."""
    sessions: list[Session] = []
    (packs / "Names" / "slow.py").write_text(SLOW, encoding="utf-8")

    def start(*arguments: str, **environment: str) -> Session:
        ours, theirs = pty.openpty()
        variables = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40", **environment}
        process = subprocess.Popen(
            [*COMMAND, *arguments, "--skills", str(packs)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=workplace,
            env=variables,
            start_new_session=True,
        )
        os.close(theirs)
        sessions.append(Session(process, ours))
        return sessions[-1]

    yield start
    for each in sessions:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()
        os.close(each.terminal)


def test_effects_are_asked_for_and_yes_runs_them(terminal: Start, greet: Path, workplace: Path) -> None:
    session = terminal("run", str(greet))
    seen = session.until("Run it? [y/N] ")
    assert "4. Emailer.sendEmail: writes mail, open world" in seen
    assert not (workplace / "sent.txt").exists()
    session.type("y\n")
    assert session.end() == 0
    assert (workplace / "sent.txt").read_text(encoding="utf-8") == "steven@example.org|Hello|Hello, Stevie.\n"


@pytest.mark.parametrize("answer", ["n\n", "\n", "yess\n", "\x04"], ids=["no", "nothing", "unclear", "end of input"])
def test_all_but_a_clear_yes_runs_nothing(terminal: Start, greet: Path, workplace: Path, answer: str) -> None:
    session = terminal("run", str(greet))
    session.until("Run it? [y/N] ")
    session.type(answer)
    assert session.end() == 3
    assert session.seen.endswith("Nothing was run.\n")
    assert not (workplace / "sent.txt").exists()


def test_a_terminal_gets_colours(terminal: Start, greet: Path) -> None:
    session = terminal("show", str(greet))
    assert session.end() == 0
    assert "\x1b[1;36mNames.getNickName\x1b[0m" in session.seen


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_colours_can_be_off(terminal: Start, greet: Path, environment: dict[str, str]) -> None:
    session = terminal("show", str(greet), **environment)
    assert session.end() == 0
    assert "\x1b" not in session.seen


def test_what_runs_is_shown_live_and_each_end_is_a_line(terminal: Start, workplace: Path) -> None:
    (workplace / "plan.xml").write_text("<plan><function.Names.brief/></plan>", encoding="utf-8")
    session = terminal("run", "plan.xml", "--yes")
    assert session.end() == 0
    assert re.search(r"[⠀-⣿] \[1\] Names\.brief", session.seen), "a spinner while it runs"
    assert "running 1 step\n" in session.seen
    assert "done\x1b[0m: \\x1b[31mred\\x9b2J" in untimed(session.seen)


def test_a_value_is_made_visible_on_a_terminal(terminal: Start, workplace: Path) -> None:
    (workplace / "plan.xml").write_text("<plan><function.Names.brief/></plan>", encoding="utf-8")
    session = terminal("run", "plan.xml", "--yes", NO_COLOR="1", TERM="dumb")
    assert session.end() == 0
    assert untimed(session.seen).endswith("run succeeded\n\\x1b[31mred\\x9b2J\n")


INTERRUPTED = "forethought: error: interrupted\n  hint: forethought resume RUN\n"


def untimed(said: str) -> str:
    """Leave out the times, which are told from one second on: a busy machine takes longer; and the run's id."""
    return re.sub(r"\d{8}-\d{6}-\d{3}-\w{4}", "RUN", re.sub(r" in \d+\.\d s", "", said))


def test_an_interrupt_ends_a_run_with_130_and_one_line(terminal: Start, workplace: Path) -> None:
    (workplace / "plan.xml").write_text("<plan><function.Names.nap/></plan>", encoding="utf-8")
    session = terminal("run", "plan.xml", "--yes", TERM="dumb")
    session.until("[1] Names.nap started\n")
    session.process.send_signal(signal.SIGINT)
    assert session.end() == 130
    assert untimed(session.seen).endswith("[1] Names.nap cancelled\nrun cancelled\n" + INTERRUPTED)


def test_an_interrupted_run_is_a_document_of_what_was_done(packs: Path, workplace: Path) -> None:
    (packs / "Slow").mkdir()
    (packs / "Slow" / "slow.py").write_text(SLOW, encoding="utf-8")
    steps = '<function.Slow.brief setContextVariable="A"/><function.Slow.nap/><function.Names.getNickName input="$A"/>'
    (workplace / "plan.xml").write_text(f"<plan>{steps}<function.Slow.nap/></plan>", encoding="utf-8")
    process = subprocess.Popen(
        [*COMMAND, "run", "plan.xml", "--json", "--skills", str(packs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=workplace,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process, process.stdout, process.stderr:
        while "[3] Names.getNickName done" not in (line := process.stderr.readline()):
            assert line, "it ended before"
        process.send_signal(signal.SIGINT)
        document = json.loads(process.stdout.read())
        assert untimed(process.stderr.read()).endswith("run cancelled\n" + INTERRUPTED)
        assert process.wait(PATIENCE) == 130
    assert (document["status"], document["value"]) == ("cancelled", None)
    assert document["variables"] == {"A": "\x1b[31mred\x9b2J"}
    assert [step["status"] for step in document["steps"]] == ["succeeded", "cancelled", "succeeded", "cancelled"]


def test_an_interrupt_at_the_question_runs_nothing(terminal: Start, greet: Path, workplace: Path) -> None:
    session = terminal("run", str(greet), TERM="dumb")
    session.until("Run it? [y/N] ")
    session.process.send_signal(signal.SIGINT)
    assert session.end() == 130
    assert session.seen.endswith("forethought: error: interrupted\n")
    assert "Traceback" not in session.seen
    assert not (workplace / "sent.txt").exists()


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command with pipes."""
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, cwd=cwd, env={**os.environ, **environment}, check=False
    )


def test_a_run_that_waits_is_shown_and_asked_for_on_resume(terminal: Start, greet: Path, workplace: Path) -> None:
    run("run", str(greet), "--skills", str(greet.parent / "packs"), cwd=workplace)
    refused = terminal("resume", "last", TERM="dumb")
    seen = refused.until("Run it? [y/N] ")
    assert "4. Emailer.sendEmail -> result RESULT__SENT  [writes mail, open world]\n" in seen
    assert "This plan waits for an approval, since it has effects:\n  4. Emailer.sendEmail: writes mail" in seen
    refused.type("n\n")
    assert refused.end() == 3
    assert refused.seen.endswith("Nothing was run.\n")
    session = terminal("resume", "last", TERM="dumb")
    session.until("Run it? [y/N] ")
    session.type("y\n")
    assert session.end() == 0
    assert (workplace / "sent.txt").read_text(encoding="utf-8") == "steven@example.org|Hello|Hello, Stevie.\n"


@pytest.mark.parametrize(
    ("answer", "then"),
    [
        ("n\n", (0, 1, "run succeeded\nsent to a@b\n")),
        ("a\n", (0, 0, "The run is abandoned.\n")),
        ("l\n", (3, 0, "--step 2 --done OUTPUT, or --redo\n")),
        ("y\nby hand\n", (0, 0, "run succeeded\nby hand\n")),
    ],
    ids=["not done", "abandon", "later", "done"],
)
def test_a_step_in_doubt_is_asked_for_on_resume(
    terminal: Start, workplace: Path, answer: str, then: tuple[int, int, str]
) -> None:
    """`then` are the exit status, how many letters are sent, and the last lines."""
    status, sent, ending = then
    in_doubt(workplace)
    session = terminal("resume", "last", TERM="dumb")
    seen = session.until("[y/n/a/l] ")
    assert "nobody knows whether it was done:\n  2. Emailer.sendEmail\n     emailaddress = a@b\n" in seen
    session.type(answer)
    assert session.end() == status
    assert untimed(session.seen).endswith(ending)
    file = workplace / "sent.txt"
    assert (file.read_text(encoding="utf-8").count("\n") if file.exists() else 0) == sent


def test_an_interrupt_at_a_question_of_resume_says_how_to_go_on(terminal: Start, workplace: Path) -> None:
    in_doubt(workplace)
    session = terminal("resume", "last", TERM="dumb")
    session.until("[y/n/a/l] ")
    session.process.send_signal(signal.SIGINT)
    assert session.end() == 130
    assert untimed(session.seen).endswith(INTERRUPTED)


def in_doubt(workplace: Path) -> None:
    """Leave a run in the journal whose process died while its second step, which writes, ran."""
    steps = '<function.Names.getNickName input="x"/><function.Emailer.sendEmail emailaddress="a@b" message="hello"/>'
    code = f"""
import asyncio, os
from forethought.kernel import Kernel
from forethought.planners import Journal, parse, run
from forethought.planners.running.events import StepFinished

class Dying(Journal):
    def __call__(self, event):
        if isinstance(event, StepFinished) and event.step == "2":
            os._exit(0)
        super().__call__(event)

kernel = Kernel.from_packs({str(workplace.parent / "packs")!r})
asyncio.run(run(parse({f"<plan>{steps}</plan>"!r}), kernel, journal=Dying(".forethought/runs.db")))
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=workplace)
    (workplace / "sent.txt").unlink()


def test_an_interrupt_while_another_way_is_asked_for_says_how_to_go_on(
    terminal: Start, workplace: Path, model_server: ModelServer
) -> None:
    (workplace / "plan.xml").write_text(
        '<plan goal="Mail"><function.StringFunctions.fail input="x"/></plan>', encoding="utf-8"
    )
    model_server.replies = ['<plan><function.Emailer.sendEmail emailaddress="a@b" message="hello"/></plan>']
    session = terminal("run", "plan.xml", "--replans", "1", "--model", model_server.spec, TERM="dumb")
    session.until("Go on with it? [y/N] ")
    session.process.send_signal(signal.SIGINT)
    assert session.end() == 130
    assert untimed(session.seen).endswith(INTERRUPTED)
    assert not (workplace / "sent.txt").exists()


def test_a_pipe_gets_no_colours(greet: Path, packs: Path, workplace: Path) -> None:
    done = run("run", str(greet), "--yes", "--skills", str(packs), cwd=workplace)
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout + done.stderr


def test_a_reader_that_leaves_early_is_no_error(packs: Path, workplace: Path) -> None:
    steps = '<function.Names.getNickName input="x"/>' * 3000
    (workplace / "long.xml").write_text(f"<plan>{steps}</plan>", encoding="utf-8")
    process = subprocess.Popen(
        [*COMMAND, "show", "long.xml", "--json", "--skills", str(packs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=workplace,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process, process.stdout, process.stderr:
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(PATIENCE) == 141


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_that_cannot_say_everything_is_no_error(packs: Path, workplace: Path, encoding: str) -> None:
    (workplace / "plan.xml").write_text(
        '<plan goal="给史蒂文 😀"><function.Names.getNickName input="史蒂文"/></plan>', encoding="utf-8"
    )
    arguments = ["show", "plan.xml", "--skills", str(packs)]
    shown = run(*arguments, cwd=workplace, PYTHONIOENCODING=encoding)
    assert (shown.returncode, shown.stdout.splitlines()[0]) == (0, rb"Goal: \u7ed9\u53f2\u8482\u6587 \U0001f600")
    document = run(*arguments, "--json", cwd=workplace, PYTHONIOENCODING=encoding)
    assert json.loads(document.stdout)["goal"] == "给史蒂文 😀"


def test_python_m_forethought_cli_is_the_command(workplace: Path) -> None:
    done = run("--help", cwd=workplace)
    assert (done.returncode, done.stdout[:32]) == (0, b"Usage: forethought COMMAND [OPTI")


def shell(line: str, packs: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `forethought` is the command, with the packs of this test."""
    command = f'"{sys.executable}" -m forethought.cli "$@" --skills "{packs}"'
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    script = f"forethought() {{ {command}; }}\n{line}"
    return subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, text=True, cwd=cwd, env=environment, check=False
    )


def test_streams_that_are_closed_are_no_error(greet: Path, packs: Path, workplace: Path) -> None:
    assert shell(f"forethought check '{greet}' >&-", packs, workplace).returncode == 0
    assert shell(f"forethought check '{greet}' 2>&-", packs, workplace).stdout == f"{greet}: no problems\n"
    done = shell(f"forethought run '{greet}' <&-", packs, workplace)
    assert (done.returncode, done.stdout) == (3, "")


def test_a_run_whose_progress_nobody_reads_is_finished(greet: Path, packs: Path, workplace: Path) -> None:
    done = shell(f"forethought run '{greet}' --yes 2>&1 >result.txt | true", packs, workplace)
    assert done.stderr == ""
    assert (workplace / "sent.txt").read_text(encoding="utf-8") == "steven@example.org|Hello|Hello, Stevie.\n"
    assert (workplace / "result.txt").read_text(encoding="utf-8") == "sent to steven@example.org\n"


def test_adding_to_memory_shows_how_far_it_is_and_the_bar_goes_away(terminal: Start, workplace: Path) -> None:
    docs = workplace / "docs"
    docs.mkdir()
    for number in range(3):
        (docs / f"{number}.md").write_text(f"# Text {number}\x1b[2J", encoding="utf-8")
    session = terminal("memory", "add", "docs")
    assert session.end() == 0
    assert "reading" in session.seen
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", session.seen)
    assert "docs/2.md: 1 piece, 1 new or changed\n" in plain
    assert plain.endswith("3 documents, 3 pieces: 3 new or changed, 0 forgotten\n")


def test_a_collection_is_forgotten_only_on_a_clear_yes(terminal: Start, workplace: Path) -> None:
    (workplace / "a.md").write_text("A text.", encoding="utf-8")
    assert terminal("memory", "add", "a.md").end() == 0
    for answer, status, said in (("n\n", 2, "nothing was forgotten\n"), ("y\n", 0, "1 text forgotten\n")):
        session = terminal("memory", "forget", "--collection", "documents")
        session.until("Forget 1 text of 'documents'? [y/N] ")
        session.type(answer)
        assert session.end() == status
        assert session.seen.endswith(said)


def test_an_interrupt_ends_a_question_and_nothing_is_forgotten(terminal: Start, workplace: Path) -> None:
    (workplace / "a.md").write_text("A text.", encoding="utf-8")
    assert terminal("memory", "add", "a.md").end() == 0
    session = terminal("memory", "forget", "--collection", "documents")
    session.until("[y/N] ")
    session.process.send_signal(signal.SIGINT)
    assert session.end() == 130
    assert terminal("memory", "forget", "--collection", "documents", "--yes").end() == 0
