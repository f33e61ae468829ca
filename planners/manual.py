"""The function manual: what a model is told of the functions it may use, in as few tokens as will do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from forethought.kernel.functions import EVERYTHING, FunctionSignature, Parameter
from forethought.kernel.values import ValueType, text

from .language.nodes import Argument, FunctionName, Plan, Step

__all__ = ["example_plans", "manual", "signature_line"]


def manual(functions: Iterable[FunctionSignature]) -> str:
    """Write one line a function, grouped by plugin: parameters with types and defaults, result, effect, description.

    What goes without saying is left out: the type of text, the effect of a pure function, or of one that declares none.
    """
    blocks: list[str] = []
    for plugin, members in groupby(sorted(functions, key=lambda each: each.plugin.lower()), lambda each: each.plugin):
        lines = [signature_line(function) for function in members]
        blocks.append("\n".join([f"[{plugin}]", *lines] if plugin else lines))
    return "\n\n".join(blocks)


def signature_line(function: FunctionSignature) -> str:
    """Write `name(parameters) -> result [effect]: description` on one line; types have short names, or fields."""
    parameters = ", ".join(_parameter(parameter) for parameter in function.parameters)
    result = "" if _is_text(function.returns) else f" -> {_short(function.returns)}"
    declared = not function.effect.pure and EVERYTHING not in function.effect.writes
    effect = f" [{function.effect}]" if declared else ""
    description = _first_sentence(function.description)
    return f"{function.name}({parameters}){result}{effect}" + (f": {description}" if description else "")


def _parameter(parameter: Parameter) -> str:
    named = _named(parameter.name, parameter.type)
    if parameter.required:
        return named
    default = "" if parameter.default is None else _one_line(text(parameter.default), limit=24)
    return f"{named}={default}"


def _named(name: str, kind: ValueType) -> str:
    return name if _is_text(kind) else f"{name}: {_short(kind)}"


def _is_text(kind: ValueType) -> bool:
    return kind.kind in ("string", "any") and not kind.choices


_SHORT = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "array": "list", "object": "dict"}


def _short(kind: ValueType) -> str:
    if kind.choices:
        return "|".join(text(choice) for choice in kind.choices)
    if kind.fields:
        return f"{{{', '.join(_named(name, of) for name, of in kind.fields)}}}"
    name = _SHORT.get(kind.kind, kind.kind)
    return name if kind.items is None or kind.items.kind == "any" else f"{name}[{_short(kind.items)}]"


def _first_sentence(description: str) -> str:
    line = " ".join(description.split())
    return _one_line(line.partition(". ")[0]).rstrip(".")


def _one_line(written: str, limit: int = 120) -> str:
    line = " ".join(written.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def example_plans(functions: Sequence[FunctionSignature]) -> tuple[Plan, ...]:
    """Make up to two example plans from functions that are there, so that no example names what is not.

    The first hands one function's result to another by a variable; the second is a single call.
    """
    readable = [function for function in functions if function.description]
    makers = [function for function in readable if function.returns.kind in ("string", "any") and function.parameters]
    pairs = ((maker, taker) for maker in makers for taker in readable if taker is not maker and _takes_text(taker))
    plans = [_chain(*pair) for pair in list(pairs)[:1]]
    used = {step.function.text for plan in plans for _, step in plan.walk()}
    single = next((function for function in readable if function.full_name not in used), None)
    if single is not None:
        plans.append(Plan(goal=_goal(single), steps=(_call(single, appends="RESULT__ANSWER"),)))
    return tuple(plans)


def _takes_text(function: FunctionSignature) -> bool:
    return any(each.required and each.type.kind in ("string", "any") for each in function.parameters)


def _chain(maker: FunctionSignature, taker: FunctionSignature) -> Plan:
    fed = next(each for each in taker.parameters if each.required and each.type.kind in ("string", "any"))
    first = _call(maker, sets="FIRST_RESULT")
    second = _call(taker, given={fed.name: "$FIRST_RESULT"}, appends="RESULT__ANSWER")
    return Plan(goal=f"{_goal(maker)}, then {_goal(taker).lower()}", steps=(first, second))


def _goal(function: FunctionSignature) -> str:
    return _first_sentence(function.description)


def _call(
    function: FunctionSignature,
    *,
    given: dict[str, str] | None = None,
    sets: str | None = None,
    appends: str | None = None,
) -> Step:
    values = {each.name: (given or {}).get(each.name) or _sample(each) for each in function.parameters if each.required}
    arguments = tuple(Argument(name, value) for name, value in values.items())
    return Step(FunctionName(function.full_name), arguments, sets=sets, appends=appends)


_SAMPLES = {
    "integer": "3",
    "number": "2.5",
    "boolean": "true",
    "array": '["one", "two"]',
    "object": "{}",
    "date": "2030-01-31",
    "date-time": "2030-01-31T09:00:00",
    "time": "09:00:00",
    "duration": "PT1H",
}


def _sample(parameter: Parameter) -> str:
    if parameter.type.choices:
        return text(parameter.type.choices[0])
    return _SAMPLES.get(parameter.type.kind, f"the {parameter.name}")
