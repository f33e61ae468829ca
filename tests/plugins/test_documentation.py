"""docs/plugins.md says of every shipped function what the registry says, and names every setting."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from forethought.kernel import FunctionSignature, Kernel, Parameter

from .conftest import PACKS

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"


def signature(function: FunctionSignature) -> str:
    parameters = ", ".join(map(shown, function.parameters))
    returns = "" if str(function.returns) == "string" else f" → {function.returns}"
    return f"`{function.name}({parameters}){returns}`"


def shown(parameter: Parameter) -> str:
    kind = "" if str(parameter.type) == "string" else f": {parameter.type}"
    default = "" if parameter.required else f" = {json.dumps(parameter.default)}"
    return f"{parameter.name}{kind}{default}"


def hints(function: FunctionSignature) -> str:
    said = {
        "not repeatable": not function.idempotent,
        "destructive": function.destructive,
        "open world": function.open_world,
    }
    return ", ".join([str(function.effect), *(word for word, holds in said.items() if holds)])


def table(functions: Iterable[FunctionSignature]) -> str:
    rows = (f"| {signature(each)} | {each.description} | {hints(each)} |" for each in functions)
    return "\n".join(["| function | what it does | effect |", "|---|---|---|", *rows])


def expected() -> Iterator[tuple[str, str]]:
    skills = Kernel.from_packs(PACKS).skills
    for plugin in skills.plugins:
        yield plugin, table(each for each in skills if each.plugin == plugin)


def test_each_pack_has_its_section_with_its_functions() -> None:
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {section.partition("\n")[0]: section for section in sections[1:]}
    for plugin, rows in expected():
        assert rows in found.pop(plugin), f"the table of {plugin} should be:\n{rows}"
    assert set(found) <= {"Contacts", "Packs of your own"}


def test_each_setting_of_a_pack_is_named() -> None:
    page = PAGE.read_text(encoding="utf-8")
    settings = {
        "EMAILER": ("HOST", "PORT", "SECURITY", "USER", "PASSWORD", "FROM"),
        "CONTACTS": ("FILE",),
        "FILES": ("ROOT",),
        "MEMORY": ("PATH", "EMBEDDER"),
    }
    for section, keys in settings.items():
        for key in keys:
            assert f"`FORETHOUGHT_{section}_{key}`" in page
