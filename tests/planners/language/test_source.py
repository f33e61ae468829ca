"""The text of a plan: encodings, line ends, places."""

from __future__ import annotations

import pytest

from forethought.kernel.problems import Place
from forethought.planners.language.source import Source, decode

TEXT = '<plan goal="你好"/>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_bytes_are_utf_8_or_utf_16_with_a_mark(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == (TEXT, None)


@pytest.mark.parametrize(("declared", "encoding"), [("UTF-8", "utf-8"), ("utf-16", "utf-16"), ("utf8", "utf-8-sig")])
def test_a_declaration_that_tells_the_truth_is_fine(declared: str, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>{TEXT}'
    assert decode(text.encode(encoding)) == (text, None)


def test_a_declaration_that_lies_is_a_problem() -> None:
    text, problem = decode(f'<?xml version="1.0" encoding="GB2312"?>{TEXT}'.encode())
    assert text == ""
    assert str(problem) == (
        "1:1: error: the document is declared as 'GB2312', and its bytes are read as UTF-8 "
        "(save the plan as UTF-8) [wrong-encoding]"
    )


def test_wrong_bytes_are_named_with_their_place() -> None:
    assert str(decode("<plan>\n你".encode() + b"\xff")[1]) == (
        "2:2: error: the bytes are not UTF-8: 0xff at byte 10 begins no character "
        "(save the plan as UTF-8) [wrong-encoding]"
    )


def test_text_that_was_decoded_already_may_declare_anything() -> None:
    text = '<?xml version="1.0" encoding="latin-1"?><plan/>'
    assert decode(text) == (text, None)


def test_line_ends_become_one_character_and_a_mark_is_dropped() -> None:
    assert decode("\ufeffa\r\nb\rc\n") == ("a\nb\nc\n", None)


def test_places_count_lines_and_characters_from_one_in_any_order() -> None:
    source = Source("ab\n\n你好 x\n")
    assert source.place(0) == Place(1, 1)
    assert source.place(6, 1) == Place(3, 3)
    assert source.place(4, 2) == Place(3, 1, 2)
    assert source.place(3) == Place(2, 1, 0)
    assert source.place(1, 9) == Place(1, 2, 1)
    assert source.place(9, 1) == Place(4, 1, 0)
    assert source.place(2, 1) == Place(1, 3, 0)
