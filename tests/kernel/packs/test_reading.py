"""A folder of packs, or a pack, is read in one order and executes nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from forethought.kernel.errors import PackError
from forethought.kernel.packs.reading import read_pack, read_packs
from forethought.kernel.problems import Severity

MakePack = Callable[[Mapping[str, str]], Path]

NATIVE = 'from forethought.kernel import skill\n@skill\ndef {name}(): "d"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two packs, and of what is none."""
    for relative in ("Fun/Joke/skprompt.txt", "Text/f.py", "assets/logo.txt", ".hidden/Joke/skprompt.txt"):
        file = tmp_path / relative
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(NATIVE.format(name="f"))
    (tmp_path / "__init__.py").touch()
    return tmp_path


def test_every_pack_of_a_folder_is_read_by_name(folder: Path) -> None:
    assert [(each.name, each.directory) for each in read_packs(folder)] == [
        ("Fun", folder / "Fun"),
        ("Text", folder / "Text"),
    ]


def test_named_packs_are_read_alone_whatever_the_names_case(folder: Path) -> None:
    assert [each.name for each in read_packs(folder, ["text"])] == ["Text"]


def test_a_pack_that_is_not_there_is_an_error_with_the_way_out(folder: Path) -> None:
    with pytest.raises(PackError) as caught:
        read_packs(folder, ["Txt"])
    assert str(caught.value) == f"{folder}: there is no pack 'Txt'; did you mean 'Text'?"
    with pytest.raises(PackError, match=r"there is no pack 'Weather' \(it has: Fun, Text\)"):
        read_packs(folder, ["Weather"])


@pytest.mark.parametrize("pack", ["Fun", "Text"])
def test_a_folder_that_is_itself_a_pack_is_read_as_one(folder: Path, pack: str) -> None:
    assert [each.name for each in read_packs(folder / pack)] == [pack]
    assert [each.name for each in read_packs(folder / pack, [pack])] == [pack]


def test_a_pack_may_keep_data_and_recipes_in_folders(make_pack: MakePack) -> None:
    pack = make_pack({"f.py": NATIVE.format(name="f"), "data/contacts.json": "{}", "plans/p.xml": "<plan/>"})
    assert [each.name for each in read_packs(pack)] == ["Demo"]


@pytest.mark.parametrize("name", [".", ".."])
def test_the_working_folder_has_its_own_name(make_pack: MakePack, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    pack = make_pack({"f.py": NATIVE.format(name="f"), "data/x.txt": ""})
    monkeypatch.chdir(pack if name == "." else pack / "data")
    assert [each.name for each in read_packs(Path(name))] == ["Demo"]
    assert [each.name for each in read_packs(Path(name), ["Demo"])] == ["Demo"]


def test_an_empty_folder_has_no_packs(tmp_path: Path) -> None:
    assert read_packs(tmp_path) == ()


def test_a_missing_folder_and_a_file_are_pack_errors(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="there is no such folder"):
        read_packs(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(PackError, match="it cannot be read as a folder"):
        read_pack(tmp_path / "file")


def test_functions_come_in_the_order_of_their_files_and_lines(make_pack: MakePack) -> None:
    native = NATIVE.format(name="z") + '@skill\ndef y(): "d"\n'
    pack = read_pack(make_pack({"b.py": native, "A/skprompt.txt": "", "c.yaml": "template: x\nname: C\n"}))
    assert [each.signature.full_name for each in pack.functions] == ["Demo.A", "Demo.z", "Demo.y", "Demo.C"]


def test_of_two_functions_of_one_name_the_first_counts(make_pack: MakePack) -> None:
    pack = read_pack(make_pack({"a.py": NATIVE.format(name="joke"), "Joke/skprompt.txt": "x"}))
    assert [each.signature.name for each in pack.functions] == ["joke"]
    problem = next(each for each in pack.problems if each.code == "duplicate-function")
    assert problem.severity is Severity.ERROR
    assert problem.message == "'Joke' is a second function of this name; the one in 'a.py' counts"
    assert problem.file == str(pack.directory / "Joke" / "skprompt.txt")


def test_a_pack_whose_folder_cannot_name_it_has_no_functions(tmp_path: Path) -> None:
    (tmp_path / "two words" / "F").mkdir(parents=True)
    (tmp_path / "two words" / "F" / "skprompt.txt").touch()
    (pack,) = read_packs(tmp_path)
    assert (pack.name, pack.functions) == ("two words", ())
    assert [(each.code, each.message) for each in pack.problems] == [("bad-name", "'two words' cannot name a pack")]


def test_reading_is_light(folder: Path) -> None:
    """No library that costs time is imported to read prompts, JSON configs and native files."""
    heavy = ["semantic_kernel", "pydantic", "yaml", "jinja2", "json5", "rich", "forethought.kernel.packs.importing"]
    code = (
        "import sys; from pathlib import Path; from forethought.kernel.packs.reading import read_packs\n"
        f"assert len(read_packs(Path({str(folder)!r}))) == 2\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
