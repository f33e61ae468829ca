"""Reading: bytes become a document, by what their name and their beginning say they are."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePath

from forethought.kernel.errors import DocumentError

from .document import Document, Kind, Part
from .markdown import markdown_parts
from .plain import code_parts, text_parts
from .python import python_parts

__all__ = ["LARGEST_PDF", "LARGEST_TEXT", "read_document", "read_file", "source_of"]

LARGEST_TEXT = 10_000_000
"""Bytes of a file of text that is read."""
LARGEST_PDF = 100_000_000
"""Bytes of a PDF that is read; most of them are pictures."""

_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys((".md", ".markdown", ".mkd", ".mdx"), "markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    **dict.fromkeys((".py", ".pyi", ".pyw"), "python"),
    **dict.fromkeys(("", ".txt", ".text", ".rst", ".adoc", ".org", ".tex", ".log", ".csv", ".tsv", ".eml"), "text"),
    ".pdf": "pdf",
}
_DIVIDED: Mapping[Kind, Callable[[str], Iterator[Part]]] = {
    "text": text_parts,
    "markdown": markdown_parts,
    "python": python_parts,
    "code": code_parts,
}


def source_of(path: Path) -> str:
    """Return what a file or folder is called as a source: its absolute path, links not followed.

    What of a name is no UTF-8 is written out, for a source is text: `\\udcff`.
    """
    absolute = Path(os.path.abspath(path)).as_posix()  # noqa: PTH100 - Path.absolute keeps `..`
    return absolute.encode("utf-8", "backslashreplace").decode()


def read_file(path: Path, *, encoding: str = "utf-8") -> Document:
    """Read a file; its source is its absolute path. See `read_document`; DocumentError, too, where it is not there."""
    source = source_of(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError(source, "it is not a regular file")
        largest = LARGEST_PDF if path.suffix.lower() == ".pdf" else LARGEST_TEXT
        if status.st_size > largest:
            raise DocumentError(source, f"it has {status.st_size:,} bytes; at most {largest:,} are read")
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DocumentError(source, f"it cannot be read: {reason[:1].lower()}{reason[1:]}") from error
    return read_document(data, source, encoding=encoding)


def read_document(data: bytes, source: str, *, kind: Kind | None = None, encoding: str = "utf-8") -> Document:
    """Read what `data` holds; without `kind`, its first bytes and the ending of `source` tell what it is.

    Text is UTF-8, or what its byte order mark says, or else in `encoding`; HTML may say it itself. Raises
    DocumentError for what has no text: a picture, a program, a scan, nothing at all.
    """
    if PurePath(source).suffix.lower() == ".svg":
        raise DocumentError(source, "it is a picture")
    kind = kind or _kind(data, source)
    title = ""
    if kind == "pdf":
        from .pdf import read_pdf

        text, title, parts = read_pdf(data, source)
        if not parts:
            raise DocumentError(source, "its pages hold no text, only pictures")
    elif kind == "html":
        from .html import read_html

        known = _marked(data) or encoding != "utf-8"
        text, title, parts = read_html(_decoded(data, source, encoding).encode() if known else data, source)
    else:
        text = _decoded(data, source, encoding)
        parts = tuple(_DIVIDED[kind](text))
    if not parts:
        raise DocumentError(source, "it is empty")
    outermost = next((part.trail[0] for part in parts if part.heading and part.trail), "")
    return Document(source, text, kind, title or outermost or PurePath(source).name, parts)


def _kind(data: bytes, source: str) -> Kind:
    if data.startswith(b"%PDF-"):
        return "pdf"
    begin = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if begin.startswith((b"<!doctype html", b"<html")):
        return "html"
    return _KINDS.get(PurePath(source).suffix.lower(), "code")


def _marked(data: bytes) -> str | None:
    """Return the encoding that a byte order mark tells."""
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    return "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else None


def _decoded(data: bytes, source: str, encoding: str) -> str:
    marked = _marked(data) or "utf-8"
    for each in dict.fromkeys((marked, encoding)):
        with contextlib.suppress(UnicodeError):
            text = data.decode(each)
            if "\0" not in text:
                return text
    if b"\0" in data:
        raise DocumentError(source, "it is not a text")
    raise DocumentError(
        source, "it is not UTF-8 text" if encoding == "utf-8" else f"it is neither UTF-8 nor {encoding}"
    )
