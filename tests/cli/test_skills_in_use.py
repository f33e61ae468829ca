"""Which packs a command works with: those given, else those of the settings, else the shipped ones and ./plugins."""

from __future__ import annotations

from pathlib import Path

import pytest

from forethought.cli.console import UsageError
from forethought.cli.skills import directories, read_skills, skills_for
from forethought.kernel.errors import LookupFailure, PackError
from forethought.kernel.registry import SkillRegistry
from forethought.planners.language.parsing import parse
from forethought.plugins import SHIPPED


def write(folder: Path, pack: str, function: str, parameter: str = "input") -> None:
    """Write a prompt function."""
    file = folder / pack / function / "skprompt.txt"
    file.parent.mkdir(parents=True)
    file.write_text("About {{$" + parameter + "}}", encoding="utf-8")


def plan_of(*functions: str) -> str:
    return "<plan>" + "".join(f"<function.{each}/>" for each in functions) + "</plan>"


def found(skills: SkillRegistry, name: str) -> object:
    """Return the function that `name` means, or why it means none."""
    try:
        return skills.find(name)
    except LookupFailure as failure:
        return str(failure)


def test_the_default_is_the_shipped_packs(workplace: Path) -> None:
    assert directories([]) == (SHIPPED,)
    assert workplace.is_dir()


def test_the_default_has_the_packs_of_this_folder_too(workplace: Path) -> None:
    (workplace / "plugins").mkdir()
    assert directories([]) == (SHIPPED, Path("plugins"))


@pytest.mark.parametrize("how", ["link", "copy", "links to files"])
def test_the_shipped_packs_count_once_by_whatever_way_they_are_reached(workplace: Path, how: str) -> None:
    own = workplace / "plugins"
    if how == "link":
        own.symlink_to(SHIPPED.resolve())
    else:
        own.mkdir()
        for each in SHIPPED.glob("*.py"):
            if how == "copy":
                (own / each.name).write_bytes(each.read_bytes())
            else:
                (own / each.name).symlink_to(each.resolve())
    assert directories([]) == (SHIPPED,)


def test_what_is_given_replaces_the_default_and_counts_once(workplace: Path) -> None:
    (workplace / "mine").mkdir()
    assert directories(["mine", str(workplace / "mine"), "mine/."]) == (Path("mine/."),)


def test_a_given_folder_that_is_not_there_is_wrong_usage(workplace: Path) -> None:
    assert workplace.is_dir()
    with pytest.raises(UsageError, match="there is no folder of packs 'mine'") as caught:
        directories(["mine"])
    assert caught.value.hint == ""
    (workplace / "plugins" / "mine").mkdir(parents=True)
    with pytest.raises(UsageError) as caught:
        directories(["mine"])
    assert caught.value.hint == "did you mean 'plugins/mine'?"


def test_a_folder_of_the_settings_that_is_not_there_is_a_pack_error(workplace: Path) -> None:
    (workplace / "forethought.toml").write_text('skills = ["mine"]', encoding="utf-8")
    with pytest.raises(PackError, match="there is no such folder"):
        skills_for(parse(plan_of("A.b")), [])


def test_of_one_full_name_the_last_folder_counts(tmp_path: Path) -> None:
    write(tmp_path / "one", "Fun", "Joke", "subject")
    write(tmp_path / "two", "Fun", "Joke", "topic")
    given = [str(tmp_path / "one"), str(tmp_path / "two")]
    for skills in (read_skills(given).skills, skills_for(parse(plan_of("Fun.Joke")), given)):
        assert [each.name for each in skills.find("Fun.Joke").parameters] == ["topic"]


@pytest.mark.parametrize(
    "name", ["Fun.Joke", "fun.JOKE", "Fun-Joke", "Joke", "Fun.Jok", "Nothing.here", "Poem", "Wit.Joke"]
)
def test_a_plan_finds_what_it_would_find_among_all_packs(tmp_path: Path, name: str) -> None:
    write(tmp_path, "Fun", "Joke")
    write(tmp_path, "Wit", "Poem")
    some, all_ = skills_for(parse(plan_of(name)), [str(tmp_path)]), read_skills([str(tmp_path)]).skills
    assert found(some, name) == found(all_, name)


def test_packs_that_a_plan_does_not_name_are_not_read(tmp_path: Path) -> None:
    write(tmp_path, "Fun", "Joke")
    write(tmp_path, "Wit", "Poem")
    assert skills_for(parse(plan_of("Fun.Joke")), [str(tmp_path)]).plugins == ("Fun",)


def test_a_folder_that_is_a_pack_itself_is_read(tmp_path: Path) -> None:
    write(tmp_path, "Fun", "Joke")
    assert skills_for(parse(plan_of("Fun.Joke")), [str(tmp_path / "Fun")]).plugins == ("Fun",)
