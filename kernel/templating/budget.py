"""Budget: how much one rendering may do, so that no template runs for ever or fills the memory."""

from __future__ import annotations

from .formats import TemplateError

__all__ = ["MAX_STEPS", "MAX_TEXT", "Budget"]

MAX_STEPS = 100_000
"""The most rounds of loops, and calls, of one rendering."""

MAX_TEXT = 10_000_000
"""The most characters that one rendering may make, those in between counted too."""


class Budget:
    """What is left of it; raises TemplateError where that is nothing."""

    __slots__ = ("_steps", "_text")

    def __init__(self) -> None:
        self._steps = MAX_STEPS
        self._text = MAX_TEXT

    def step(self) -> None:
        """Count a round of a loop, or a call."""
        self._steps -= 1
        if self._steps < 0:
            raise TemplateError(f"the template takes more than {MAX_STEPS:,} rounds and calls")

    def text(self, length: int) -> None:
        """Count text that is made, before it is."""
        self._text -= length
        if self._text < 0:
            raise TemplateError(f"the template makes more than {MAX_TEXT:,} characters of text")
