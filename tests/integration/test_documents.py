"""Real documents, real word vectors, a real model and a real mail server: recalled, summarised, answered and sent."""

from __future__ import annotations

import asyncio
import email
import email.policy
import io
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from reportlab.pdfgen.canvas import Canvas

from forethought.cli.main import main
from forethought.kernel import Kernel, SemanticMemory
from forethought.kernel.memory.documents.adding import Added, add_document, add_folder
from forethought.kernel.memory.documents.finding import Skipped
from forethought.kernel.memory.documents.reading import read_document
from forethought.kernel.memory.embedders.local import is_installed
from forethought.kernel.models.local import local_candidate
from forethought.kernel.models.opening import open_model
from forethought.kernel.settings import Settings
from forethought.kernel.testing import RecordingModel
from forethought.planners import check, parse, run
from forethought.plugins import SHIPPED

pytestmark = pytest.mark.skipif(not is_installed(), reason="no word vectors: pip install 'forethought[memory]'")
available, weights = local_candidate()
needs_model = pytest.mark.skipif(not available, reason=f"no local model: {weights}")

MINUTES = """\
# Minutes of the garden club

## Budget

The board approved a budget of 3,000 euros for the new greenhouse. Ann Miller keeps the accounts.

## Roses

The roses are planted in April and watered every morning.
"""
PAGE = """<!doctype html><title>Opening hours</title><nav>Home</nav><h1>Opening hours</h1>
<p>The club house is open on Saturdays from 9 to 12.</p><script>track()</script>"""
CODE = '''"""Tools of the club."""


def water(bed: str, litres: float) -> None:
    """Open the valve of a flower bed until so many litres have run."""
'''
PLAN = """
<plan goal="Mail John what was decided about the budget">
  <function.MemorySkill.Recall query="Which budget did the board approve?" limit="1" setContextVariable="PASSAGE"/>
  <function.SummarizeSkill.Summarize input="$PASSAGE" setContextVariable="SUMMARY"/>
  <function.Emailer.getEmailAddress input="John Doe" setContextVariable="ADDRESS"/>
  <function.Emailer.sendEmail emailaddress="$ADDRESS" subject="The budget" message="$SUMMARY" appendToResult="SENT"/>
</plan>
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a folder of documents and one contact, and no setting from outside."""
    for name in [each for each in os.environ if each.startswith("FORETHOUGHT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "forethought.toml").write_text("", encoding="utf-8")
    (tmp_path / "contacts.toml").write_text('["John Doe"]\nemail = "john@example.org"\n', encoding="utf-8")
    docs = tmp_path / "docs"
    (docs / "web").mkdir(parents=True)
    for name, text in {"minutes.md": MINUTES, "web/hours.html": PAGE, "tools.py": CODE}.items():
        (docs / name).write_text(text, encoding="utf-8")
    page = io.BytesIO()
    canvas = Canvas(page, invariant=1)
    canvas.drawString(60, 780, "Invoice 17: two tons of compost, delivered in March, 80 euros.")
    canvas.save()
    (docs / "invoice.pdf").write_bytes(page.getvalue())
    (docs / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF")
    return tmp_path


@pytest.fixture
async def mails(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[tuple[list[str], EmailMessage]]]:
    """What a mail server on loopback took, in order."""
    taken: list[tuple[list[str], EmailMessage]] = []

    class Handler:
        async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
            mail = email.message_from_bytes(cast("bytes", envelope.content), policy=email.policy.default)
            taken.append((list(map(str, envelope.rcpt_tos)), mail))
            return "250 taken"

    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Handler()), "127.0.0.1", 0)
    async with server:
        host, port = cast("tuple[str, int]", server.sockets[0].getsockname())
        for name, value in {"HOST": host, "PORT": str(port), "SECURITY": "none", "FROM": "me@example.org"}.items():
            monkeypatch.setenv(f"FORETHOUGHT_EMAILER_{name}", value)
        yield taken


async def test_a_folder_of_real_documents_is_found_by_meaning(home: Path) -> None:
    async with SemanticMemory.open() as memory:
        events = await add_folder(memory, home / "docs")
        assert [Path(each.source).name for each in events if isinstance(each, Added)] == [
            "invoice.pdf", "minutes.md", "tools.py", "hours.html",
        ]  # fmt: skip
        assert [Path(each.source).name for each in events if isinstance(each, Skipped)] == ["photo.jpg"]
        for query, name in {
            "an unpaid bill": "invoice.pdf",
            "when can I visit": "hours.html",
            "how much money may be spent": "minutes.md",
            "a valve for irrigation": "tools.py",
        }.items():
            best = (await memory.search(query, limit=1))[0]
            assert Path(best.record.source).name == name, query


@needs_model
@pytest.mark.timeout(600)  # a busy machine is slow, not wrong
async def test_a_plan_recalls_summarises_and_mails(home: Path, mails: list[tuple[list[str], EmailMessage]]) -> None:
    model = RecordingModel(open_model("local", Settings()))
    kernel = Kernel.from_packs(SHIPPED, model=model)
    await add_folder(kernel.memory, home / "docs", size=200, overlap=0)
    plan = parse(PLAN)
    assert check(plan, kernel.skills) == ()
    result = await run(plan, kernel)
    assert (result.status, result.error) == ("succeeded", None)
    passage = result.variables["PASSAGE"]
    assert str(passage) in MINUTES
    assert "3,000 euros" in str(passage)
    (request,) = model.requests
    assert request.messages[-1].content.strip() == passage, "the model is shown exactly what was recalled"
    [(readers, mail)] = mails
    assert (readers, mail["Subject"]) == (["john@example.org"], "The budget")
    said = model.completions[0].text.strip()
    assert said
    assert mail.get_content().strip().splitlines() == said.splitlines()
    await kernel.memory.close()


@needs_model
@pytest.mark.timeout(600)
async def test_a_question_is_answered_from_documents_by_a_real_model(home: Path) -> None:
    model = RecordingModel(open_model("local", Settings()))
    kernel = Kernel.from_packs(SHIPPED, model=model)
    await add_folder(kernel.memory, home / "docs", size=200, overlap=0)
    question = "Which budget did the board approve?"
    output = await kernel.bind("MemorySkill.Answer")({"question": question, "limit": 2})
    answer = cast("dict[str, object]", output.value)
    assert answer["text"] == model.completions[0].text.strip()
    assert output.usage.calls == 1
    assert "3,000 euros" in model.requests[0].messages[-1].content
    await kernel.memory.close()


def test_the_command_line_adds_and_runs_a_plan_over_it(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = home / "recall.xml"
    plan.write_text('<plan><function.MemorySkill.Recall query="compost" limit="1"/></plan>', encoding="utf-8")
    assert main(["memory", "add", "docs"]) == 0
    capsys.readouterr()
    assert main(["run", str(plan)]) == 0
    assert capsys.readouterr().out == "Invoice 17: two tons of compost, delivered in March, 80 euros.\n"


def test_two_processes_that_add_the_same_leave_one_copy(home: Path) -> None:
    for number in range(30):
        (home / "docs" / f"{number}.md").write_text(f"# Note {number}\n\nIt says {number}.\n", encoding="utf-8")
    command = [sys.executable, "-m", "forethought.cli", "memory", "add", "docs", "--json"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    for each in running:
        output, messages = each.communicate(timeout=100)
        assert each.returncode == 0, messages
        assert len(json.loads(output)["documents"]) == 34
    done = subprocess.run(
        [sys.executable, "-m", "forethought.cli", "memory", "list", "--json"], capture_output=True, check=True
    )
    (collection,) = json.loads(done.stdout)["collections"]
    assert (collection["texts"], len(collection["sources"])) == (34, 34)


LANGUAGES = {
    "zh.md": """
# 会议纪要

董事会批准了三百万元的预算。

# 花园

春天要种玫瑰花，每天浇水。

# 猫

我的猫整天睡觉，喜欢吃鱼。
""",
    "ja.md": """
# 議事録

取締役会は三百万円の予算を承認しました。

# 庭

春にバラを植えて、毎日水をやります。

# 猫

私の猫は一日中寝ていて、魚が好きです。
""",
    "ar.md": """
# محضر الاجتماع

وافق مجلس الإدارة على ميزانية قدرها ثلاثة ملايين.

# الحديقة

تُزرع الورود في الربيع وتُسقى كل يوم.
""",
}


@pytest.fixture
async def languages() -> AsyncIterator[SemanticMemory]:
    """A memory of three documents in three languages, a section a chunk."""
    async with SemanticMemory.open(":memory:") as memory:
        for name, text in LANGUAGES.items():
            await add_document(memory, read_document(text.encode(), name), size=70, overlap=0)
        yield memory


@pytest.mark.parametrize("mode", ["keyword", "hybrid"])
@pytest.mark.parametrize(
    ("query", "passage"),
    [
        ("预算", "董事会批准了三百万元的预算"), ("玫瑰", "春天要种玫瑰花"), ("鱼", "喜欢吃鱼"),
        ("予算", "三百万円の予算を承認"), ("バラ", "バラを植えて"), ("魚", "魚が好き"),
        ("ميزانية", "ميزانية قدرها"), ("الورود", "الورود في الربيع"), ("تزرع", "تُزرع الورود"),
    ],
)  # fmt: skip
async def test_a_text_of_any_script_is_found_by_a_word(
    languages: SemanticMemory, query: str, passage: str, mode: str
) -> None:
    hit = (await languages.search(query, mode=mode, limit=1))[0]  # type: ignore[arg-type]
    assert passage in hit.record.text


@pytest.mark.parametrize(
    ("query", "passage"),
    [
        ("谁批准了钱", "董事会批准了"),
        ("お金を承認したのは誰", "予算を承認"),
        ("زهور", "تُزرع الورود"),
        ("المال", "ميزانية"),
    ],
)
async def test_a_text_of_any_script_is_found_by_what_it_means(
    languages: SemanticMemory, query: str, passage: str
) -> None:
    hits = await languages.search(query, mode="vector", limit=2)
    assert any(passage in hit.record.text for hit in hits)
