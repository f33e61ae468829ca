"""Counting: what is told of a sweep that counts what happened, and measures no time."""

from __future__ import annotations

import datetime
import platform
from collections.abc import Iterable

__all__ = ["print_counts"]


def print_counts(rows: Iterable[tuple[str, str]], seconds: float) -> None:
    """Print where and when it ran and how long that took, then a Markdown table."""
    today = datetime.datetime.now(tz=datetime.UTC).date()
    print(f"{platform.machine()}, Python {platform.python_version()}, {today}, {seconds:.0f} seconds\n")
    print("| what | how many |\n| --- | --- |")
    for what, count in rows:
        print(f"| {what} | {count} |")
