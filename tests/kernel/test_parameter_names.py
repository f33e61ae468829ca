"""A parameter may be named with one of Python's own words: `from_` in Python is `from` in a plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.functions import plan_name


@pytest.mark.parametrize(
    ("python", "plan"),
    [
        ("from_", "from"),
        ("class_", "class"),
        ("input", "input"),
        ("input_", "input_"),
        ("_", "_"),
        ("from__", "from__"),
    ],
)
def test_only_a_word_that_python_keeps_for_itself_loses_its_underscore(python: str, plan: str) -> None:
    assert plan_name(python) == plan


@skill
def cut(text: str, from_: str = "a") -> str:
    return text.partition(from_)[2]


async def test_a_function_in_code_is_called_with_the_names_of_the_plan() -> None:
    kernel = Kernel()
    [signature] = kernel.add_functions(cut, "Text")
    assert [each.name for each in signature.parameters] == ["text", "from"]
    assert await kernel.invoke("Text.cut", **{"text": "1b2", "from": "b"}) == "2"
    assert await kernel.invoke("Text.cut", text="1a2") == "2"


async def test_a_function_of_a_pack_is_called_with_the_names_of_the_plan(tmp_path: Path) -> None:
    (tmp_path / "Text").mkdir()
    (tmp_path / "Text" / "cut.py").write_text(
        "from forethought.kernel import skill\n@skill\nasync def cut(text: str, from_: str = 'a') -> str:\n"
        "    return text.partition(from_)[2]\n",
        encoding="utf-8",
    )
    kernel = Kernel.from_packs(tmp_path)
    assert [each.name for each in kernel.skills.find("Text.cut").parameters] == ["text", "from"]
    assert await kernel.invoke("Text.cut", **{"text": "1b2", "FROM": "b"}) == "2"
