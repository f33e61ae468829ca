"""Problems are shown as compilers show them, and the underline is under its place."""

from __future__ import annotations

import pytest

from forethought.cli.rendering.problems import count_problems, problem_as_json, render_problem, render_problems
from forethought.cli.rendering.styling import coloured
from forethought.kernel.problems import Place, Problem, Severity


def problem(line: int, column: int, length: int = 1, **fields: str) -> Problem:
    return Problem(code="odd", message="this is odd", place=Place(line, column, length), **fields)  # type: ignore[arg-type]


def shown(source: str, column: int, length: int = 1, width: int = 100) -> list[str]:
    """Return the source line and the underline, as they stand below each other."""
    text = render_problem(problem(1, column, length), file="f", lines=source.split("\n"), width=width)
    return text.split("\n")[1:]


def test_a_problem_has_its_place_severity_message_code_line_underline_and_hint() -> None:
    text = render_problems([problem(2, 5, 3, hint="say ccc")], file="plan.xml", source="first\naaa bbb ccc\nlast")
    assert text == (
        "plan.xml:2:5: error: this is odd [odd]\n  2 | aaa bbb ccc\n    |     ^~~\n  hint: say ccc\n1 error"
    )


def test_a_problem_without_a_place_names_the_file_alone() -> None:
    text = render_problem(Problem(code="no-result", message="nothing comes out"), file="plan.xml")
    assert text == "plan.xml: error: nothing comes out [no-result]"


def test_the_file_a_problem_names_counts() -> None:
    text = render_problem(problem(1, 1, file="packs/config.json"), file="plan.xml")
    assert text == "packs/config.json:1:1: error: this is odd [odd]"


def test_a_place_beyond_the_text_shows_no_line() -> None:
    assert "|" not in render_problem(problem(9, 1), file="f", lines=["one"])


def test_no_problems_are_an_empty_text() -> None:
    assert render_problems([], file="f") == ""


def test_problems_are_counted_by_severity() -> None:
    severities = [Severity.WARNING, Severity.ERROR, Severity.NOTICE, Severity.ERROR]
    found = [Problem(code="c", message="m", severity=each) for each in severities]
    assert count_problems(found) == "2 errors, 1 warning, 1 notice"


@pytest.mark.parametrize(
    ("source", "column", "length", "underline"),
    [
        ("abc", 1, 1, "^"),
        ("abc", 2, 2, " ^~"),
        ("abc", 2, 99, " ^~"),
        ("abc", 4, 0, "   ^"),
        ("abc", 99, 1, "   ^"),
        ("中文 $NAEM", 4, 5, "     ^~~~~"),
        ("中文", 1, 2, "^~~~"),
        ("e\u0301t", 3, 1, " ^"),
        ("\tx", 2, 1, "    ^"),
        ("\x1bx", 2, 1, "    ^"),
        ("\u202ex", 2, 1, "      ^"),
        ("", 1, 1, "^"),
    ],
)
def test_the_underline_is_under_its_place(source: str, column: int, length: int, underline: str) -> None:
    assert shown(source, column, length)[1] == f"    | {underline}"


def test_tabs_become_spaces_and_controls_are_written_out() -> None:
    assert shown("\tred\x1b[31m\r", 2, 3)[0] == r"  1 |     red\x1b[31m"


@pytest.mark.parametrize(
    ("source", "column", "length", "line", "underline"),
    [
        ("x" * 60, 3, 2, "x" * 31 + "...", "  ^~"),
        ("x" * 30 + "HERE" + "y" * 30, 31, 4, "..." + "x" * 11 + "HERE" + "y" * 13 + "...", " " * 14 + "^~~~"),
        ("x" * 60 + "HERE", 61, 4, "..." + "x" * 11 + "HERE", " " * 14 + "^~~~"),
        ("x" * 60, 5, 99, "x" * 31 + "...", "    ^" + "~" * 26),
        ("文" * 60, 31, 1, "..." + "文" * 14 + "...", " " * 13 + "^~"),
    ],
)
def test_a_long_line_is_cut_around_the_place(source: str, column: int, length: int, line: str, underline: str) -> None:
    assert shown(source, column, length, width=40) == [f"  1 | {line}", f"    | {underline}"]


def test_a_line_of_a_million_marks_without_width_is_cut_too() -> None:
    line, underline = shown("a" + "\u0301" * 1_000_000, 500_000, width=40)
    assert len(line) < 120
    assert len(underline) < 50


def test_messages_hints_and_files_cannot_move_the_cursor() -> None:
    hostile = Problem(code="odd", message="\x1b[2J", hint="\x1b]0;x\x07\nnext", file="\x1b[1mname")
    text = render_problem(hostile, file="f")
    assert "\x1b" not in text
    assert text == "\\x1b[1mname: error: \\x1b[2J [odd]\n  hint: \\x1b]0;x\\x07\\nnext"


def test_colours_mark_the_severity_and_the_place() -> None:
    text = render_problem(problem(1, 1), file="f", lines=["x"], paint=coloured)
    assert "\x1b[31;1merror:\x1b[0m" in text
    assert "\x1b[31m^\x1b[0m" in text


def test_as_json_a_problem_has_seven_fields() -> None:
    assert problem_as_json(problem(3, 4, step="2", hint="h")) == {
        "code": "odd",
        "severity": "error",
        "message": "this is odd",
        "line": 3,
        "column": 4,
        "step": "2",
        "hint": "h",
    }


def test_as_json_what_is_not_known_is_null_and_a_file_is_named_where_asked() -> None:
    bare = Problem(code="odd", message="m", file="a.json")
    assert problem_as_json(bare, file=True) == {
        "file": "a.json",
        "code": "odd",
        "severity": "error",
        "message": "m",
        "line": None,
        "column": None,
        "step": None,
        "hint": None,
    }
