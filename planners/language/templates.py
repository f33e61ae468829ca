"""Values with `$` references in them: a small language of its own, read once and never scanned again."""

from __future__ import annotations

from dataclasses import dataclass

from forethought.kernel.values import PathPart

__all__ = ["Reference", "Template", "Text", "parse_template"]


@dataclass(frozen=True, slots=True)
class Text:
    """Text that stands for itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a variable: `$NAME`, `$NAME.field`, `$NAME[0]`, or in braces, where the path always counts.

    `source` is how it was written (what stays where the variable is unknown), `offset` where it starts in the value.
    """

    name: str
    path: tuple[PathPart, ...]
    braced: bool
    source: str
    offset: int


@dataclass(frozen=True, slots=True)
class Template:
    """A value: pieces in order. `whole` is the reference where the value is nothing but one reference."""

    pieces: tuple[Text | Reference, ...]

    @property
    def whole(self) -> Reference | None:
        """The one reference that is the whole value, or None."""
        match self.pieces:
            case (Reference() as reference,):
                return reference
            case _:
                return None

    @property
    def references(self) -> tuple[Reference, ...]:
        """All references, in order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Reference))


def parse_template(value: str) -> Template:
    """Read a value; any text is a template, so this never fails."""
    raise NotImplementedError
