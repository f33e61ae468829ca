"""A file becomes a text and its parts: each kind by its own structure, and what has no text says why."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from forethought.kernel.errors import DocumentError
from forethought.kernel.memory.documents.document import Document, Kind
from forethought.kernel.memory.documents.reading import LARGEST_TEXT, read_document, read_file

from .conftest import MakePdf


def parts(document: Document) -> list[tuple[tuple[str, ...], str]]:
    return [(part.trail, document.text[part.start : part.end]) for part in document.parts]


def test_markdown_is_divided_by_its_headings_and_blocks() -> None:
    text = "---\nx: y\n---\nIntro\n\n# One\nText\nof it\n\n- a\n- b\n\n## Two\n```\n# c\n\nm\n```\nEnd\n===\n[l]: /x\n"
    assert parts(read_document(text.encode(), "a.md")) == [
        ((), "---\nx: y\n---"),
        ((), "Intro"),
        (("One",), "# One"),
        (("One",), "Text\nof it"),
        (("One",), "- a\n- b"),
        (("One", "Two"), "## Two"),
        (("One", "Two"), "```\n# c\n\nm\n```"),
        (("End",), "End\n==="),
        (("End",), "[l]: /x"),
    ]


def test_plain_text_is_divided_by_blank_lines_and_underlined_titles() -> None:
    text = "=====\nGuide\n=====\n\nOne\ntwo.\n\n\n  three\n\nInstall\n-------\nFour.\n\n----\n\nUse\n===\n"
    assert parts(read_document(text.encode(), "a.rst")) == [
        (("Guide",), "=====\nGuide\n====="),
        (("Guide",), "One\ntwo."),
        (("Guide",), "  three"),
        (("Guide", "Install"), "Install\n-------"),
        (("Guide", "Install"), "Four."),
        (("Guide", "Install"), "----"),
        (("Use",), "Use\n==="),
    ]


def test_python_is_divided_by_functions_classes_and_methods() -> None:
    text = (
        '"""Doc."""\nimport x\n\n# about f\n@d\ndef f():\n    def g(): pass\n\nY = 1\n\nclass C(B):\n    "Doc."\n'
        "    a = 1\n\n    # about m\n    async def m(self): ...\n    b = 2\n\nclass D: pass\nZ = 1; W = 2\n"
    )
    assert parts(read_document(text.encode(), "a.py")) == [
        ((), '"""Doc."""\nimport x'),
        (("f",), "# about f\n@d\ndef f():\n    def g(): pass"),
        ((), "Y = 1"),
        (("C",), 'class C(B):\n    "Doc."\n    a = 1'),
        (("C", "m"), "    # about m\n    async def m(self): ..."),
        (("C",), "    b = 2"),
        (("D",), "class D: pass"),
        ((), "Z = 1; W = 2"),
    ]


def test_what_is_no_python_and_any_other_code_is_divided_at_the_margin() -> None:
    text = "int f() {\n  a();\n\n  b();\n}\n\n// g\nint g();\n"
    expected = [((), "int f() {\n  a();\n\n  b();\n}"), ((), "// g\nint g();")]
    assert parts(read_document(text.encode(), "a.c")) == expected
    assert parts(read_document(text.encode(), "a.py")) == expected


def test_html_is_what_a_reader_sees() -> None:
    page = """<!DOCTYPE html><head><title> The
    page</title><style>p {}</style></head><body> Some <b>bo</b>ld<!-- no --> text <h1>One <i>two</i></h1>
    <p>a&nbsp;&amp; b<br>c</p><ul><li>d<li>e</ul><script>no()</script><table><tr><th>f<td>g<tr><td>h</table>
    <h3>Three</h3><pre>  i
      j</pre><p hidden>no</p>k<template>no</template><img alt="a picture">"""
    document = read_document(page.encode(), "https://example.org/x")
    assert (document.kind, document.title) == ("html", "The page")
    assert parts(document) == [
        ((), "Some bold text"),
        (("One two",), "One two"),
        (("One two",), "a & b"),
        (("One two",), "c"),
        (("One two",), "- d"),
        (("One two",), "- e"),
        (("One two",), "f | g"),
        (("One two",), "h"),
        (("One two", "Three"), "Three"),
        (("One two", "Three"), "  i\n      j"),
        (("One two", "Three"), "k a picture"),
    ]
    assert document.text.startswith("Some bold text\n\nOne two\n\na & b\nc\n\n- d\n- e\n\nf | g\nh\n\nThree\n\n")


def test_a_pdf_has_its_pages(make_pdf: MakePdf) -> None:
    document = read_document(make_pdf(["The budget is three millions.\nAgreed.", "会议：预算为三百万元。"]), "a.pdf")
    assert (document.kind, document.title) == ("pdf", "Minutes")
    assert document.text == "The budget is three millions.\nAgreed.\n\n会议：预算为三百万元。"
    assert [(part.page, document.text[part.start : part.end][:5]) for part in document.parts] == [
        (1, "The b"),
        (2, "会议：预算"),
    ]


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.MD", b"x", "markdown"),
        ("a.htm", b"x", "html"),
        ("a.txt", b"\xef\xbb\xbf <!DOCTYPE HTML>x", "html"),
        ("a.pyi", b"x", "python"),
        ("a.toml", b"x", "code"),
        ("notes", b"x", "text"),
        ("https://example.org/a.md", b"x", "markdown"),
    ],
)
def test_the_name_and_the_beginning_say_the_kind(name: str, data: bytes, kind: Kind) -> None:
    assert read_document(data, name).kind == kind


def test_offsets_count_the_files_own_characters() -> None:
    document = read_document("\ufeff# é\r\n\r\nzwei\rdrei".encode(), "a.md")
    assert document.text == "# é\r\n\r\nzwei\rdrei"
    assert parts(document) == [(("é",), "# é"), (("é",), "zwei\rdrei")]
    assert read_document("зима".encode("utf-16"), "a.txt").text == "зима"
    assert read_document("<p>зима".encode("utf-16"), "a.html").text.strip() == "зима"
    assert read_document('<meta charset="gbk"><p>预算'.encode("gbk"), "a.html").text.strip() == "预算"


def test_a_text_that_is_not_utf8_is_read_in_the_encoding_that_is_told() -> None:
    assert read_document("预算".encode("gb18030"), "a.txt", encoding="gb18030").text == "预算"
    assert read_document("<p>予算".encode("shift-jis"), "a.html", encoding="shift-jis").text.strip() == "予算"
    assert read_document("预算".encode(), "a.txt", encoding="gb18030").text == "预算", "UTF-8 comes first"
    with pytest.raises(DocumentError, match="it is neither UTF-8 nor ascii"):
        read_document(b"\xe9", "a.txt", encoding="ascii")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b" \n", "it is empty"),
        ("a.html", b"", "it is empty"),
        ("a.html", b"<script>x</script>", "it is empty"),
        ("a.html", b"<div>" * 5000 + b"x", "it is nested too deeply"),
        ("a.txt", b"ab\xe9", "it is not UTF-8 text"),
        ("a.svg", b"<svg/>", "it is a picture"),
        ("a.exe", b"MZ\x00\xff", "it is not a text"),
        ("a.txt", b"a\x00b", "it is not a text"),
        ("a.pdf", b"%PDF-1.4 nothing", "its PDF cannot be read: "),
    ],
)
def test_what_has_no_text_says_why(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_document(data, name)
    assert str(caught.value).startswith(f"'{name}': {reason}")


def test_a_pdf_without_text_or_with_a_password_says_so(make_pdf: MakePdf) -> None:
    import pypdf

    with pytest.raises(DocumentError, match="its pages hold no text, only pictures"):
        read_document(make_pdf([""]), "a.pdf")
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    with pytest.raises(DocumentError, match="it needs a password"):
        read_document(file.getvalue(), "a.pdf")


def test_without_pypdf_a_pdf_names_the_extra(make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(DocumentError, match=r"PDF is read by pypdf: pip install 'forethought\[documents\]'"):
        read_document(make_pdf(["x"]), "a.pdf")


def test_a_file_is_named_by_its_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text("# Title\nx", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    document = read_file(Path("a.md"))
    assert (document.source, document.title) == ((tmp_path / "a.md").as_posix(), "Title")


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(LARGEST_TEXT + 1)
    for name, reason in {
        "nowhere.txt": "it cannot be read: no such file or directory",
        "pipe": "it is not a regular file",
        "big.txt": "it has 10,000,001 bytes; at most 10,000,000 are read",
    }.items():
        with pytest.raises(DocumentError) as caught:
            read_file(tmp_path / name)
        assert str(caught.value) == f"'{(tmp_path / name).as_posix()}': {reason}"
