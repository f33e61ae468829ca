"""Native functions in code: what a live Python function says about itself.

`@skill` and Semantic Kernel's `@kernel_function` are both read by the attributes they leave, so neither this module
nor its caller imports Semantic Kernel.
"""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType, SimpleNamespace
from typing import Literal, cast

from .errors import PackError
from .functions import Effect, FunctionSignature, Parameter, SkillMark, plan_name
from .packs.annotations import Annotation
from .packs.docstrings import first_paragraph, parameter_descriptions
from .packs.hints import HINT_KEYS, with_hints
from .packs.pack import is_name
from .values import ANY, ValueType, type_from_hint

__all__ = [
    "INJECTED",
    "effect_of",
    "evaluated_hints",
    "functions_of",
    "injected_parameters",
    "is_secret_type",
    "python_names",
    "served_as",
    "served_parameters",
    "signature_of",
]

INJECTED = frozenset({"kernel", "service", "execution_settings", "arguments"})
"""Parameters that Semantic Kernel fills by itself: they are no part of a signature."""

Served = Literal["key", "memory", "model"]
_SERVED: Mapping[str, Served] = {
    "forethought.kernel.SemanticMemory": "memory",
    "forethought.kernel.StepKey": "key",
    "forethought.kernel.keys.StepKey": "key",
    "forethought.kernel.memory.memory.SemanticMemory": "memory",
    "forethought.kernel.models.chat.ChatModel": "model",
}
_SECRET = frozenset(f"pydantic.{where}{name}" for where in ("", "types.") for name in ("SecretStr", "SecretBytes"))


def functions_of(source: object) -> Iterator[Callable[..., object]]:
    """Yield the marked functions of `source`, in the order they were written.

    A callable stands for itself; an instance, a class's instance or a module gives its members marked with `@skill` or
    `@kernel_function`.
    """
    if _mark(source) is not None or _kernel_name(source) is not None or inspect.isroutine(source):
        yield cast("Callable[..., object]", source)
        return
    names = vars(source) if isinstance(source, ModuleType) else _attributes(type(source))
    for name in names:
        if name.startswith("__"):
            continue
        member = cast("object", inspect.getattr_static(source, name))
        raw = cast("object", getattr(member, "__func__", member))  # of a staticmethod or classmethod
        if _mark(raw) is not None or _kernel_name(raw) is not None:
            yield cast("Callable[..., object]", getattr(source, name))


def signature_of(function: Callable[..., object], plugin: str) -> FunctionSignature:
    """Read the signature of `function`: names, types, defaults and descriptions as its code has them.

    Effect and hints are those of `with_hints`. Raises PackError where the function cannot be called by names.
    """
    mark = _mark(function) or SkillMark(None, None, None, None, None, None, False)
    name = mark.name or _kernel_name(function) or str(getattr(function, "__name__", type(function).__name__))
    if not is_name(name):
        raise PackError(plugin, f"'{name}' cannot name a function: use def, or say @skill(name=…)")
    hints = evaluated_hints(function)
    returns = _annotation(hints.get("return", ANY))
    said = {key: hint for key in HINT_KEYS if (hint := getattr(mark, key)) is not None}
    if mark.effect is not None:
        said["effect"] = effect_of(mark.effect, plugin, name)
    return with_hints(
        FunctionSignature(
            plugin=plugin,
            name=name,
            description=mark.description or _description(function),
            parameters=tuple(_parameters(function, hints, f"{plugin}.{name}")),
            returns=_collected(function, returns.type),
            returns_description=returns.description,
        ),
        said,
    )


def effect_of(said: str, plugin: str, name: str) -> Effect:
    """Read the text of an effect that code declares; raises PackError."""
    try:
        return Effect.parse(said, plugin)
    except ValueError as error:
        raise PackError(f"{plugin}.{name}", str(error)) from error


def injected_parameters(function: Callable[..., object]) -> frozenset[str]:
    """Return the names of the parameters that Semantic Kernel fills: none for a function that it did not decorate."""
    if _kernel_name(function) is None:
        return frozenset()
    return INJECTED.intersection(inspect.signature(function).parameters)


def served_as(name: str) -> Served | None:
    """Say what of its kernel a parameter is given whose type has this full dotted name."""
    return _SERVED.get(name)


