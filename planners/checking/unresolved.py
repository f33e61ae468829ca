"""Unresolved references: those that lead nowhere, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal
from weakref import WeakKeyDictionary

from forethought.kernel.problems import Place
from forethought.planners.language.nodes import Argument, ForEach
from forethought.planners.language.templates import Reference

from .bound import BoundBlock, BoundBody, BoundNode, BoundPlan, BoundStep
from .naming import nearest
from .references import are_exclusive, decisions_of, has_few_references, parted, reference_place

__all__ = ["Unresolved", "unresolved"]

_COMPARED = 1000
_LATEST = 64
_SETTERS = 16

Why = Literal["early", "branch", "item", "near", "unknown"]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A reference to a name that is not known at its point of the document, the first of that name in its argument.

    `why` is *early* where a later node (`setter`) sets the variable; *branch* where one does in the other branch of an
    `if`; *item* where it is what a foreach holds, outside of it; *near* where it stands inside text and a known
    variable (`meant`) is spelled almost like it; else *unknown*. `whole` says that it is no part of a text, `sign`
    what stands before a variable there: a dollar, or in a test nothing. `known` are the variables known there, the
    latest 64, latest first.
    """

    step: str
    argument: Argument
    reference: Reference
    whole: bool
    sign: str
    why: Why
    setter: str
    meant: str | None
    known: Collection[str]
    place: Place | None


def unresolved(bound: BoundPlan) -> Sequence[Unresolved]:
    """Return the references that lead nowhere, in document order.

    Only the first thousand are compared with what is known, so that a hostile plan costs little.
    """
    found = _unresolved.get(bound)
    if found is None:
        some = has_few_references(bound) and (
            any(resolved.producer is None for _, _, resolved in bound.references)
            or any(resolved.producer is None for block in bound.blocks for resolved in block.reads)
        )
        found = _unresolved[bound] = tuple(_Search(bound).body(bound.body)) if some else ()
    return found


_unresolved: WeakKeyDictionary[BoundPlan, Sequence[Unresolved]] = WeakKeyDictionary()


class _Search:
    """One walk through a plan, which keeps in mind what is known where it is."""

    def __init__(self, bound: BoundPlan) -> None:
        self._bound = bound
        nodes: list[BoundNode] = [*bound.steps, *bound.blocks]
        self._nodes = {each.id: each for each in nodes}
        self._known = {name: producer.name for name, producer in bound.outside.items()}
        self._added: list[str] = []
        self._parted = parted(bound)
        self._setters = _setters(bound)
        self._items = {each.node.item.lower(): each.id for each in bound.blocks if isinstance(each.node, ForEach)}
        self._compared = 0

    def body(self, body: BoundBody) -> Iterator[Unresolved]:
        for each in body.nodes:
            node = self._nodes[each.id]
            if isinstance(node, BoundStep):
                yield from self._step(node)
                self._add(node.step.sets)
            else:
                yield from self._block(node)

    def _step(self, step: BoundStep) -> Iterator[Unresolved]:
        for expression in step.referring:
            whole, missing = expression.template.whole is not None, dict[str, Reference]()
            for resolved in expression.references:
                if resolved.producer is None:
                    missing.setdefault(resolved.reference.name.lower(), resolved.reference)
            for reference in missing.values():
                yield self._found(step.id, expression.argument, reference, "$", step.step.place, whole=whole)

    def _block(self, block: BoundBlock) -> Iterator[Unresolved]:
        seen: set[str] = set()
        whole = block.over is None or block.over.template.whole is not None
        for each in decisions_of(block):
            reference, name = each.resolved.reference, each.resolved.reference.name.lower()
            if each.resolved.producer is None and not each.guarded and name not in seen:
                sign = "" if each.in_test else "$"
                yield self._found(block.id, each.argument, reference, sign, block.node.place, whole=whole)
            seen.add(name)
        left: list[str] = []
        item = block.node.item if isinstance(block.node, ForEach) else None
        for body in block.bodies:
            mark = len(self._added)
            self._add(item)
            yield from self.body(body)
            left += [self._known.pop(key) for key in self._added[mark:]]
            del self._added[mark:]
        for name in left:
            if item is None or name.lower() != item.lower():
                self._add(name)
        self._add(block.node.sets if isinstance(block.node, ForEach) else None)

    def _add(self, name: str | None) -> None:
        if name:
            key = name.lower()
            if key not in self._known:
                self._added.append(key)
            self._known[key] = self._known.pop(key, name)

    def _found(
        self, id_: str, argument: Argument, reference: Reference, sign: str, place: Place | None, *, whole: bool
    ) -> Unresolved:
        name = reference.name.lower()
        latest = tuple(islice(reversed(self._known.values()), _LATEST))
        why, setter, meant = self._why(id_, name), "", None
        if why == "unknown":
            meant = nearest(name, latest) if self._compared < _COMPARED else None
            why = "near" if meant and not whole else "unknown"
        elif why == "item":
            setter = self._items[name]
        else:
            setter = self._setter(id_, name, exclusive=why == "branch") or ""
        self._compared += 1
        place = reference_place(self._bound.plan, argument, reference) or place
        return Unresolved(id_, argument, reference, whole, sign, why, setter, meant, latest, place)

    def _why(self, id_: str, name: str) -> Why:
        if self._setter(id_, name, exclusive=False):
            return "early"
        if name in self._items:
            return "item"
        return "branch" if name in self._setters else "unknown"

    def _setter(self, id_: str, name: str, *, exclusive: bool) -> str | None:
        """Return the first node that sets the variable, of those in another branch than `id_` or of all others."""
        setters = self._setters.get(name, ())
        return next((each for each in setters if are_exclusive(id_, each, self._parted) is exclusive), None)


def _setters(bound: BoundPlan) -> Mapping[str, list[str]]:
    """Return the first nodes that set each variable, by its lower-case name."""
    setters: dict[str, list[str]] = {}
    named = [(each.id, each.step.sets) for each in bound.steps]
    named += [(each.id, each.node.sets) for each in bound.blocks if isinstance(each.node, ForEach)]
    for id_, name in named:
        if name:
            found = setters.setdefault(name.lower(), [])
            if len(found) < _SETTERS:
                found.append(id_)
    return setters
