"""A new pack works from the start, and nothing is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from forethought.kernel.errors import PackError
from forethought.kernel.packs.loading import load_native
from forethought.kernel.packs.pack import NativeSource
from forethought.kernel.packs.reading import read_pack
from forethought.kernel.packs.scaffolding import scaffold


def test_a_new_pack_has_one_prompt_function_and_one_native_function(tmp_path: Path) -> None:
    files = scaffold(tmp_path / "plugins", "我的技能")
    folder = tmp_path / "plugins" / "我的技能"
    assert files == (folder / "Explain" / "skprompt.txt", folder / "Explain" / "config.json", folder / "text.py")
    pack = read_pack(folder)
    assert pack.problems == ()
    assert [(each.signature.full_name, each.signature.kind) for each in pack.functions] == [
        ("我的技能.Explain", "prompt"),
        ("我的技能.count_words", "native"),
    ]
    source = pack.functions[1].source
    assert isinstance(source, NativeSource)
    function, _ = load_native(source, pack.functions[1].signature)
    assert function(input="one two") == 2


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    scaffold(tmp_path, "Mine")
    with pytest.raises(PackError, match="it is there already: choose another name, or remove it first"):
        scaffold(tmp_path, "Mine")


@pytest.mark.parametrize("name", ["", "..", "../Evil", "a/b", "two words", "1st", "-x", "C:\\x"])
def test_a_name_that_cannot_name_a_pack_writes_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(PackError) as caught:
        scaffold(tmp_path / "plugins", name)
    assert (
        caught.value.reason == f"'{name}' cannot name a pack: use letters, digits, '_' and '-', and start with a letter"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_a_pack_error(tmp_path: Path) -> None:
    (tmp_path / "plugins").touch()
    with pytest.raises(PackError, match="it cannot be written"):
        scaffold(tmp_path / "plugins", "Mine")
