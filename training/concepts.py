"""What functions can do: concepts with many names, descriptions and ways to ask for them.

A table has a concept a line, its fields divided by `|`:

    key | names | descriptions | slots | imperatives | noun phrases | what it makes

Alternatives are divided by `;`. A slot is `kind:name,name…`: the kind of its value, then what its parameter may
be called; in phrases it stands as `{kind}`, or `{kind2}` for a second one of its kind. A slot with `?` is optional, one
with `<` takes results of other functions, too. Families of like concepts are made from smaller tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Concept", "Slot", "read_table"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing a concept needs: the key by which phrases name it, the kind of its value, names for its parameter."""

    key: str
    kind: str
    names: tuple[str, ...]
    optional: bool = False
    takes: bool = False


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that a function can do. `makes` is the kind of its result, empty where it only acts on the world."""

    key: str
    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    slots: tuple[Slot, ...]
    does: tuple[str, ...]
    nouns: tuple[str, ...]
    makes: str
    chinese: tuple[str, ...] = ()

    def slot(self, key: str) -> Slot:
        """Return the slot of this key."""
        return next(each for each in self.slots if each.key == key)


def read_table(table: str) -> Iterator[Concept]:
    """Yield the concepts of a table."""
    for row in table.strip().splitlines():
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        fields = [each.strip() for each in row.split("|")]
        key, names, descriptions, slots, does, nouns, makes, *chinese = fields
        found: list[Slot] = []
        for each in slots.split():
            kind, _, parameters = each.partition(":")
            bare = kind.rstrip("?<")
            found.append(Slot(bare, bare.rstrip("23"), tuple(parameters.split(",")), "?" in kind, "<" in kind))
        split = (_split(each) for each in (names, descriptions, does, nouns, chinese[0] if chinese else ""))
        called, said, imperatives, phrases, foreign = split
        yield Concept(key, called, said, tuple(found), imperatives, phrases, makes, foreign)


def _split(field: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in field.split(";") if each.strip())
