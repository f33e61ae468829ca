"""Whatever a plan holds, showing its problems is safe, short and aligned."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from forethought.cli.rendering.problems import render_problem
from forethought.cli.rendering.styling import visible, width_of
from forethought.kernel.problems import Place, Problem

LINES = st.text(max_size=300).map(lambda text: text.replace("\n", ""))


@given(LINES, st.integers(1, 400), st.integers(0, 400), st.integers(40, 120), st.text(max_size=20))
def test_no_control_character_passes_and_no_line_is_too_wide(
    line: str, column: int, length: int, width: int, message: str
) -> None:
    problem = Problem(code="odd", message=message, hint=message or None, place=Place(1, column, length))
    shown = render_problem(problem, file="plan.xml", lines=[line], width=width)
    assert all(unicodedata.category(each) not in ("Cc", "Cs") for each in shown if each != "\n")
    for each in shown.split("\n")[1:3]:
        assert width_of(each) <= width


@given(st.text(alphabet="ab中\t\u0301é\x1b👍", max_size=80), st.data())
def test_the_underline_starts_below_the_first_character_of_its_place(line: str, data: st.DataObject) -> None:
    column = data.draw(st.integers(1, len(line) + 1))
    shown = render_problem(Problem(code="odd", message="m", place=Place(1, column)), file="f", lines=[line], width=9999)
    _, text, mark = shown.split("\n")
    before = visible(line[: column - 1].replace("\t", "    "))
    assert text.startswith(f"  1 | {before}")
    assert mark.index("^") == len("    | ") + width_of(before)


@given(st.text(max_size=200))
def test_making_text_visible_twice_changes_nothing_more(text: str) -> None:
    assert visible(visible(text)) == visible(text)
