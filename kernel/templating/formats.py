"""The names of the three template languages, and the one error that all of them raise."""

from __future__ import annotations

from typing import Literal

from forethought.kernel.errors import TemplateError

__all__ = ["TemplateError", "TemplateFormat", "line_of"]

TemplateFormat = Literal["semantic-kernel", "handlebars", "jinja2"]


def line_of(template: str, offset: int) -> int:
    """Return the line, counted from 1, that the character at `offset` stands on."""
    return template.count("\n", 0, offset) + 1
