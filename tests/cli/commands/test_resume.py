"""`forethought resume`, `approve`, `cancel`, `runs`, `replay` and `fork`: a run and what can be done about it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought

MAIL = '<plan goal="Mail"><function.Emailer.sendEmail emailaddress="a@b" message="hello"/></plan>'


@pytest.fixture(autouse=True, params=["file", "database"])
def journal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it holds wherever the journal is."""
    if request.param == "database":
        monkeypatch.setenv("FORETHOUGHT_JOURNAL_PATH", request.getfixturevalue("database"))


@pytest.fixture
def mail(workplace: Path) -> Path:
    """A plan with an effect."""
    file = workplace / "mail.xml"
    file.write_text(MAIL, encoding="utf-8")
    return file


def test_a_plan_that_waits_runs_once_it_is_approved(forethought: Forethought, mail: Path, workplace: Path) -> None:
    waiting = forethought("run", str(mail), "--json")
    run = str(waiting.json["run"])
    early = forethought("resume", run)
    assert (early.status, (workplace / "sent.txt").exists()) == (3, False)
    assert early.messages.endswith(
        "forethought: error: the plan waits for an approval, or the one it had does not count any more\n"
        f"  hint: forethought approve {run}, then forethought resume {run}\n"
    )
    approved = forethought("approve", run, "--as", "Ada")
    assert (approved.status, approved.messages) == (0, f"approved: {run}\n  hint: forethought resume {run}\n")
    assert forethought("resume", run).status == 0
    assert (workplace / "sent.txt").read_text(encoding="utf-8").count("\n") == 1
    assert [
        (each["decision"], each["name"]) for each in forethought("runs", "show", run, "--json").rows("decisions")
    ] == [("approved", "Ada")]


def test_a_call_that_the_policy_names_waits_and_can_be_denied(
    forethought: Forethought, mail: Path, workplace: Path
) -> None:
    (workplace / "forethought.toml").write_text('[approval]\neach = ["Emailer.*"]\n', encoding="utf-8")
    agreed = forethought("run", str(mail), "--dry-run").messages.split()[-1]
    waiting = forethought("run", str(mail), "--approved", agreed, "--json")
    assert (waiting.status, waiting.json["status"]) == (3, "waiting")
    assert [each["status"] for each in waiting.rows("steps")] == ["waiting"]
    denied = forethought("approve", "last", "--deny")
    assert "  1. Emailer.sendEmail\n     emailaddress = a@b\n     message = hello\n" in denied.messages
    done = forethought("resume", "last", "--json")
    assert (done.status, done.json["status"]) == (1, "failed")
    assert not (workplace / "sent.txt").exists()


def test_what_is_finished_is_not_run_again(forethought: Forethought, mail: Path, workplace: Path) -> None:
    assert forethought("run", str(mail), "--yes").status == 0
    again = forethought("resume", "last")
    assert (again.status, again.output) == (0, "sent to a@b\n")
    assert forethought("replay", "last").output == "sent to a@b\n"
    assert (workplace / "sent.txt").read_text(encoding="utf-8").count("\n") == 1
    assert forethought("fork", "last", "--from", "1").status == 3
    unknown = forethought("fork", "last", "--from", "9")
    assert (unknown.status, "the plan has no step '9'" in unknown.messages) == (1, True)
    assert "This plan has effects" not in unknown.messages
    assert forethought("fork", "last", "--from", "1", "--yes").output == "sent to a@b\n"
    assert (workplace / "sent.txt").read_text(encoding="utf-8").count("\n") == 2


def test_a_fork_asks_only_for_what_happens_again(forethought: Forethought, workplace: Path) -> None:
    file = workplace / "two.xml"
    send = '<function.Emailer.sendEmail emailaddress="{}" message="hello"/>'
    file.write_text(f"<plan>{send.format('a@b')}{send.format('c@d')}</plan>", encoding="utf-8")
    assert forethought("run", str(file), "--yes").status == 0
    asked = forethought("fork", "last", "--from", "2")
    assert asked.status == 3
    assert "from step 2 on they happen again:\n  2. Emailer.sendEmail: writes" in asked.messages


def test_what_a_replay_cannot_run_is_one_clear_line(forethought: Forethought, mail: Path) -> None:
    forethought("run", str(mail), "--yes")
    assert forethought("replay", "last", "--live", "9").messages == (
        "forethought: error: the plan has no step '9' [unknown-step]\n  hint: forethought runs show lists the steps\n"
    )


def test_nothing_more_is_said_of_a_run_that_was_abandoned(forethought: Forethought, mail: Path) -> None:
    forethought("run", str(mail), "--yes")
    assert forethought("resume", "last", "--abandon").messages == "The run is abandoned.\n"
    done = forethought("resume", "last", "--step", "1", "--redo")
    assert (done.status, "was abandoned (start it anew)" in done.messages) == (1, True)


