"""PDFs made by the tests themselves, as a program would make them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

MakePdf = Callable[[Sequence[str]], bytes]


@pytest.fixture(scope="session")
def make_pdf() -> MakePdf:
    """Write one page a text, a line a line, in a font that knows Latin and Chinese letters."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))  # pyright: ignore[reportUnknownMemberType]

    def make(pages: Sequence[str]) -> bytes:
        file = io.BytesIO()
        canvas = Canvas(file, invariant=1)
        canvas.setTitle("Minutes")
        for page in pages:
            canvas.setFont("STSong-Light", 11)
            for number, line in enumerate(page.splitlines()):
                canvas.drawString(60, 780 - 16 * number, line)
            canvas.showPage()
        canvas.save()
        return file.getvalue()

    return make
