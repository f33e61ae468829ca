"""What the tests of packs share: a pack written into a temporary folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

MakePack = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def make_pack(tmp_path: Path) -> MakePack:
    """Write files, by their path inside the pack, into the pack `Demo`; return its folder."""

    def make(files: Mapping[str, str]) -> Path:
        folder = tmp_path / "Demo"
        for relative, text in files.items():
            file = folder / relative
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        folder.mkdir(exist_ok=True)
        return folder

    return make
