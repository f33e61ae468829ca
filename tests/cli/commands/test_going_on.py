"""What a run that did not succeed says: who denied it, what is in doubt, and how it goes on, where that helps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Forethought, ModelServer

MAIL = '<plan goal="Mail"><function.Emailer.sendEmail emailaddress="a@b" message="hello"/></plan>'
EACH = '[approval]\neach = ["Emailer.*"]\n'


@pytest.fixture
def mail(workplace: Path) -> Path:
    """A plan with an effect."""
    file = workplace / "mail.xml"
    file.write_text(MAIL, encoding="utf-8")
    return file


def test_an_approval_can_let_the_run_go_on_at_once(forethought: Forethought, mail: Path, workplace: Path) -> None:
    run = str(forethought("run", str(mail), "--json").json["run"])
    done = forethought("approve", "last", "--resume")
    assert (done.status, done.output) == (0, "sent to a@b\n")
    assert done.messages.startswith(f"approved: {run}\nrunning 1 step\n")
    assert (workplace / "sent.txt").read_text(encoding="utf-8").count("\n") == 1


def test_an_approval_that_goes_on_at_once_has_one_document(forethought: Forethought, mail: Path) -> None:
    forethought("run", str(mail))
    done = forethought("approve", "last", "--resume", "--json")
    assert (done.json["status"], done.json["value"]) == ("succeeded", "sent to a@b")


def test_another_call_that_waits_is_counted(forethought: Forethought, packs: Path, workplace: Path) -> None:
    (packs / "Bell").mkdir()
    ring = "from forethought.kernel import skill\n@skill(effect='writes:bell')\ndef ring() -> str:\n    return 'rang'\n"
    (packs / "Bell" / "bell.py").write_text(ring, encoding="utf-8")
    (workplace / "forethought.toml").write_text('[approval]\neach = ["writes"]\n', encoding="utf-8")
    (workplace / "two.xml").write_text(MAIL.replace("</plan>", "<function.Bell.ring/></plan>"), encoding="utf-8")
    forethought("run", "two.xml")
    said = forethought("approve", "last", "--resume").messages
    assert ", waits for an approval, and so does one more\n" in said


def test_yes_agrees_to_a_plan_that_waits(forethought: Forethought, mail: Path) -> None:
    forethought("run", str(mail))
    assert forethought("resume", "last", "--yes").status == 0
    (said,) = forethought("runs", "show", "last", "--json").rows("decisions")
    assert said["decision"] == "approved"


def test_a_plan_that_was_denied_says_by_whom_and_does_not_wait(
    forethought: Forethought, mail: Path, workplace: Path
) -> None:
    forethought("run", str(mail))
    denied = forethought("approve", "last", "--deny", "--as", "Ada")
    assert re.fullmatch(r"denied: \S+\n", denied.messages)
    assert forethought("runs", "list", "--json").rows("runs")[0]["status"] == "failed"
    for words in ([], ["--yes"]):
        again = forethought("resume", "last", *words)
        assert again.status == 1
        line = r"forethought: error: the plan does not run: Ada denied it at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n"
        assert re.fullmatch(line, again.messages)
    assert not (workplace / "sent.txt").exists()


def test_a_call_that_was_denied_says_by_whom_and_is_not_resumed(
    forethought: Forethought, mail: Path, workplace: Path
) -> None:
    (workplace / "forethought.toml").write_text(EACH, encoding="utf-8")
    agreed = forethought("run", str(mail), "--dry-run").messages.split()[-1]
    forethought("run", str(mail), "--approved", agreed)
    denied = forethought("approve", "last", "--deny", "--as", "Ada")
    assert re.search(r"denied: step 1 of \S+\n  hint: forethought resume \S+\n$", denied.messages)
    failed = forethought("resume", "last")
    assert failed.status == 1
    assert re.search(r"error: step 1, Emailer\.sendEmail, failed: Ada denied it at .*\n$", failed.messages)


def test_a_failure_of_the_plan_itself_says_to_mend_it(forethought: Forethought, workplace: Path) -> None:
    steps = '<function.Names.getNickName input="Steven" setContextVariable="N"/>'
    (workplace / "plan.xml").write_text(
        f'<plan>{steps}<if test="N > 3"><function.Names.getNickName input="x"/></if></plan>', encoding="utf-8"
    )
    done = forethought("run", "plan.xml")
    assert done.status == 1
    assert re.search(r"\n  hint: mend the plan, then forethought resume \S+ --plan FILE\n$", done.messages)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("runs", "list", "--status", "nonsense"),
            "runs list: no run is 'nonsense'\n"
            "  hint: a run is queued, running, interrupted, succeeded, failed, cancelled, waiting, abandoned\n",
        ),
        (("runs", "list", "--limit=-1"), "runs list: --limit '-1' is not a number\n  hint: such as --limit 50\n"),
        (("runs", "list", "--limit", "x"), "runs list: --limit 'x' is not a number\n  hint: such as --limit 50\n"),
        (("resume", "last", "--replans", "x"), "--replans 'x' is not a number up to 100\n"),
    ],
    ids=["status", "limit below none", "limit", "replans"],
)
def test_wrong_usage(forethought: Forethought, words: tuple[str, ...], said: str) -> None:
    done = forethought(*words)
    assert done.status == 2
    assert f"forethought: error: {said}" in done.messages


def test_a_run_that_is_resumed_can_go_on_another_way(
    forethought: Forethought, model_server: ModelServer, workplace: Path
) -> None:
    (workplace / "plan.xml").write_text(
        '<plan goal="Greet"><function.StringFunctions.fail input="x"/></plan>', encoding="utf-8"
    )
    assert forethought("run", "plan.xml").status == 1
    model_server.replies = ['<plan><function.Names.getNickName input="Steven"/></plan>']
    done = forethought("resume", "last", "--replans", "1", "--model", model_server.spec)
    assert (done.status, done.output) == (0, "Stevie\n")
    assert "The plan could go on another way:" in done.messages
