"""Adding: what changed is embedded again, what is gone is forgotten, and every record says where it stands."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from forethought.kernel.errors import DocumentError
from forethought.kernel.memory.documents.adding import Added, Forgotten, Found, add_document, add_folder
from forethought.kernel.memory.documents.finding import Skipped
from forethought.kernel.memory.documents.reading import read_document
from forethought.kernel.memory.memory import SemanticMemory
from forethought.kernel.testing import HashEmbedder

from .conftest import MakePdf


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder()


@pytest.fixture
async def memory(tmp_path: Path, embedder: HashEmbedder) -> AsyncIterator[SemanticMemory]:
    async with SemanticMemory.open(tmp_path / "memory.db", embedder=embedder) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "docs"
    made.mkdir()
    return made


async def test_a_record_points_into_its_document(memory: SemanticMemory) -> None:
    text = "# Guide\n\nOne.\n\n## Install\n\nRun the installer.\n\n## Use\n\nCall it.\n"
    document = read_document(text.encode(), "https://example.org/guide.md")
    assert await add_document(memory, document, size=40, overlap=0) == Added(document.source, 3, 3, 0)
    records = await memory.records("documents", source=document.source)
    assert [each.chunk for each in records] == [0, 1, 2]
    assert [text[each.start : each.end] for each in records] == [each.text for each in records]
    assert records[1].text == "## Install\n\nRun the installer."
    assert records[1].description == "Guide > Install"
    assert records[1].metadata == {"kind": "markdown", "title": "Guide", "section": ["Guide", "Install"]}


async def test_a_page_of_a_pdf_is_known(memory: SemanticMemory, make_pdf: MakePdf) -> None:
    document = read_document(make_pdf(["Minutes of May.", "The budget is three millions."]), "minutes.pdf")
    await add_document(memory, document, size=40, overlap=0)
    (hit,) = await memory.search("budget", mode="keyword")
    assert (hit.record.metadata["page"], hit.record.text) == (2, "The budget is three millions.")
    assert document.text[hit.record.start : hit.record.end] == hit.record.text


async def test_adding_again_embeds_only_what_changed(memory: SemanticMemory, embedder: HashEmbedder) -> None:
    sections = [f"## Section {number}\n\nIt says {number}.\n\n" for number in range(10)]
    await add_document(memory, read_document("".join(sections).encode(), "a.md"), size=40, overlap=0)
    assert len(embedder.texts) == 10
    assert await add_document(memory, read_document("".join(sections).encode(), "a.md"), size=40, overlap=0) == Added(
        "a.md", 10, 0, 0
    )
    del sections[3]
    sections.insert(0, "## New\n\nIt is first.\n\n")
    again = await add_document(memory, read_document("".join(sections).encode(), "a.md"), size=40, overlap=0)
    assert (again.records, again.removed) == (10, 0)
    assert embedder.texts[10:] == ["## New\n\nIt is first."]
    shorter = await add_document(memory, read_document(sections[1].encode(), "a.md"), size=40, overlap=0)
    assert (shorter.records, shorter.removed) == (1, 9)
    assert len(embedder.texts) == 11
    assert await memory.count() == 1


async def test_a_folder_is_added_and_what_is_gone_is_forgotten(memory: SemanticMemory, folder: Path) -> None:
    (folder / "a.md").write_text("# A\nalpha", encoding="utf-8")
    (folder / "b.md").write_text("# B\nbeta", encoding="utf-8")
    (folder / "c.bin").write_bytes(b"\x00\xff")
    (folder / ".d").touch()
    a, b, c, d = ((folder / name).as_posix() for name in ("a.md", "b.md", "c.bin", ".d"))
    await memory.save("documents", "kept", source=f"{folder.as_posix()}-other/x.md")
    assert await add_folder(memory, folder) == (
        Found(3),
        Skipped(d, "hidden"),
        Added(a, 1, 1, 0),
        Added(b, 1, 1, 0),
        Skipped(c, "it is not a text"),
    )
    (folder / "a.md").unlink()
    (folder / "b.md").write_bytes(b"\xff")
    events = await add_folder(memory, folder)
    assert events[-1] == Forgotten(a, 1)
    assert Skipped(b, "it is not UTF-8 text") in events
    assert sorted(each.text for each in await memory.records("documents")) == ["# B\nbeta", "kept"]


async def test_events_are_told_as_they_happen(memory: SemanticMemory, folder: Path) -> None:
    (folder / "a.md").write_text("alpha", encoding="utf-8")
    told: list[object] = []
    assert tuple(told) == () != await add_folder(memory, folder, listen=told.append)
    assert told == [Found(1), Added((folder / "a.md").as_posix(), 1, 1, 0)]


async def test_a_name_that_is_no_text_is_written_out(memory: SemanticMemory, folder: Path) -> None:
    bad = folder / os.fsdecode(b"a\xff.md")
    bad.write_text("alpha", encoding="utf-8")
    source = f"{folder.as_posix()}/a\\udcff.md"
    assert await add_folder(memory, folder) == (Found(1), Added(source, 1, 1, 0))
    bad.unlink()
    assert await add_folder(memory, folder) == (Found(0), Forgotten(source, 1))


async def test_a_document_without_a_source_is_refused(memory: SemanticMemory) -> None:
    await memory.save("documents", "a note")
    with pytest.raises(DocumentError, match="'': a document needs a source"):
        await add_document(memory, read_document(b"text", ""))
    assert await memory.count() == 1


async def test_a_folder_that_is_not_there_is_an_error(memory: SemanticMemory, folder: Path) -> None:
    with pytest.raises(DocumentError, match="nowhere': it cannot be read: No such file or directory"):
        await add_folder(memory, folder / "nowhere")
