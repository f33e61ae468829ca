"""What `type_from_hint` says of an evaluated annotation, `read_annotation` says of its text."""

from __future__ import annotations

import ast
import datetime
import types
import typing
from collections import abc

import pytest

from forethought.kernel.packs.annotations import Annotation, read_annotation
from forethought.kernel.packs.names import Names
from forethought.kernel.values import ValueType, type_from_hint

_IMPORTS = """
import datetime, typing, collections.abc
from typing import *
Alias = Optional[int]
Unending = Unending2
Unending2 = Unending
class Row(TypedDict): ...
"""


def annotation(text: str) -> Annotation:
    return read_annotation(ast.parse(text, mode="eval").body, Names.of(ast.parse(_IMPORTS)))


@pytest.mark.parametrize(
    "text",
    [
        "str",
        "int",
        "float",
        "bool",
        "list",
        "dict",
        "None",
        "typing.Any",
        "object",
        "list[str]",
        "dict[str, int]",
        "dict[str, list[float]]",
        "tuple[int, ...]",
        "tuple[int, str]",
        "set[int]",
        "typing.Sequence[str]",
        "collections.abc.Sequence[bool]",
        "typing.Mapping[str, object]",
        "typing.Optional[str]",
        "str | None",
        "None | list[int]",
        "typing.Union[int, None]",
        "int | str",
        "int | str | None",
        "typing.Literal['a', 'b']",
        "typing.Literal[1, 2]",
        "typing.Literal['a', 1]",
        "typing.Literal['a'] | None",
        "typing.Annotated[list[int], 'numbers']",
        "datetime.date",
        "datetime.datetime",
        "datetime.time",
        "datetime.timedelta",
        "list[datetime.date | None]",
        "typing.Callable[[int], str]",
    ],
)
def test_text_and_evaluated_annotation_agree(text: str) -> None:
    namespace = {"datetime": datetime, "typing": typing, "collections": types.SimpleNamespace(abc=abc)}
    evaluated = type_from_hint(eval(text, namespace))
    assert annotation(text).type == evaluated
    assert annotation(repr(text)).type == evaluated


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Alias", ValueType("integer", nullable=True)),
        ("Row", ValueType("object")),
        ("list[Row]", ValueType("array", items=ValueType("object"))),
        ("Elsewhere", ValueType()),
        ("'not python at all('", ValueType()),
        ("Unending", ValueType()),
        ("f(x)", ValueType()),
    ],
)
def test_names_of_the_module_are_followed_and_unknown_ones_are_any(text: str, expected: ValueType) -> None:
    assert annotation(text).type == expected


def test_annotated_describes_and_hides() -> None:
    read = annotation("Annotated[str, 'the key', {'include_in_function_choices': False}] | None")
    assert read == Annotation(ValueType("string", nullable=True), "the key", True, "str")
