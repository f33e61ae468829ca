"""Calling native functions: arguments are read against the signature, and whatever the function is, its value comes."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Literal

import pytest

from forethought.kernel import skill
from forethought.kernel.calling import Arguments, NativeCallee, reason_of
from forethought.kernel.errors import CoercionError, FunctionError, PathError
from forethought.kernel.native import signature_of


def paint(times: int, colour: Literal["red", "blue"] = "red", *, on: str = "wall") -> str:
    """Paint something."""
    return f"{times} {colour} {on}"


def callee(function: Callable[..., object]) -> NativeCallee:
    return NativeCallee(signature_of(function, "P"), function)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"times": 2}, {"times": 2}),
        ({"times": "2"}, {"times": 2}),
        ({"times": 2, "colour": "blue"}, {"times": 2, "colour": "blue"}),
        ({"on": 5, "times": 2}, {"times": 2, "on": "5"}),
    ],
)
def test_arguments_have_the_types_of_their_parameters(given: Mapping[str, object], read: Mapping[str, object]) -> None:
    assert Arguments(signature_of(paint, "P")).read(given) == read


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({}, FunctionError, "P.paint failed: the parameter 'times' has no value"),
        (
            {"times": 1, "at": 2},
            FunctionError,
            "P.paint failed: there is no parameter 'at' (it has: times, colour, on)",
        ),
        (
            {"times": 1, "colour": "green"},
            CoercionError,
            "'green' is not an allowed value: parameter 'colour' of P.paint: it must be one of red, blue",
        ),
        (
            {"times": "many"},
            CoercionError,
            "'many' is not an integer: parameter 'times' of P.paint: "
            "input should be a valid integer, unable to parse string as an integer",
        ),
    ],
)
def test_arguments_that_do_not_fit_are_named(given: Mapping[str, object], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as caught:
        Arguments(signature_of(paint, "P")).read(given)
    assert str(caught.value) == message


async def test_generators_of_both_kinds_are_lists() -> None:
    def some() -> Iterator[int]:
        """Give some."""
        yield from (1, 2)

    async def more() -> AsyncIterator[int]:
        """Give more."""
        yield 3

    assert (await callee(some)({})).value == [1, 2]
    assert (await callee(more)({})).value == [3]


async def test_only_a_quick_function_runs_on_the_loops_own_thread() -> None:
    def where() -> int:
        """Say where it runs."""
        return threading.get_ident()

    assert (await callee(where)({})).value != threading.get_ident()
    assert (await callee(skill(quick=True)(where))({})).value == threading.get_ident()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("it is broken"), "it is broken"),
        (ValueError("broken"), "ValueError: broken"),
        (KeyError(), "KeyError"),
        (SystemExit(3), "SystemExit: 3"),
        (PathError(".a", "gone"), "cannot follow '.a': gone"),
        (ExceptionGroup("all", [ValueError("it is broken"), KeyError("k")]), "it is broken; KeyError: 'k'"),
    ],
)
async def test_what_a_function_raises_is_a_function_error_with_its_sentence(error: BaseException, reason: str) -> None:
    def fail() -> None:
        """Fail."""
        raise error

    assert reason_of(error) == reason
    with pytest.raises(FunctionError) as caught:
        await callee(fail)({})
    assert str(caught.value) == f"P.fail failed: {reason}"
    assert caught.value.__cause__ is error
