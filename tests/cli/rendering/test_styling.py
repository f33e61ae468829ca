"""Foreign text never speaks to the terminal."""

from __future__ import annotations

import pytest

from forethought.cli.rendering.styling import coloured, plain, visible, width_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, 中文, émoji 👍", "plain text, 中文, émoji 👍"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b2J\x7f\x00", r"\x9b2J\x7f\x00"),
        ("user\u202etxt.exe\u2066", r"user\u202etxt.exe\u2066"),
        ("zero\u200bwidth\ufeff\u00ad", r"zero\u200bwidth\ufeff\xad"),
        ("line\u2028separator", r"line\u2028separator"),
        ("\U000e0041tag", r"\U000e0041tag"),
        ("lone \ud800 surrogate", r"lone \ud800 surrogate"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_controls_and_hidden_characters_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_what_is_kept_stays_and_nothing_else_does() -> None:
    assert visible("a\n\tb\r\x1b", keep="\n\t") == "a\n\tb\\r\\x1b"


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("中文", 4), ("e\u0301", 1), ("👍", 2), ("\uff21", 2), ("a\u200db", 2)]
)
def test_wide_characters_take_two_columns_and_marks_none(text: str, width: int) -> None:
    assert width_of(text) == width


def test_styles_are_ansi_escapes_where_colours_are_on() -> None:
    assert coloured("error", "red", "bold") == "\x1b[31;1merror\x1b[0m"


def test_an_empty_text_or_no_style_needs_no_escapes() -> None:
    assert (coloured("", "red"), coloured("text"), plain("text", "red")) == ("", "text", "text")
