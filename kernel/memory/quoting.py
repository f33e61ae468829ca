"""Quoting: a value as one line of JSON, so that no text in a prompt can leave its place."""

from __future__ import annotations

import json
import re

__all__ = ["quoted"]

_BREAKS = re.compile("[\x7f-\x9f\u2028\u2029]")


def quoted(value: object) -> str:
    """Return `value` as JSON without anything that ends a line, for any reader of lines; `json.loads` gives it back."""
    return _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