def test_runs_are_listed_shown_exported_and_removed(forethought: Forethought, mail: Path) -> None:
    assert forethought("runs", "list").messages == "there are no runs\n"
    forethought("run", str(mail), "--yes")
    (run,) = forethought("runs", "list", "--json").rows("runs")
    assert (run["goal"], run["status"]) == ("Mail", "succeeded")
    line = forethought("runs", "list").output
    assert re.fullmatch(rf"{run['run']}  succeeded    \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d  Mail\n", line)
    shown = forethought("runs", "show", str(run["run"])[-4:]).output
    assert "1. Emailer.sendEmail  succeeded\n   emailaddress = a@b\n   message = hello\n" in shown
    exported = forethought("runs", "export", "last").output.splitlines()
    assert len(exported) == 5  # start, step and its end, end, approval
    assert forethought("runs", "gc", "--days", "0").messages == "1 run removed\n"
    assert forethought("runs", "show", "last").status == 1


def test_nothing_is_kept_without_a_journal(forethought: Forethought, mail: Path, workplace: Path) -> None:
    assert forethought("run", str(mail), "--yes", "--no-journal").status == 0
    assert not (workplace / ".forethought").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("resume", "last", "--redo"), "resume: --step goes with --done OUTPUT or --redo, one of them"),
        (("resume", "last", "--step", "1"), "resume: --step goes with --done OUTPUT or --redo, one of them"),
        (("resume", "last", "--step", "1", "--redo"), "resume: step '1' is not in doubt"),
        (("resume", "last", "--grace", "soon"), "--grace 'soon' is not a number of seconds"),
        (("approve", "last", "--days", "x"), "approve: --days 'x' is not a number from 0.001 to 36,500"),
        (("approve", "last", "--days", "0"), "approve: --days '0' is not a number from 0.001 to 36,500"),
        (("approve", "last", "--days", "nan"), "approve: --days 'nan' is not a number from 0.001 to 36,500"),
        (("runs", "gc", "--days", "-1"), "runs gc: --days '-1' is not a number from 0 to 36,500"),
    ],
)
def test_wrong_usage(forethought: Forethought, mail: Path, words: tuple[str, ...], message: str) -> None:
    forethought("run", str(mail), "--yes")
    done = forethought(*words)
    assert done.status == 2
    assert f"forethought: error: {message}\n" in done.messages


def test_what_does_not_run_cannot_be_cancelled(forethought: Forethought, mail: Path) -> None:
    forethought("run", str(mail), "--yes")
    done = forethought("cancel", "last")
    assert done.status == 1
    assert "is not running: it is succeeded" in done.messages


LONGER = """\
<plan goal="Mail">
  <function.Emailer.sendEmail emailaddress="a@b" message="hello"/>
  <function.Emailer.sendEmail emailaddress="mallory@evil" message="all of it"/>
</plan>
"""


def test_another_end_with_effects_is_not_what_was_approved(
    forethought: Forethought, mail: Path, workplace: Path
) -> None:
    forethought("run", str(mail), "--yes")
    (workplace / "longer.xml").write_text(LONGER, encoding="utf-8")
    waiting = forethought("resume", "last", "--plan", "longer.xml")
    assert (waiting.status, waiting.output) == (3, "")
    assert waiting.messages.endswith(
        "This is not what was approved, and what is left of it has effects:\n"
        "  2. Emailer.sendEmail: writes mail, open world\n"
        "forethought: error: the run waits for an approval, and nobody can be asked here; nothing was run\n"
        "  hint: add --yes\n"
    )
    assert forethought("resume", "last", "--plan", "longer.xml", "--json").json["status"] == "waiting"
    assert (workplace / "sent.txt").read_text(encoding="utf-8").count("\n") == 1
    assert forethought("resume", "last", "--plan", "longer.xml", "--yes").status == 0
    assert (workplace / "sent.txt").read_text(encoding="utf-8").count("\n") == 2


def test_other_inputs_are_not_what_was_approved(forethought: Forethought, workplace: Path) -> None:
    (workplace / "to.xml").write_text(
        '<plan><input name="TO"/><function.Emailer.sendEmail emailaddress="$TO" message="x"/></plan>', encoding="utf-8"
    )
    held = forethought("run", "to.xml", "--input", "TO=a@b", "--json")
    run = str(held.json["run"])
    assert forethought("approve", run).status == 0
    other = forethought("resume", run, "--input", "TO=mallory@evil")
    assert (other.status, (workplace / "sent.txt").exists()) == (3, False)


def test_a_run_that_was_agreed_to_with_other_inputs_is_asked_for_again(
    forethought: Forethought, workplace: Path
) -> None:
    (workplace / "to.xml").write_text(
        '<plan><input name="TO"/><function.StringFunctions.fail input="x" setContextVariable="X"/>'
        '<function.Emailer.sendEmail emailaddress="$TO" message="$X"/></plan>',
        encoding="utf-8",
    )
    assert forethought("run", "to.xml", "--input", "TO=a@b", "--yes").status == 1
    other = forethought("resume", "last", "--input", "TO=mallory@evil")
    assert (other.status, (workplace / "sent.txt").exists()) == (3, False)
    assert "This is not what was approved, and what is left of it has effects:\n  2. Emailer" in other.messages


def test_a_plan_without_effects_goes_on_unasked(forethought: Forethought, mail: Path, workplace: Path) -> None:
    forethought("run", str(mail), "--yes")
    pure = LONGER.replace('emailaddress="mallory@evil" message="all of it"', 'input="Steven"')
    (workplace / "pure.xml").write_text(pure.replace("sendEmail input", "getEmailAddress input"), encoding="utf-8")
    assert forethought("resume", "last", "--plan", "pure.xml").output == "steven@example.org\n"
