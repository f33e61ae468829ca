"""Changes between two plans, as people and programs read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from forethought.planners.language.comparing import Change, Detail, Kind

from .styling import Paint, Style, plain, visible

__all__ = ["change_as_json", "render_changes"]

_SIGNS: dict[Kind, tuple[str, Style]] = {
    "added": ("+", "green"),
    "removed": ("-", "red"),
    "changed": ("~", "yellow"),
    "moved": (">", "cyan"),
}


def render_changes(changes: Sequence[Change], *, paint: Paint = plain) -> str:
    """Return the changes, each with what differs below it, and how many there are."""
    if not changes:
        return "no changes"
    counts = Counter(change.kind for change in changes)
    summary = ", ".join(f"{count} {kind}" for kind in _SIGNS if (count := counts[kind]))
    return "\n".join([*(line for change in changes for line in _change(change, paint)), summary])


def _change(change: Change, paint: Paint) -> Iterator[str]:
    sign, style = _SIGNS[change.kind]
    yield f"{paint(sign, style)} {_named(change, paint)}"
    for detail in change.details:
        if change.kind == "changed" and detail.old is not None:
            yield from _lines(detail, detail.old, "-", "red", paint)
        if change.kind == "changed" and detail.new is not None:
            yield from _lines(detail, detail.new, "+", "green", paint)
        if change.kind != "changed":
            yield from _lines(detail, detail.old or detail.new or "", " ", "dim", paint)


def _named(change: Change, paint: Paint) -> str:
    if change.of == "goal":
        return paint(change.label, "bold")
    if change.of == "input":
        return f"input {paint(f'${visible(change.label)}', 'bold')}"
    was = f" (was {change.old})" if change.old and change.new and change.old != change.new else ""
    return f"{change.new or change.old}. {paint(visible(change.label), 'bold')}{was}"


def _lines(detail: Detail, value: str, sign: str, style: Style, paint: Paint) -> Iterator[str]:
    first, *more = value.split("\n")
    yield f"    {paint(f'{sign} {visible(detail.name)} = {visible(first)}', style)}"
    yield from (f"    {paint(f'{sign}   | {visible(line)}', style)}" for line in more)


def change_as_json(change: Change) -> dict[str, object]:
    """Return a change in the shape that `diff --json` documents."""
    return {
        "of": change.of,
        "kind": change.kind,
        "old": change.old,
        "new": change.new,
        "label": change.label,
        "details": [{"name": each.name, "old": each.old, "new": each.new} for each in change.details],
    }
