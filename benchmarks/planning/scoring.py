"""What a plan is worth, compared with one that reaches the goal: the order of independent steps is free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forethought.kernel.registry import SkillRegistry
from forethought.planners.checking.binding import bind
from forethought.planners.checking.bound import Binding, Expression, Implicit
from forethought.planners.language.nodes import Plan
from forethought.planners.language.templates import Text

__all__ = ["Marks", "interval", "mark"]

TWINS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "EmailPlugin.SendEmail": ("Emailer.sendEmail", {"input": "message", "email_address": "emailaddress"}),
    "EmailPlugin.GetEmailAddress": ("Emailer.getEmailAddress", {}),
    "StringFunctions.upper": ("TextSkill.uppercase", {}),
    "StringFunctions.lower": ("TextSkill.lowercase", {}),
    "StringFunctions.trim": ("TextSkill.trim", {}),
}
"""Functions that do the same as another one, and what its parameters are called there."""

EITHER = frozenset({"MathSkill.add", "MathSkill.multiply"})
"""Functions whose two values may change places."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What is right about a plan; `exact` is all of it. A goal that cannot be reached is one for an empty plan."""

    valid: bool = False
    functions: bool = False
    graph: bool = False
    arguments: bool = False

    @property
    def exact(self) -> bool:
        """True when functions, edges and values are right."""
        return self.graph and self.arguments


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    values: Mapping[str, str]
    sources: Mapping[str, int]


def mark(plan: Plan | None, accepted: Sequence[Plan], skills: SkillRegistry) -> Marks:
    """Compare `plan` (None where there is no valid one) with those that reach the goal; its best match counts."""
    if plan is None:
        return Marks()
    made = _calls(plan, skills)
    found = [_against(made, _calls(each, skills)) for each in accepted]
    return max(
        found, key=lambda each: (each.exact, each.graph, each.functions, each.arguments), default=Marks(valid=True)
    )


def _against(made: Sequence[_Call], wanted: Sequence[_Call]) -> Marks:
    functions = Counter(each.name for each in made) == Counter(each.name for each in wanted)
    graph = functions and _shape(made, False) == _shape(wanted, False)
    return Marks(True, functions, graph, functions and _shape(made, True) == _shape(wanted, True) if graph else False)


def _shape(calls: Sequence[_Call], values: bool) -> Counter[str]:
    """Return each call with all that it is made from, written out, as often as it stands in the plan."""
    written: list[str] = []
    for call in calls:
        parts = {name: written[at] for name, at in call.sources.items()}
        if values:
            parts |= {name: repr(value) for name, value in call.values.items()}
        items = sorted(parts.items())
        shown = sorted(part for _, part in items) if call.name in EITHER else [f"{name}={part}" for name, part in items]
        written.append(f"{call.name}({', '.join(shown)})")
    return Counter(written)


def _calls(plan: Plan, skills: SkillRegistry) -> list[_Call]:
    """Return the calls of a plan; one that is the same as one before, with all that it is made from, is that one."""
    places: dict[str, int] = {}
    found: list[_Call] = []
    for step in bind(plan, skills).steps:
        own = step.signature.full_name if step.signature else str(step.step.function)
        name, renamed = TWINS.get(own, (own, {}))
        values: dict[str, str] = {}
        sources: dict[str, int] = {}
        for each in step.bindings:
            parameter = renamed.get(each.parameter.name, each.parameter.name)
            source = _source(each)
            if source is not None and source in places:
                sources[parameter] = places[source]
            elif (value := _value(each)) is not None:
                values[parameter] = value
        call = _Call(name, values, sources)
        if call not in found:
            found.append(call)
        places[step.id] = found.index(call)
    return found


def _source(binding: Binding) -> str | None:
    """Return the step whose output a value is as a whole."""
    source = binding.source
    if isinstance(source, Implicit):
        return getattr(source.producer, "step", None)
    if isinstance(source, Expression) and len(source.references) == 1 and len(source.template.pieces) == 1:
        return getattr(source.references[0].producer, "step", None)
    return None


def _value(binding: Binding) -> str | None:
    """Return a literal as it is compared: without case, outer quotes, and the article before it."""
    source = binding.source
    if not isinstance(source, Expression):
        return None
    pieces = (piece.text if isinstance(piece, Text) else piece.source for piece in source.template.pieces)
    value = "".join(pieces).strip(" .'\"“”").casefold()
    for article in ("a ", "an ", "the "):
        value = value.removeprefix(article)
    return value


def interval(right: int, count: int) -> tuple[float, float]:
    """Return the range in which the true share lies with 95 % probability (Wilson's)."""
    if not count:
        return 0.0, 1.0
    z, share = 1.96, right / count
    middle = share + z * z / (2 * count)
    spread = z * (share * (1 - share) / count + z * z / (4 * count * count)) ** 0.5
    whole = 1 + z * z / count
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)
