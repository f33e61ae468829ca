"""Of a folder, every file that may be a document is found, and each that is left out says why."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from forethought.kernel.memory.documents.finding import Skipped, find_files


def found(folder: Path) -> tuple[list[str], dict[str, str]]:
    every = list(find_files(folder))
    files = [each.relative_to(folder).as_posix() for each in every if isinstance(each, Path)]
    skipped = {
        Path(each.source).relative_to(folder).as_posix(): each.reason for each in every if isinstance(each, Skipped)
    }
    return files, skipped


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x", encoding="utf-8")


def test_files_are_found_in_order_and_what_is_none_says_why(tmp_path: Path) -> None:
    make(
        tmp_path, "b/c.md", "b/a.txt", "a.md", "d.md", ".hidden", ".git/config", "b/__pycache__/x.pyc", "env/pyvenv.cfg"
    )
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    (tmp_path / "link.md").symlink_to(tmp_path / "a.md")
    os.mkfifo(tmp_path / "pipe")
    assert found(tmp_path) == (
        ["a.md", "d.md", "b/a.txt", "b/c.md"],
        {
            ".git": "hidden",
            ".hidden": "hidden",
            "b/__pycache__": "made by programs",
            "b/loop": "a symbolic link",
            "env": "made by programs",
            "link.md": "a symbolic link",
            "pipe": "not a regular file",
        },
    )


def test_what_a_gitignore_names_is_left_out_and_the_nearest_one_counts(tmp_path: Path) -> None:
    make(tmp_path, "a.log", "b.md", "build/x.md", "src/build", "src/a.log", "src/keep.log")
    (tmp_path / ".gitignore").write_text("*.log\n/build/\n", encoding="utf-8")
    (tmp_path / "src" / ".gitignore").write_text("!keep.log\n", encoding="utf-8")
    files, skipped = found(tmp_path)
    assert files == ["b.md", "src/build", "src/keep.log"]
    assert {name for name, reason in skipped.items() if reason == "named in .gitignore"} == {
        "a.log",
        "build",
        "src/a.log",
    }


def test_a_link_to_a_folder_is_followed_where_it_was_asked_for(tmp_path: Path) -> None:
    make(tmp_path, "real/a.md")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert found(tmp_path / "link")[0] == ["a.md"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is forbidden to this user")
def test_a_folder_that_may_not_be_listed_is_left_out(tmp_path: Path) -> None:
    make(tmp_path, "a.md", "no/b.md")
    (tmp_path / "no").chmod(0)
    assert found(tmp_path) == (["a.md"], {"no": "it cannot be read: permission denied"})
    (tmp_path / "no").chmod(0o700)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(find_files(tmp_path / "nowhere"))
