"""Distractors: public functions of the standard library, which no task needs, to look for tools among."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import inspect
import io
import sys
import warnings
from collections.abc import Iterator

from forethought.kernel.functions import FunctionSignature, Parameter

__all__ = ["distractors"]

_NOT_IMPORTED = frozenset(("antigravity", "idlelib", "lib2to3", "test", "this", "tkinter", "turtle", "turtledemo"))


def distractors(count: int) -> list[FunctionSignature]:
    """Return `count` functions and methods, always the same ones for one version of Python, in a shuffled order."""
    found = {each.full_name: each for each in _functions()}
    shuffled = sorted(found.values(), key=lambda each: hashlib.sha256(each.full_name.encode()).digest())
    if len(shuffled) < count:
        raise SystemExit(f"this Python's library has {len(shuffled)} functions, not {count}")
    return shuffled[:count]


def _functions() -> Iterator[FunctionSignature]:
    for module in sorted(sys.stdlib_module_names - _NOT_IMPORTED):
        if module.startswith("_"):
            continue
        quiet = io.StringIO()
        try:
            with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                imported = importlib.import_module(module)
        except ImportError:
            continue  # of another system
        public = getattr(imported, "__all__", None) or [name for name in dir(imported) if not name.startswith("_")]
        for name in sorted(public):
            member: object = getattr(imported, name, None)
            if (getattr(member, "__module__", None) or "").partition(".")[0].lstrip("_") != module:
                continue
            if inspect.isclass(member):
                for method, value in sorted(vars(member).items()):
                    if not method.startswith("_") and inspect.isroutine(value):
                        yield from _signature(module, f"{name}_{method}", getattr(member, method))
            elif inspect.isroutine(member):
                yield from _signature(module, name, member)


def _signature(module: str, name: str, function: object) -> Iterator[FunctionSignature]:
    """Yield the signature as a pack has it: the first paragraph of the docstring, and what it takes."""
    about = " ".join((inspect.getdoc(function) or "").partition("\n\n")[0].split())
    if len(about) < 15:
        return
    try:
        given = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    except (AttributeError, TypeError, ValueError):  # some of C are described wrongly
        return
    parameters = tuple(
        Parameter(each.name, required=each.default is each.empty)
        for each in given
        if each.name not in ("self", "cls") and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    )
    yield FunctionSignature(plugin=module, name=name, description=about, parameters=parameters)
