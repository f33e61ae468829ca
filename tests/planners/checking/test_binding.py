"""Binding: what the step says wins; what it leaves out has one source."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping

import pytest

from forethought.kernel.context import ContextVariables
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY, STRING, ValueType
from forethought.planners.checking.binding import bind
from forethought.planners.checking.bound import BoundPlan, Default, Expression, Implicit, Producer, Source, Unbound
from forethought.planners.language.nodes import Argument, FunctionName, Input, Plan, Step
from forethought.planners.language.parsing import parse


def _source(bound: BoundPlan, step: int, parameter: str) -> Source:
    """Where a parameter of a step (counted from 1) takes its value from."""
    return next(each.source for each in bound.steps[step - 1].bindings if each.parameter.name == parameter)


def _expression(bound: BoundPlan, step: int, parameter: str) -> Expression:
    source = _source(bound, step, parameter)
    assert isinstance(source, Expression)
    return source


def _producer(bound: BoundPlan, step: int, parameter: str) -> Producer | None:
    """What the one reference in a value stands for."""
    (resolved,) = _expression(bound, step, parameter).references
    return resolved.producer


def _plan(body: str) -> Plan:
    return parse(f"<plan>{body}</plan>")


def test_what_the_step_says_beats_the_chain_a_default_and_a_variable_of_that_name(skills: SkillRegistry) -> None:
    plan = _plan(
        '<input name="TIMES" type="integer">5</input><function.Text.count input="a"/>'
        '<function.Text.repeat input="said" times="3"/>'
    )
    bound = bind(plan, skills)
    assert _expression(bound, 2, "input").argument.value == "said"
    assert _expression(bound, 2, "times").argument.value == "3"


def test_input_takes_the_output_of_the_step_before_it_also_where_that_sets_a_variable(skills: SkillRegistry) -> None:
    plan = _plan(
        '<function.Text.split input="a"/><function.Text.count setContextVariable="LENGTH"/><function.Shout.upper/>'
    )
    bound = bind(plan, skills)
    assert _source(bound, 2, "input") == Implicit("chain", Producer("input", "1", ValueType("array", items=STRING)))
    assert _source(bound, 3, "input") == Implicit("chain", Producer("LENGTH", "2", ValueType("integer")))


@pytest.mark.parametrize("variables", [(), ["Input"], {"Input": "given"}, ContextVariables({"Input": "given"})])
def test_the_first_step_takes_the_variable_input(
    skills: SkillRegistry, variables: Collection[str] | Mapping[str, object]
) -> None:
    declared = '<input name="INPUT"/>' if variables == () else ""
    bound = bind(_plan(f"{declared}<function.Text.count/>"), skills, variables)
    source = _source(bound, 1, "input")
    assert isinstance(source, Implicit)
    assert (source.kind, source.producer.step, source.producer.name.lower()) == ("chain", None, "input")


def test_without_a_step_before_input_takes_its_default_or_is_unbound(skills: SkillRegistry) -> None:
    bound = bind(_plan("<function.Any.thing/>"), skills)
    assert _source(bound, 1, "input") == Default(None)
    assert _source(bind(_plan("<function.Text.count/>"), skills), 1, "input") == Unbound()


def test_a_default_beats_a_variable_of_the_parameters_name(skills: SkillRegistry) -> None:
    bound = bind(_plan('<function.Text.repeat input="a"/>'), skills, {"times": 7})
    assert _source(bound, 1, "times") == Default(2)


def test_a_required_parameter_takes_a_variable_of_its_own_name_known_by_then(skills: SkillRegistry) -> None:
    plan = _plan(
        '<function.Text.join input="a"/><function.Text.count input="b" setContextVariable="Other"/>'
        '<function.Text.join input="c"/>'
    )
    bound = bind(plan, skills)
    assert _source(bound, 1, "other") == Unbound()
    assert _source(bound, 3, "other") == Implicit("variable", Producer("Other", "2", ValueType("integer")))


def test_a_variable_named_like_the_output_of_the_step_before_does_not_break_the_chain(skills: SkillRegistry) -> None:
    plan = _plan(
        '<function.Text.count input="a" setContextVariable="INPUT"/><function.Text.split input="b"/>'
        '<function.Shout.upper/><function.Shout.upper input="$INPUT"/>'
    )
    bound = bind(plan, skills)
    assert _source(bound, 3, "input") == Implicit("chain", Producer("input", "2", ValueType("array", items=STRING)))
    assert _producer(bound, 4, "input") == Producer("INPUT", "1", ValueType("integer"))


def test_a_reference_sees_the_latest_assignment_before_it(skills: SkillRegistry) -> None:
    plan = _plan(
        '<input name="A" type="array"/>'
        '<function.Text.count input="$A"/>'
        '<function.Text.count input="x" setContextVariable="a"/><function.Text.count input="${A}"/>'
        '<function.Text.upper input="$a" setContextVariable="A"/><function.Text.count input="$A"/>'
    )
    bound = bind(plan, skills)
    assert [_producer(bound, step, "input") for step in (1, 3, 4, 5)] == [
        Producer("A", None, ValueType("array")),
        Producer("A", "2", ValueType("integer")),
        Producer("A", "2", ValueType("integer")),
        Producer("A", "4", STRING),
    ]


def test_a_step_does_not_see_what_it_sets(skills: SkillRegistry) -> None:
    bound = bind(_plan('<function.Text.count input="$A" setContextVariable="A"/>'), skills)
    assert _producer(bound, 1, "input") is None


def test_a_step_of_an_unknown_function_sets_its_variable_and_keeps_its_arguments(skills: SkillRegistry) -> None:
    plan = _plan('<function.No.such input="a $X" setContextVariable="A"/><function.Text.count input="$A"/>')
    bound = bind(plan, skills, ["X"])
    first = bound.steps[0]
    assert (first.signature, first.bindings, first.returns) == (None, (), ANY)
    assert str(first.failure) == "there is no function 'No.such'"
    assert [each.references[0].producer for each in first.unknown] == [Producer("X", None, ANY)]
    assert _producer(bound, 2, "input") == Producer("A", "1", ANY)


def test_arguments_that_name_no_parameter_are_kept_apart(skills: SkillRegistry) -> None:
    bound = bind(_plan('<function.Text.count INPUT="a" b="$B" c="d"/>'), skills, ["B"])
    (step,) = bound.steps
    assert [each.argument.name for each in step.unknown] == ["b", "c"]
    assert [each.argument.name for each in step.expressions] == ["INPUT", "b", "c"]
    assert [resolved.reference.name for _, _, resolved in bound.references] == ["B"]


def test_of_two_arguments_of_one_name_the_first_counts(skills: SkillRegistry) -> None:
    step = Step(FunctionName("Text.count"), (Argument("input", "first"), Argument("Input", "second")))
    assert _expression(bind(Plan(steps=(step,)), skills), 1, "input").argument.value == "first"


def test_of_two_inputs_of_one_name_the_first_counts(skills: SkillRegistry) -> None:
    plan = Plan(inputs=(Input("N", type="integer"), Input("n", type="array")))
    assert bind(plan, skills).outside == {"n": Producer("N", None, ValueType("integer"))}


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", "string"), (3, "integer"), (2.5, "number"), (True, "boolean"), ([1], "array"), ({}, "object"),
     (None, "null"), (datetime.date(2026, 1, 1), "date"), (object(), "any")],
)  # fmt: skip
def test_the_type_of_what_the_caller_gives_is_that_of_its_value(
    skills: SkillRegistry, value: object, expected: str
) -> None:
    assert bind(Plan(), skills, {"V": value}).outside["v"].type.kind == expected


def test_a_declared_type_beats_that_of_the_value_given(skills: SkillRegistry) -> None:
    bound = bind(_plan('<input name="N" type="integer"/><input name="S"/>'), skills, {"n": "3", "other": "x"})
    assert bound.outside == {
        "n": Producer("N", None, ValueType("integer")),
        "s": Producer("S", None, STRING),
        "other": Producer("other", None, STRING),
    }
