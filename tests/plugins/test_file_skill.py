"""FileSkill: text goes to files and comes back unchanged, and no path leads out of the folder of files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from forethought.kernel import Kernel
from forethought.kernel.errors import FunctionError


@pytest.fixture
def root(home: Path) -> Path:
    (home / "secret.txt").write_text("secret", encoding="utf-8")
    folder = home / "files"
    folder.mkdir()
    return folder


async def test_what_is_written_is_read_back_unchanged(kernel: Kernel, home: Path) -> None:
    text = "a\r\nb\n你好 <&> \x00 end"
    assert await kernel.invoke("FileSkill.write", path="notes/今天.txt", input=text) == "notes/今天.txt"
    assert await kernel.invoke("FileSkill.read", path="notes/今天.txt") == text
    assert (home / "files" / "notes" / "今天.txt").read_bytes() == text.encode()


async def test_writing_replaces_and_appending_adds(kernel: Kernel, root: Path) -> None:
    await kernel.invoke("FileSkill.append", path="a.txt", input="1")
    await kernel.invoke("FileSkill.append", path="a.txt", input="2")
    assert (root / "a.txt").read_text(encoding="utf-8") == "12"
    (root / "a.txt").chmod(0o600)
    await kernel.invoke("FileSkill.write", path="a.txt", input="3")
    assert (root / "a.txt").read_text(encoding="utf-8") == "3"
    assert (root / "a.txt").stat().st_mode & 0o777 == 0o600
    assert await kernel.invoke("FileSkill.list") == ["a.txt"]


async def test_listing_names_every_file_below(kernel: Kernel, root: Path) -> None:
    (root / "b").mkdir()
    for name in ("z.txt", "b/c.txt"):
        (root / name).touch()
    (root / "link.txt").symlink_to(root.parent / "secret.txt")
    assert await kernel.invoke("FileSkill.list") == ["b/c.txt", "z.txt"]
    assert await kernel.invoke("FileSkill.list", path="b") == ["b/c.txt"]
    with pytest.raises(FunctionError, match="there is no folder 'nowhere'"):
        await kernel.invoke("FileSkill.list", path="nowhere")


async def test_without_the_folder_there_are_no_files(kernel: Kernel) -> None:
    assert await kernel.invoke("FileSkill.list") == []
    with pytest.raises(FunctionError, match=r"there is no file 'a\.txt'"):
        await kernel.invoke("FileSkill.read", path="a.txt")


async def test_the_folder_is_a_setting(kernel: Kernel, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "forethought.toml").write_text('[files]\nroot = "here"\n', encoding="utf-8")
    await kernel.invoke("FileSkill.write", path="a.txt", input="1")
    assert (home / "here" / "a.txt").is_file()
    monkeypatch.setenv("FORETHOUGHT_FILES_ROOT", str(home / "there"))
    await kernel.invoke("FileSkill.write", path="a.txt", input="1")
    assert (home / "there" / "a.txt").is_file()


@pytest.mark.parametrize(
    "path",
    ["../secret.txt", "a/../../secret.txt", "a\\..\\..\\b", "/etc/passwd", "C:\\x.txt", "C:x.txt", "\\x", "a\0b", ""],
)
@pytest.mark.parametrize("function", ["read", "write", "append", "list"])
async def test_a_path_that_leads_out_is_refused(kernel: Kernel, root: Path, path: str, function: str) -> None:
    if function == "list" and not path:  # the folder itself
        path = ".."
    arguments = {"path": path} | ({"input": "x"} if function in ("write", "append") else {})
    with pytest.raises(FunctionError, match="is not a path within the folder of files"):
        await kernel.invoke(f"FileSkill.{function}", **arguments)
    assert (root.parent / "secret.txt").read_text(encoding="utf-8") == "secret"


@pytest.mark.parametrize("path", ["out/secret.txt", "secret.txt", "new/made.txt"])
@pytest.mark.parametrize("function", ["read", "write", "append"])
async def test_a_link_that_leads_out_is_refused(kernel: Kernel, root: Path, path: str, function: str) -> None:
    (root / "out").symlink_to(root.parent)
    (root / "secret.txt").symlink_to(root.parent / "secret.txt")
    (root / "new").symlink_to(root.parent / "elsewhere")
    arguments = {"path": path} | ({} if function == "read" else {"input": "x"})
    with pytest.raises(FunctionError, match="leads out of the folder of files"):
        await kernel.invoke(f"FileSkill.{function}", **arguments)
    assert (root.parent / "secret.txt").read_text(encoding="utf-8") == "secret"
    assert not (root.parent / "elsewhere").exists()


async def test_what_is_no_text_file_is_refused(kernel: Kernel, root: Path) -> None:
    (root / "a.bin").write_bytes(b"ab\xff")
    with pytest.raises(FunctionError, match=r"'a\.bin' is not UTF-8 text \(byte 2\)"):
        await kernel.invoke("FileSkill.read", path="a.bin")
    with (root / "big.txt").open("wb") as stream:
        stream.truncate(10_000_001)
    with pytest.raises(FunctionError, match=r"'big\.txt' has 10000001 bytes; at most 10000000 are read"):
        await kernel.invoke("FileSkill.read", path="big.txt")
    os.mkfifo(root / "pipe")
    (root / "folder").mkdir()
    for name in ("pipe", "folder", "."):
        with pytest.raises(FunctionError, match=f"'{name}' is not a file that can be written"):
            await kernel.invoke("FileSkill.append", path=name, input="x")
    with pytest.raises(FunctionError, match="there is no file 'pipe'"):
        await kernel.invoke("FileSkill.read", path="pipe")
