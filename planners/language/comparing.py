"""Comparing: what changed between two plans, step by step.

Steps are aligned by what they say, then those between by what they call: the longest common run first, as Ratcliff
and Obershelp describe ("Pattern Matching: The Gestalt Approach", Dr. Dobb's Journal, July 1988). Blocks that are
aligned are compared inside.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from .nodes import ForEach, If, Input, Node, Plan, Step, While, else_id, numbered

__all__ = ["Change", "Detail", "Kind", "compare"]

Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing about a step, block or input that differs: None where it is not there."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: of the `goal`, of an `input`, or of a `step`, which may be a block.

    `old` and `new` are what it is called in either plan: the id of a step, the name of an input; None where it is not
    there. `label` says what it is: the function of a step, the element of a block. A step that was *moved* is the same
    at another place. `details` are what differs inside, or for what is *added* or *removed* all there is.
    """

    of: Literal["goal", "input", "step"]
    kind: Kind
    old: str | None
    new: str | None
    label: str
    details: tuple[Detail, ...] = ()


_Numbered = Sequence[tuple[str, Node]]


def compare(old: Plan, new: Plan) -> tuple[Change, ...]:
    """Return what changed from `old` to `new`, in the order of `new`; nothing where they do the same.

    Comments count; places and the order of arguments do not.
    """
    changes: list[Change] = []
    if old.goal != new.goal:
        changes.append(Change("goal", "changed", None, None, "goal", (Detail("goal", old.goal, new.goal),)))
    changes += _inputs(old, new)
    said = _differing({"reason": old.reason, "comment": old.remark}, {"reason": new.reason, "comment": new.remark})
    steps = _moved([*_bodies(list(numbered(old.steps)), list(numbered(new.steps)))])
    if said:
        steps.append(Change("goal", "changed", None, None, "plan", said))
    return (*changes, *steps)


def _inputs(old: Plan, new: Plan) -> Iterator[Change]:
    for each in old.inputs:
        now = new.input(each.name)
        if now is None:
            yield Change("input", "removed", each.name, None, each.name, _details(_said(each), removed=True))
        elif details := _differing(_said(each), _said(now)):
            yield Change("input", "changed", each.name, now.name, now.name, details)
    for each in new.inputs:
        if old.input(each.name) is None:
            yield Change("input", "added", None, each.name, each.name, _details(_said(each), removed=False))


def _bodies(old: _Numbered, new: _Numbered) -> Iterator[Change]:
    """Yield what changed from one body to another."""
    before, after = [_content(node) for _, node in old], [_content(node) for _, node in new]
    for kind, low, high, start, stop in _aligned(before, after):
        if kind == "equal":
            continue
        labels = (
            [_label(node).lower() for _, node in old[low:high]],
            [_label(node).lower() for _, node in new[start:stop]],
        )
        for same, first, last, begin, end in _aligned(*labels):
            if same == "equal":
                pairs = zip(old[low + first : low + last], new[start + begin : start + end], strict=True)
                for one, other in pairs:
                    yield from _pair(one, other)
            else:
                for each in old[low + first : low + last]:
                    yield from _whole(*each, removed=True)
                for each in new[start + begin : start + end]:
                    yield from _whole(*each, removed=False)


