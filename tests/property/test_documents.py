"""Laws of documents: chunks are stretches of the text, in order, no longer than asked, and nothing is lost."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forethought.kernel.errors import DocumentError
from forethought.kernel.memory.documents.document import Document
from forethought.kernel.memory.documents.reading import read_document
from forethought.kernel.memory.documents.splitting import split

BITS = (
    "# A\n", "## B\n", "T\n===\n", "---\n", "\n", "\r\n", "\r", "  ", "- x\n", "```\n", "> ", "| a |\n|---|\n",
    "[l]: /x\n", "def f():\n", "    class C:\n", "    return 1\n", "@d\n", "x = (\n", "\t", "\x0c", "\u2028", "<p>",
    "<h1>", "</p>", "&amp;", "<!-- ", " -->", "<pre>", "<td>", "word ", "。", "会议", "e\u0301", "👩\u200d👧",
    "\u0600", ". ", "? ", '"""', "#",
)  # fmt: skip
HOSTILE = [b"# a\n" * 20_000, b"> " * 5_000, b"[a](<b" * 5_000, b"\n" * 500_000 + b"a", b"=" * 500_000]
texts = st.lists(st.sampled_from(BITS) | st.text(max_size=8), max_size=40).map("".join)
names = st.sampled_from(["a.md", "a.txt", "a.py", "a.c"])


def read(text: str, name: str) -> Document | None:
    try:
        return read_document(text.encode("utf-8", "replace"), name)
    except DocumentError:
        return None


@given(texts, names)
def test_the_parts_of_a_text_lose_nothing_but_blanks(text: str, name: str) -> None:
    document = read(text, name)
    if document is not None and document.kind != "html":
        assert_whole(document, [(part.start, part.end) for part in document.parts])
        assert all(one.end <= other.start for one, other in itertools.pairwise(document.parts))


@given(texts, names | st.just("a.html"), st.integers(1, 60), st.data())
def test_chunks_lose_nothing_and_keep_their_bounds(text: str, name: str, size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, (size - 1) // 2))
    document = read(text, name)
    if document is None:
        return
    chunks = split(document, size=size, overlap=overlap)
    for chunk in chunks:
        assert chunk.start < chunk.end
        assert chunk.end - chunk.start <= size
        assert document.text[chunk.start : chunk.end].strip()
    for one, other in itertools.pairwise(chunks):
        assert one.start < other.start
        assert one.end < other.end
        assert one.end - other.start <= overlap
    kept = {at for part in document.parts for at in range(part.start, part.end)}
    assert_whole(document, [(chunk.start, chunk.end) for chunk in chunks], of=kept)


def assert_whole(document: Document, spans: list[tuple[int, int]], of: set[int] | None = None) -> None:
    held = {at for start, end in spans for at in range(start, end)}
    missed = {at for at in (of or range(len(document.text))) if at not in held and not document.text[at].isspace()}
    assert not missed, f"lost: {[document.text[at] for at in sorted(missed)]}"


@pytest.mark.parametrize("data", HOSTILE)
@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.py", "a.html"])
def test_a_hostile_text_is_read_and_split(data: bytes, name: str) -> None:
    document = read(data.decode(), name)
    assert document is not None
    assert split(document)
