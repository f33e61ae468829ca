"""Travelling: how a call goes to another process and what it gives comes back, as JSON that leaves nothing out.

A value travels as the journal keeps it. What JSON does not hold exactly comes back by the type of its parameter, or
that its function returns; what does not come back so, or is a secret, does not travel at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

from forethought.kernel.calling import reason_of
from forethought.kernel.context import ContextVariables
from forethought.kernel.errors import FunctionError, PlanError, StoppedError
from forethought.kernel.functions import FunctionSignature, Output, Usage
from forethought.kernel.problems import Problem
from forethought.kernel.redacting import Redaction, is_secret_name
from forethought.kernel.values import ANY, ValueType
from forethought.planners.journaling.keeping import Keeping, bring_back
from forethought.planners.running.retries import lasting
from forethought.planners.running.secrecy import Secrecy
from forethought.planners.scheduling.schedule import Schedule

__all__ = ["Message", "arrived", "came_back", "failed", "gave", "packed", "unkept", "unpacked"]

Message = dict[str, object]


def packed(
    signature: FunctionSignature, arguments: Mapping[str, object], redaction: Redaction
) -> dict[str, object] | None:
    """Return the arguments of a call as they travel; None where one of them does not."""
    found: dict[str, object] = {}
    for name, value in arguments.items():
        parameter = signature.parameter(name)
        secret = is_secret_name(name) or (parameter is not None and parameter.secret)
        kept = None if secret else _pack(value, parameter.type if parameter else ANY, redaction)
        if kept is None:
            return None
        found[name] = kept
    return found


def unpacked(signature: FunctionSignature, message: Mapping[str, object]) -> dict[str, object]:
    """Return the arguments that have travelled."""
    found: dict[str, object] = {}
    for name, kept in message.items():
        parameter = signature.parameter(name)
        found[name] = arrived(kept, parameter.type if parameter else ANY)
    return found


def arrived(kept: object, expected: ValueType) -> object:
    """Return a value that has travelled."""
    return bring_back(cast("Mapping[str, object]", kept), _no_blob, expected)[0]


def gave(signature: FunctionSignature, output: Output, redaction: Redaction) -> Message:
    """Return what tells what a function gave: its output, or that it does not travel."""
    usage = output.usage
    kept = _pack(output.value, signature.returns, redaction)
    said: Message = {"kept_back": True} if kept is None else {"output": kept}
    return {**said, "usage": [usage.prompt_tokens, usage.completion_tokens, usage.calls]}


def failed(error: BaseException, redaction: Redaction) -> Message:
    """Return what tells why a function failed, and whether it would again."""
    reason = error.reason if isinstance(error, FunctionError) else reason_of(error)
    said: Message = {"failed": redaction.text(reason), "lasting": lasting(error)}
    return {**said, "stopped": True} if isinstance(error, StoppedError) else said


def came_back(signature: FunctionSignature, message: Mapping[str, object]) -> Output:
    """Return what a function gave, or raise what it failed of."""
    name = signature.full_name
    if "failed" in message:
        reason = str(message["failed"])
        if message.get("stopped"):
            raise StoppedError(name, reason)
        raise FunctionError(name, reason, lasting=bool(message["lasting"]))
    usage = Usage(*cast("list[int]", message["usage"]))
    return Output(arrived(message["output"], signature.returns), usage)


def _pack(value: object, expected: ValueType, redaction: Redaction) -> dict[str, object] | None:
    large: list[str] = []
    text = Keeping(lambda _, blob: large.append(blob), redaction.hide).keep(value)
    kept = cast("dict[str, object]", json.loads(text))
    if "blob" in kept:
        kept = {"value": json.loads(large[0]), **{key: each for key, each in kept.items() if key != "blob"}}
    _, whole = bring_back(kept, _no_blob, expected)
    return kept if whole else None


def _no_blob(digest: str) -> object:
    raise AssertionError(f"a value that travels is all there, not in a blob: {digest}")


def unkept(schedule: Schedule, given: ContextVariables, redact: Sequence[str]) -> None:
    """Raise PlanError for what a run is given, or has in its plan, that does not travel."""
    secrecy = Secrecy(Redaction(redact))
    secrecy.begin(schedule.bound, given)
    problems: list[Problem] = []
    for name in given:
        secret = secrecy.variable(name)
        if secret or _pack(given[name], ANY, secrecy.redaction) is None:
            what = "is a secret" if secret else "is a secret, or JSON cannot hold it"
            problems.append(_stays(f"the value of '{name}' {what}, and does not travel to workers"))
    text = json.dumps(schedule.bound.plan.to_xml())
    if secrecy.redaction.hide(text) != text:
        problems.append(_stays("the plan has a secret in its text, which does not travel to workers"))
    if problems:
        raise PlanError(problems)


def _stays(message: str) -> Problem:
    hint = "let the function read it where it runs, from the settings or the environment; or run it in this process"
    return Problem(code="secret-stays", message=message, hint=hint)
