"""The codes of the reader are a closed list, and documented."""

from __future__ import annotations

import re
from pathlib import Path

from forethought.planners.language.problems import CODES

ROOT = Path(__file__).parents[3]


def test_the_page_on_the_language_lists_every_code_with_its_meaning() -> None:
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    table = page[page.index("## Problems of the reader") :]
    assert dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", table, re.MULTILINE)) == dict(CODES)


def test_every_code_the_reader_can_give_is_listed_and_every_listed_one_is_given() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "planners" / "language").glob("*.py"))
    given = re.findall(r'(?:\b(?:add|note|stop)\(\s*|code ?= ?)"([a-z-]+)"', source)
    assert set(given) == set(CODES)
