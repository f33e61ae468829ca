"""What the three template languages share: their names, how they call functions, and how a line is counted."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from forethought.kernel.errors import TemplateError

__all__ = ["CallFunction", "TemplateError", "TemplateFormat", "line_counter"]

TemplateFormat = Literal["semantic-kernel", "handlebars", "jinja2"]

# Runs the function of a name with arguments by name, and returns its output.
CallFunction = Callable[[str, Mapping[str, object]], Awaitable[object]]


def line_counter(template: str) -> Callable[[int], int]:
    """Return what tells the line, counted from 1, that the character at an offset stands on."""
    ends = [found.start() for found in re.finditer("\n", template)]
    return lambda offset: bisect_left(ends, offset) + 1
