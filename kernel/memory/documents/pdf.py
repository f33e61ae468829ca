"""PDF: the text of its pages, by pypdf."""

from __future__ import annotations

import io
import logging

from forethought.kernel.errors import DocumentError

from .document import Part

__all__ = ["read_pdf"]


def read_pdf(data: bytes, source: str) -> tuple[str, str, tuple[Part, ...]]:
    """Return the text, the title and one part a page.

    Raises DocumentError for a file that needs a password or is damaged, and where pypdf is not installed.
    """
    try:
        import pypdf
    except ImportError as error:
        raise DocumentError(source, "PDF is read by pypdf: pip install 'forethought[documents]'") from error
    logging.getLogger("pypdf").addHandler(logging.NullHandler())  # what it mends is no message of ours
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentError(source, "it needs a password")
        title = str(reader.metadata.title or "") if reader.metadata else ""
        pages = [_clean(page.extract_text()) for page in reader.pages]
    except DocumentError:
        raise
    except Exception as error:  # a file from anywhere, read by Python code: anything can be wrong with it
        raise DocumentError(source, f"its PDF cannot be read: {error}") from error
    parts: list[Part] = []
    texts: list[str] = []
    at = 0
    for number, page in enumerate(pages, 1):
        if page:
            parts.append(Part(at, at + len(page), page=number))
            texts.append(page)
            at += len(page) + 2
    return "\n\n".join(texts), " ".join(_clean(title).split()), tuple(parts)


def _clean(text: str) -> str:
    """Return text that can be stored: fonts may say anything, half of a character among it."""
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()
