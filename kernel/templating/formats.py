"""What the three template languages share: their names, how they call functions, and how a line is counted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from forethought.kernel.errors import TemplateError

__all__ = ["CallFunction", "TemplateError", "TemplateFormat", "line_of"]

TemplateFormat = Literal["semantic-kernel", "handlebars", "jinja2"]

# Runs the function of a name with arguments by name, and returns its output.
CallFunction = Callable[[str, Mapping[str, object]], Awaitable[object]]


def line_of(template: str, offset: int) -> int:
    """Return the line, counted from 1, that the character at `offset` stands on."""
    return template.count("\n", 0, offset) + 1
