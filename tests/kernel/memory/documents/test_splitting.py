"""A document is split where its structure allows it: sections whole if they fit, else cut at the best border."""

from __future__ import annotations

import pytest

from forethought.kernel.memory.documents.document import Document
from forethought.kernel.memory.documents.reading import read_document
from forethought.kernel.memory.documents.splitting import split


def texts(document: Document, size: int, overlap: int = 0) -> list[tuple[tuple[str, ...], str]]:
    return [
        (chunk.trail, document.text[chunk.start : chunk.end]) for chunk in split(document, size=size, overlap=overlap)
    ]


def test_a_document_that_fits_is_one_chunk() -> None:
    document = read_document(b"# A\nx\n## B\ny\n\n\n## C\nz\n", "a.md")
    assert texts(document, 100) == [(("A",), "# A\nx\n## B\ny\n\n\n## C\nz")]


def test_a_section_that_fits_stays_whole_and_is_no_neighbours() -> None:
    document = read_document(b"# A\n## B\nbbb\n### C\nccc\n## D\nddd\n", "a.md")
    assert texts(document, 20) == [
        (("A", "B"), "# A\n## B\nbbb"),
        (("A", "B", "C"), "### C\nccc"),
        (("A", "D"), "## D\nddd"),
    ]


def test_a_heading_goes_with_what_it_heads() -> None:
    document = read_document(b"# A\n\n## B\n\nlong text\n\nmore text\n", "a.md")
    assert [text for _, text in texts(document, 20)] == ["# A\n\n## B\n\nlong text", "more text"]


def test_methods_are_chunks_of_their_own_where_the_class_is_too_long() -> None:
    document = read_document(b"class A:\n    def f(self): return 1\n\n    def g(self): return 2\n", "a.py")
    assert [trail for trail, _ in texts(document, 100)] == [("A",)]
    assert [trail for trail, _ in texts(document, 40)] == [("A", "f"), ("A", "g")]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("aaaa bbbb. cccc\n\ndddd", ["aaaa bbbb. cccc", "dddd"]),
        ("aaaa. bbbb cccc\ndddd eeee", ["aaaa. bbbb cccc", "dddd eeee"]),
        ("aaaa bbbb cc. dddd eeee", ["aaaa bbbb cc.", "dddd eeee"]),
        ("aaaa bbbb ccc dddd", ["aaaa bbbb ccc", "dddd"]),
        ("预算为三百万元。会议在星期五举行。", ["预算为三百万元。", "会议在星期五举行。"]),
        ("abcdefghijklmnopqrs", ["abcdefghijklmnop", "qrs"]),
        ("e\u0301" * 12, ["e\u0301" * 8, "e\u0301" * 4]),
        ("e" + "\u0301" * 20, ["e" + "\u0301" * 15, "\u0301" * 5]),
    ],
)
def test_what_is_too_long_is_cut_at_the_best_border(text: str, cut: list[str]) -> None:
    document = read_document(text.encode(), "a.txt")
    assert [found.strip() for _, found in texts(document, 16)] == cut


def test_neighbours_share_text_within_a_section_only() -> None:
    document = read_document(b"# A\none two. three four. five six. seven.\n# B\nlast\n", "a.md")
    assert [text for _, text in texts(document, 30, 12)] == [
        "# A\none two. three",
        "three four. five six. seven.",
        "# B\nlast",
    ]


def test_a_chunk_has_the_page_it_begins_on() -> None:
    from forethought.kernel.memory.documents.document import Part

    document = Document("a.pdf", "one two\n\nthree four", "pdf", "", (Part(0, 7, page=1), Part(9, 19, page=2)))
    assert [chunk.page for chunk in split(document, size=12, overlap=0)] == [1, 2]
    assert [chunk.page for chunk in split(document, size=16, overlap=4)] == [1, 1]


def test_an_overlap_that_leaves_no_room_is_refused() -> None:
    document = read_document(b"x", "a.txt")
    with pytest.raises(ValueError, match="an overlap of 50 does not fit chunks of 100 characters"):
        split(document, size=100, overlap=50)
