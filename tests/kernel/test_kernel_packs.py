"""Kernel and packs: reading runs nothing, a function's code is loaded when it is first bound."""

from __future__ import annotations

from pathlib import Path

import pytest

from forethought.kernel import Kernel
from forethought.kernel.errors import ModelNotConfiguredError, PackError
from forethought.kernel.settings import Settings
from forethought.kernel.testing import ScriptedModel

NATIVE = '''
from dataclasses import dataclass
from pathlib import Path
from forethought.kernel import skill

Path(__file__).with_suffix(".ran").touch()

@dataclass
class Point:
    x: int

@skill(effect="pure")
def double(point: Point) -> Point:
    """Double a point."""
    return Point(point.x * 2)
'''


def pack(directory: Path, name: str = "Math") -> Path:
    folder = directory / name
    folder.mkdir(parents=True)
    (folder / "points.py").write_text(NATIVE, encoding="utf-8")
    return folder


async def test_code_runs_when_it_is_bound_and_not_before(tmp_path: Path) -> None:
    folder = pack(tmp_path)
    kernel = Kernel.from_packs(str(tmp_path))
    assert [each.full_name for each in kernel.skills] == ["Math.double"]
    assert not (folder / "points.ran").exists()
    assert (await kernel.invoke("double", point='{"x": 4}')).x == 8  # type: ignore[attr-defined]
    assert (folder / "points.ran").exists()


def test_only_named_packs_are_imported_and_problems_are_kept(tmp_path: Path) -> None:
    pack(tmp_path, "One")
    pack(tmp_path, "Two")
    (tmp_path / "Two" / "bad.py").write_text("@skill(", encoding="utf-8")
    kernel = Kernel()
    assert kernel.import_skills(tmp_path, "One") == ()
    assert list(kernel.skills.plugins) == ["One"]
    problems = kernel.import_skills(tmp_path, "Two")
    assert list(kernel.skills.plugins) == ["One", "Two"]
    assert [each.code for each in problems] == ["bad-python"]
    assert kernel.problems == problems


def test_a_function_of_a_name_that_is_there_is_replaced_with_a_notice(tmp_path: Path) -> None:
    first, second = pack(tmp_path / "a"), pack(tmp_path / "b")
    kernel = Kernel.from_packs(tmp_path / "a", tmp_path / "b")
    assert len(kernel.skills) == 1
    assert [str(each) for each in kernel.problems] == [
        f"{second / 'points.py'}: notice: 'Math.double' replaces the one of '{first / 'points.py'}' [function-replaced]"
    ]


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="nowhere: there is no such folder"):
        Kernel.from_packs(tmp_path / "nowhere")


def test_the_planner_has_its_own_model_else_that_of_prompts() -> None:
    one, two = ScriptedModel([], spec="one"), ScriptedModel([], spec="two")
    assert Kernel(model=one).planner_model is one
    assert Kernel(model=one, planner_model=two).planner_model is two
    assert Kernel(model=one, settings=Settings(planner_model=("openai:x",))).planner_model is one
    settings = Settings(model=("openai:a",), planner_model=("openai:b",))
    kernel = Kernel(settings=settings)
    assert (kernel.model.spec, kernel.planner_model.spec) == ("openai:a", "openai:b")
    assert kernel.model is kernel.model


def test_without_any_model_the_error_says_who_wanted_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forethought.kernel.models.detection.local_candidate", lambda: (False, "not here"))
    with pytest.raises(ModelNotConfiguredError, match="a planner needs a model"):
        _ = Kernel(settings=Settings()).planner_model
