"""Calls that go to another process: nothing is lost on the way, and secrets do not go at all."""

from __future__ import annotations

import dataclasses
import datetime
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from forethought.kernel import Kernel
from forethought.kernel.errors import CoercionError, FunctionError, StoppedError
from forethought.kernel.functions import FunctionSignature, Output, Usage
from forethought.kernel.redacting import Redaction
from forethought.planners.engines.travelling import came_back, failed, gave, packed, unpacked
from forethought.planners.running.retries import lasting


class Person(BaseModel):
    """A model."""

    name: str


@dataclasses.dataclass
class Point:
    """A dataclass."""

    x: int


def signature(function: object) -> FunctionSignature:
    """Return the signature of a function, as it is bound."""
    kernel = Kernel()
    (found,) = kernel.add_functions(function, "F")
    return kernel.bind(found.full_name).signature


async def anything(value: object) -> object:
    """Take and give anything."""
    return value


async def typed(when: datetime.date, who: Person, where: Point, pair: tuple[int, str]) -> Person:
    """Take and give what JSON has not."""
    return who


async def login(password: SecretStr, user: str) -> str:
    """Take a secret."""
    return user


ANYTHING = signature(anything)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_what_json_holds_arrives_as_it_was(value: object) -> None:
    message = packed(ANYTHING, {"value": value}, Redaction())
    if message is not None:  # else it looks like a secret
        assert unpacked(ANYTHING, json.loads(json.dumps(message))) == {"value": value}


def test_a_large_value_travels_whole() -> None:
    message = packed(ANYTHING, {"value": "x" * 100_000}, Redaction())
    assert message is not None
    assert unpacked(ANYTHING, message) == {"value": "x" * 100_000}


def test_what_json_has_not_comes_back_by_the_type_of_its_parameter() -> None:
    found = signature(typed)
    arguments = {"when": datetime.date(2026, 1, 2), "who": Person(name="Ida"), "where": Point(3), "pair": (1, "a")}
    message = packed(found, arguments, Redaction())
    assert message is not None
    assert unpacked(found, json.loads(json.dumps(message))) == arguments


@pytest.mark.parametrize("value", [Person(name="Ida"), {1: "a"}, math.nan, b"bytes", {"a", "b"}, lambda: None])
def test_what_does_not_come_back_does_not_travel(value: object) -> None:
    assert packed(ANYTHING, {"value": value}, Redaction()) is None


@pytest.mark.parametrize(
    "value", ["sk-" + "a1" * 20, {"password": "open sesame"}, "see https://ada:word@example.org", "CUST-12345678"]
)
def test_what_looks_like_a_secret_does_not_travel(value: object) -> None:
    assert packed(ANYTHING, {"value": value}, Redaction(["CUST-[0-9]{8}"])) is None
    assert "output" not in gave(ANYTHING, Output(value), Redaction(["CUST-[0-9]{8}"]))


def test_what_a_secret_parameter_is_given_does_not_travel() -> None:
    found = signature(login)
    assert packed(found, {"password": "x", "user": "ada"}, Redaction()) is None
    assert packed(found, {"user": "ada"}, Redaction()) is not None


def test_an_output_comes_back_with_what_it_cost() -> None:
    output = Output(Person(name="Ida"), Usage(3, 4, 1))
    assert came_back(signature(typed), json.loads(json.dumps(gave(signature(typed), output, Redaction())))) == output


def test_an_output_that_does_not_travel_is_told_to_be_kept_back() -> None:
    assert gave(ANYTHING, Output({1: 2}), Redaction()) == {"kept_back": True, "usage": [0, 0, 0]}


@pytest.mark.parametrize(
    "error",
    [
        FunctionError("F.anything", "it broke"),
        FunctionError("F.anything", "it broke", lasting=True),
        StoppedError("F.anything", "it took longer than 1 seconds"),
        CoercionError("x", "integer"),
        ConnectionError("nobody answers"),
        KeyError("gone"),
    ],
)
def test_a_failure_comes_back_as_what_it_was(error: Exception) -> None:
    with pytest.raises(FunctionError) as raised:
        came_back(ANYTHING, json.loads(json.dumps(failed(error, Redaction()))))
    assert lasting(raised.value) == lasting(error)
    assert isinstance(raised.value, StoppedError) == isinstance(error, StoppedError)
    if isinstance(error, FunctionError):
        assert raised.value.reason == error.reason


def test_a_failure_tells_no_secret() -> None:
    message = failed(FunctionError("F.login", "no entry for sk-" + "a1" * 20), Redaction())
    assert message["failed"] == "no entry for [redacted]"