def is_secret_type(name: str) -> bool:
    """Say whether the type of this full dotted name holds a secret."""
    return name in _SECRET


def served_parameters(function: Callable[..., object]) -> dict[str, Served]:
    """Return the parameters that are given the kernel's memory or model, or their key, by their annotations."""
    found: dict[str, Served] = {}
    for name, hint in evaluated_hints(function).items():
        what = served_as(_dotted(hint))
        if what is not None and name != "return":
            found[name] = what
    return found


def _dotted(hint: object) -> str:
    """Return the full name of an annotated type."""
    inner: object = typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Annotated else hint
    return f"{getattr(inner, '__module__', '')}.{getattr(inner, '__qualname__', '')}"


def evaluated_hints(function: Callable[..., object]) -> dict[str, object]:
    """Return the annotations of a function by name, `return` among them; one that cannot be evaluated is left out."""
    target: object = function.func if isinstance(function, functools.partial) else function
    target = target if inspect.isroutine(target) else getattr(target, "__call__", target)  # noqa: B004
    plain = inspect.unwrap(cast("Callable[..., object]", getattr(target, "__func__", target)))
    found: dict[str, object] = {}
    for name, annotation in getattr(plain, "__annotations__", {}).items():
        alone = SimpleNamespace(__annotations__={name: annotation})
        try:
            found |= typing.get_type_hints(alone, getattr(plain, "__globals__", {}), include_extras=True)
        except Exception:  # an author's annotation is evaluated here, and may raise anything
            continue
    return found


def python_names(function: Callable[..., object]) -> dict[str, str]:
    """Return how Python spells the parameters that plans name with one of its own words: `from` is `from_`."""
    try:
        taken = inspect.signature(function).parameters
    except ValueError:  # a callable without a signature, made by another decorator
        return {}
    return {plan_name(name): name for name in taken if plan_name(name) != name}


def _mark(function: object) -> SkillMark | None:
    return cast("SkillMark | None", getattr(function, "__forethought_skill__", None))


def _kernel_name(function: object) -> str | None:
    if not callable(function) or getattr(function, "__kernel_function__", None) is not True:
        return None
    return cast("str | None", getattr(function, "__kernel_function_name__", None))


def _attributes(kind: type) -> Iterator[str]:
    """Yield the attribute names of a class, those of its bases first, each once."""
    return iter(dict.fromkeys(name for each in reversed(kind.__mro__) for name in vars(each)))


def _description(function: Callable[..., object]) -> str:
    said = getattr(function, "__kernel_function_description__", None) or inspect.getdoc(function) or ""
    return first_paragraph(str(said))


def _annotation(hint: object) -> Annotation:
    """Read an evaluated annotation, as `read_annotation` reads its text."""
    if isinstance(hint, ValueType):
        return Annotation(hint)
    said, hidden = "", False
    extras: tuple[object, ...] = typing.get_args(hint)[1:] if typing.get_origin(hint) is typing.Annotated else ()
    for extra in extras:
        found = extra if isinstance(extra, str) else getattr(extra, "description", None)
        said = said or (found if isinstance(found, str) else "")
        hidden = hidden or extra == {"include_in_function_choices": False}
    return Annotation(type_from_hint(hint), said, hidden)


def _parameters(function: Callable[..., object], hints: dict[str, object], full_name: str) -> Iterator[Parameter]:
    """Yield the parameters that a plan fills: not those that a kernel fills, nor those that are hidden."""
    injected = injected_parameters(function) | served_parameters(function).keys()
    documented = parameter_descriptions(inspect.getdoc(function) or "")
    for name, parameter in inspect.signature(function).parameters.items():
        if name in injected or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        required = parameter.default is parameter.empty
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise PackError(full_name, f"the parameter '{name}' is positional-only, and arguments go by name")
        said = _annotation(hints.get(name, ANY))
        if said.hidden and not required:
            continue
        shown = name if _mark(function) is None else plan_name(name)
        default = None if required else parameter.default
        described = said.description or documented.get(name, "")
        yield Parameter(shown, said.type, required, default, described, is_secret_type(_dotted(hints.get(name))))


def _collected(function: Callable[..., object], returns: ValueType) -> ValueType:
    """A generator's items are collected, so what it returns is an array."""
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        return ValueType("array")
    return returns
