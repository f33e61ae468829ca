"""Problems as a compiler shows them: where, what, the line itself with the place underlined, and the way out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from forethought.kernel.problems import Place, Problem, Severity

from .styling import Paint, Style, plain, visible, width_of

__all__ = ["count_problems", "problem_as_json", "render_problem", "render_problems"]

_STYLES: dict[Severity, Style] = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTICE: "cyan"}
_TAB = "    "
_MORE = "..."


def render_problems(
    problems: Sequence[Problem], *, file: str, source: str = "", paint: Paint = plain, width: int = 100
) -> str:
    """Return all problems, in order, and a last line that counts them; an empty text where there is none."""
    if not problems:
        return ""
    lines = source.split("\n")
    shown = [render_problem(each, file=file, lines=lines, paint=paint, width=width) for each in problems]
    return "\n".join([*shown, count_problems(problems)])


def render_problem(
    problem: Problem, *, file: str, lines: Sequence[str] = (), paint: Paint = plain, width: int = 100
) -> str:
    """Return one problem: `file:line:column: severity: message [code]`, the source line, the underline, the hint.

    `file` names the file where the problem does not; `lines` are those of the file that places point into. Tabs and
    hidden characters are written out and wide ones counted as wide, so the underline is always under its place; a
    line longer than `width` is cut around it.
    """
    place = problem.place
    where = visible(problem.file or file) + (f":{place.line}:{place.column}" if place else "")
    style = _STYLES[problem.severity]
    code = paint(f"[{problem.code}]", "dim")
    head = (
        f"{paint(f'{where}:', 'bold')} {paint(f'{problem.severity}:', style, 'bold')} {visible(problem.message)} {code}"
    )
    shown = [head]
    if place and 0 < place.line <= len(lines):
        number = str(place.line)
        text, mark = _excerpt(lines[place.line - 1].removesuffix("\r"), place, width - len(number) - 5)
        shown.append(f"  {paint(f'{number} |', 'blue')} {text}")
        shown.append(f"  {paint(' ' * len(number) + ' |', 'blue')} {paint(mark, style)}")
    if problem.hint:
        shown.append(f"  {paint('hint:', 'bold')} {visible(problem.hint)}")
    return "\n".join(shown)


def _excerpt(line: str, place: Place, width: int) -> tuple[str, str]:
    """Return the part of `line` around `place` that fits in `width` columns, and the underline below it."""
    start = min(max(place.column - 1, 0), len(line))
    first = 0
    if _fitting(line[: 2 * width], width - len(_MORE)) < min(start + place.length, len(line)):
        first = start - _fitting(line[max(start - width, 0) : start][::-1], width // 3)  # a third before the place
    prefix = _MORE if first else ""
    window = line[first : first + 2 * width]
    last, suffix = first + _fitting(window, width - len(prefix)), ""
    if last < len(line):
        last, suffix = first + _fitting(window, width - len(prefix) - len(_MORE)), _MORE
    before = len(prefix) + width_of(_shown(line[first:start]))
    marked = width_of(_shown(line[start : min(start + place.length, last)]))
    return prefix + _shown(line[first:last]) + suffix, " " * before + "^" + "~" * (marked - 1)


def _fitting(text: str, width: int) -> int:
    """Return how many characters of `text` fit in `width` columns; one without width takes half a column here."""
    used = 0.0
    for count, each in enumerate(text):
        used += 1 if " " <= each <= "~" else width_of(_shown(each)) or 0.5
        if used > width:
            return count
    return len(text)


def _shown(text: str) -> str:
    return visible(text.replace("\t", _TAB))


def count_problems(problems: Iterable[Problem]) -> str:
    """Return how many problems there are of each severity: `2 errors, 1 warning`."""
    counts = Counter(problem.severity for problem in problems)
    return ", ".join(f"{counts[each]} {each}{'' if counts[each] == 1 else 's'}" for each in Severity if counts[each])


def problem_as_json(problem: Problem, *, file: bool = False) -> dict[str, object]:
    """Return a problem in the shape that `check --json` documents; with `file`, as `skills check --json` does."""
    place = problem.place
    shape: dict[str, object] = {
        "code": problem.code,
        "severity": str(problem.severity),
        "message": problem.message,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "step": problem.step,
        "hint": problem.hint,
    }
    return {"file": problem.file, **shape} if file else shape
