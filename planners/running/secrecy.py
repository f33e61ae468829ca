"""Secrecy: which values of a run are secrets: what secret parameters are given, and what is named like a secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from forethought.kernel.redacting import Redaction, is_secret_name
from forethought.planners.checking.bound import Binding, BoundPlan, BoundStep, Expression, Implicit
from forethought.planners.language.nodes import static_id
from forethought.planners.language.templates import Reference, Text

if TYPE_CHECKING:
    from forethought.planners.checking.bound import Layout, Producer

__all__ = ["Secrecy"]


class Secrecy:
    """What is secret in one run; `redaction` learns every secret value as it turns up, to hide it wherever else it is.

    A step's output is secret where a secret parameter takes it, or a variable that is named like a secret.
    """

    def __init__(self, redaction: Redaction) -> None:
        self.redaction = redaction
        self._parameters: set[tuple[str, str]] = set()
        self._variables: set[str] = set()
        self._steps: set[str] = set()

    def begin(self, plan: BoundPlan, given: Mapping[str, object]) -> None:
        """Take note of a plan and of the variables it is given."""
        for step in plan.steps_where(_is_secret):
            self._take(step)
        for step in plan.steps_where(lambda layout: layout.sets):
            if step.step.sets and self.variable(step.step.sets):
                self._steps.add(step.id)
        for name in given:
            if self.variable(name):
                self.redaction.learn(given[name])
        for each in plan.plan.inputs:
            if self.variable(each.name):
                self.redaction.learn(each.value)

    def _take(self, step: BoundStep) -> None:
        for each in step.bindings:
            if not (each.parameter.secret or is_secret_name(each.parameter.name)):
                continue
            if each.parameter.secret and step.signature:
                self._parameters.add((step.signature.full_name, each.parameter.name))
            if isinstance(each.source, Expression) and not each.source.references:
                pieces = each.source.template.pieces
                self.redaction.learn([each.source.argument.value, "".join(map(_text, pieces))])
            for producer in _producers(each):
                if producer.step is not None and producer.how == "output":
                    self._steps.add(producer.step)
                if producer.name != "input":  # which is what a step gave
                    self._variables.add(producer.name.lower())

    def variable(self, name: str) -> bool:
        """Say whether a variable is a secret."""
        return is_secret_name(name) or name.lower() in self._variables

    def argument(self, function: str, name: str) -> bool:
        """Say whether what a function is given as its parameter of this name is a secret."""
        return is_secret_name(name) or (function, name) in self._parameters

    def output(self, step: str) -> bool:
        """Say whether what a step gives is a secret; its id may be that of a round."""
        return bool(self._steps) and static_id(step) in self._steps

    def called(self, function: str, arguments: Mapping[str, object]) -> None:
        """Take note of what a function is given."""
        for name, value in arguments.items():
            if self.argument(function, name):
                self.redaction.learn(value)

    def gave(self, step: str, output: object) -> None:
        """Take note of what a step gave."""
        if self.output(step):
            self.redaction.learn(output)


def _is_secret(layout: Layout) -> bool:
    return any(parameter.secret or is_secret_name(parameter.name) for parameter, _ in layout.given)


def _text(piece: Text | Reference) -> str:
    return piece.text if isinstance(piece, Text) else ""


def _producers(binding: Binding) -> Iterator[Producer]:
    """Yield what gives the value of a parameter, or a part of it."""
    match binding.source:
        case Implicit(producer=producer):
            yield producer
        case Expression(references=references):
            yield from (each.producer for each in references if each.producer)
        case _:
            pass
