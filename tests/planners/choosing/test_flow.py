"""Flow: who makes what a function needs."""

from __future__ import annotations

from forethought.kernel.functions import FunctionSignature, Parameter
from forethought.kernel.values import ValueType
from forethought.planners.choosing.flow import Flow


def function(
    name: str, *parameters: str, plugin: str = "P", returns: ValueType | None = None, required: bool = True
) -> FunctionSignature:
    given = tuple(Parameter(each, required=required) for each in parameters)
    return FunctionSignature(plugin=plugin, name=name, parameters=given, returns=returns or ValueType())


def makers(*functions: FunctionSignature) -> list[str]:
    """Return the makers of the one thing that the first function needs."""
    return [functions[number].name for makers in Flow(functions).makers(0) for number in makers]


def test_what_is_named_after_a_thing_makes_it_and_what_is_given_it_does_not() -> None:
    post, listing, members = (
        function("post", "channel"),
        function("get_channels"),
        function("users_in_channel", "channel"),
    )
    assert makers(post, listing, members) == ["get_channels"]


def test_an_id_is_made_by_what_finds_the_thing() -> None:
    find = function("searchEvents", "query")
    assert makers(function("cancel", "event_id"), find) == ["searchEvents"]
    assert makers(function("cancel_event", "id"), find) == ["searchEvents"]


def test_a_result_is_made_of_its_fields() -> None:
    person = ValueType("array", items=ValueType("object", fields=(("address", ValueType("string")),)))
    assert makers(function("send", "address"), function("people", returns=person)) == ["people"]


def test_words_of_no_thing_and_parameters_with_a_default_are_no_needs() -> None:
    assert makers(function("write", "text", "name"), function("get_text")) == []
    assert makers(function("post", "channel", required=False), function("get_channels")) == []


def test_another_plugin_and_what_answers_yes_or_no_make_nothing() -> None:
    post = function("post", "channel")
    assert makers(post, function("get_channels", plugin="Other")) == []
    assert makers(post, function("has_channel", returns=ValueType("boolean"))) == []


def test_a_function_makes_nothing_for_itself() -> None:
    assert makers(function("rename_event", "id")) == []


def test_each_thing_that_is_needed_has_its_own_makers() -> None:
    flow = Flow(
        [function("send", "address", "report"), function("find_address"), function("make_report"), function("x")]
    )
    assert sorted(flow.makers(0)) == [[1], [2]]