def _aligned(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield the runs that are equal or not: what both begin and end with first, since that is quick."""
    least = min(len(old), len(new))
    head = next((at for at in range(least) if old[at] != new[at]), least)
    tail = next((at for at in range(least - head) if old[-1 - at] != new[-1 - at]), least - head)
    if head:
        yield "equal", 0, head, 0, head
    inside = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail])
    for kind, low, high, start, stop in inside.get_opcodes():
        yield kind, head + low, head + high, head + start, head + stop
    if tail:
        yield "equal", len(old) - tail, len(old), len(new) - tail, len(new)


def _pair(old: tuple[str, Node], new: tuple[str, Node]) -> Iterator[Change]:
    """Yield what changed from one step or block to another with the same label."""
    (was, one), (now, other) = old, new
    if details := _differing(_fields(one), _fields(other)):
        yield Change("step", "changed", was, now, _label(other), details)
    for before, after in zip(_inside(was, one), _inside(now, other), strict=True):
        yield from _bodies(before, after)


def _whole(id_: str, node: Node, *, removed: bool) -> Iterator[Change]:
    """Yield a step that came or went, or a block and all that is in it."""
    details = _details(_fields(node), removed=removed)
    old, new = (id_, None) if removed else (None, id_)
    yield Change("step", "removed" if removed else "added", old, new, _label(node), details)
    for body in _inside(id_, node):
        for each in body:
            yield from _whole(*each, removed=removed)


def _inside(id_: str, node: Node) -> Sequence[_Numbered]:
    """Return the bodies of a block: those of an `if` are two."""
    match node:
        case If():
            return list(numbered(node.then, f"{id_}.")), list(numbered(node.otherwise, f"{else_id(id_)}."))
        case ForEach() | While():
            return (list(numbered(node.body, f"{id_}.")),)
        case _:
            return ()


def _moved(changes: Sequence[Change]) -> list[Change]:
    """Return the changes with each step that is removed here and added there told once, where it is now."""
    removed: dict[Hashable, list[Change]] = {}
    for change in changes:
        if change.kind == "removed":
            removed.setdefault(_told(change), []).append(change)
    gone: set[int] = set()
    kept: list[Change] = []
    for change in changes:
        if change.kind == "added" and (same := removed.get(_told(change))):
            source = same.pop(0)
            gone.add(id(source))
            kept.append(replace(change, kind="moved", old=source.old, details=()))
        else:
            kept.append(change)
    return [change for change in kept if id(change) not in gone]


def _told(change: Change) -> Hashable:
    return change.label.lower(), frozenset((each.name, each.old or each.new) for each in change.details)


def _label(node: Node) -> str:
    match node:
        case Step():
            return node.function.text
        case If():
            return "if"
        case ForEach():
            return "foreach"
        case While():
            return "while"


def _content(node: Node) -> Hashable:
    """Return what tells whether two steps or blocks say the same."""
    inside: tuple[Hashable, ...] = ()
    match node:
        case If():
            inside = (tuple(map(_content, node.then)), tuple(map(_content, node.otherwise)))
        case ForEach() | While():
            inside = tuple(map(_content, node.body))
        case _:
            pass
    return _label(node).lower(), frozenset((key.lower(), value) for key, value in _fields(node).items()), inside


def _fields(node: Node) -> dict[str, str]:
    """Return what a step or block says, by the name that it has in the plan; a comment comes last."""
    fields: dict[str, str | None] = {}
    match node:
        case Step():
            fields = {each.name: each.value for each in reversed(node.arguments)}  # of one name the first counts
            fields = dict(reversed(fields.items()))
            fields |= {"setContextVariable": node.sets, "appendToResult": node.appends}
        case If():
            fields = {"test": node.test}
        case ForEach():
            most = None if node.max is None else str(node.max)
            fields = {"item": node.item, "in": node.over, "max": most, "setContextVariable": node.sets}
        case While():
            fields = {"test": node.test, "max": str(node.max)}
    said = {name: value for name, value in fields.items() if value is not None}
    return said | ({"comment": node.rationale} if node.rationale else {})


def _said(each: Input) -> dict[str, str]:
    fields = {"type": each.type, "description": each.description, "default": each.value}
    return {name: value for name, value in fields.items() if value}


def _details(fields: Mapping[str, str], *, removed: bool) -> tuple[Detail, ...]:
    return tuple(Detail(name, value if removed else None, None if removed else value) for name, value in fields.items())


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Detail, ...]:
    """Return what differs, by names whatever their case: those of `new` first."""
    before = {name.lower(): (name, value) for name, value in old.items()}
    details = [
        Detail(name, before.get(name.lower(), ("", None))[1], value)
        for name, value in new.items()
        if before.get(name.lower(), ("", None))[1] != value
    ]
    now = {name.lower() for name in new}
    return (*details, *(Detail(name, value, None) for key, (name, value) in before.items() if key not in now))
