"""A request has each argument where OpenAPI says, written as its style says."""

from __future__ import annotations

from datetime import date

import pytest

from forethought.kernel.errors import FunctionError
from forethought.kernel.sources.openapi import Field, OperationSource
from forethought.kernel.sources.places import ApiPlace
from forethought.kernel.sources.requests import Request, prepare_request


def request(field: Field, value: object, *, takes_body: bool = False) -> Request:
    """Return the request with one argument."""
    place = ApiPlace(document="a.json")
    source = OperationSource(place, "post", "/x/{id}", "https://api.test", (field,), takes_body)
    return prepare_request("Shop.f", source, {field.parameter: value})


@pytest.mark.parametrize(
    ("field", "value", "query"),
    [
        (Field("q", "$q", "query", "form", True), "a&b c", "%24q=a%26b+c"),
        (Field("q", "q", "query", "form", True), True, "q=true"),
        (Field("q", "q", "query", "form", True), date(2026, 1, 2), "q=2026-01-02"),
        (Field("q", "q", "query", "form", True), ["a", 2], "q=a&q=2"),
        (Field("q", "q", "query", "form"), ["a", 2], "q=a%2C2"),
        (Field("q", "q", "query", "pipeDelimited"), ["a", 2], "q=a%7C2"),
        (Field("q", "q", "query", "form", True), {"a": 1, "b": "x"}, "a=1&b=x"),
        (Field("q", "q", "query", "form"), {"a": 1, "b": "x"}, "q=a%2C1%2Cb%2Cx"),
        (Field("q", "q", "query", "deepObject", True), {"a": 1}, "q%5Ba%5D=1"),
        (Field("q", "q", "query", "form", True), None, ""),
    ],
)
def test_query(field: Field, value: object, query: str) -> None:
    assert request(field, value).query == query


def test_a_part_of_the_path_is_one_part_of_it() -> None:
    assert request(Field("id", "id", "path", "simple"), "a/../b?c").path == "/x/a%2F..%2Fb%3Fc"


def test_an_empty_part_of_the_path_is_refused() -> None:
    with pytest.raises(FunctionError, match=r"Shop\.f failed: the parameter 'id' is a part of the path, and empty"):
        request(Field("id", "id", "path", "simple"), "")


def test_a_header_takes_a_list_by_commas() -> None:
    assert request(Field("h", "X-H", "header", "simple"), ["a", "b"]).headers == (("X-H", "a,b"),)


def test_members_make_the_body_and_null_is_one() -> None:
    assert request(Field("a", "a b", "member"), {"x": [1]}, takes_body=True).body == '{"a b": {"x": [1]}}'
    assert request(Field("a", "a", "member"), None, takes_body=True).body == '{"a": null}'
    assert request(Field("a", "a", "body"), [1], takes_body=True).body == "[1]"
    assert request(Field("q", "q", "query"), 1).body is None
