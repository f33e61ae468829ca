"""Native functions: the marked functions and methods of a Python file, read from its text; nothing of it runs."""

from __future__ import annotations

import ast
import dataclasses
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from forethought.kernel.functions import FunctionSignature, Parameter, plan_name
from forethought.kernel.native import INJECTED, is_secret_type, served_as
from forethought.kernel.problems import Place
from forethought.kernel.values import STRING, ValueType

from .annotations import Annotation, read_annotation
from .docstrings import first_paragraph, parameter_descriptions
from .files import read_text
from .hints import HINT_KEYS, read_hints, with_hints
from .names import Names
from .pack import NativeSource, PackFunction, Vintage, is_name
from .plain import plain_text
from .reports import Report

__all__ = ["is_context", "is_native", "may_mark", "read_natives"]

_CONTEXTS = frozenset({"SKContext", "KernelContext"})
_MARKS = ("skill", "kernel_function", "sk_function")
_SAID = ("name", "description", *HINT_KEYS)
_ASKED = f"it takes {', '.join(_SAID)}"
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def is_native(path: Path) -> bool:
    """Say whether a file of a pack may hold native functions, by its name: tests and `_private.py` do not."""
    stem = path.stem
    private = stem.startswith(("_", ".", "test_")) or stem.endswith("_test") or stem in ("conftest", "setup")
    return path.suffix == ".py" and not private


def may_mark(text: str) -> bool:
    """Say whether a file's text can hold a marked function at all."""
    return any(mark in text for mark in _MARKS)


def is_context(name: str, annotation: str) -> bool:
    """Say whether a parameter of a 2023 function is its context, by its own name or its type's."""
    return name == "context" or annotation.rpartition(".")[2] in _CONTEXTS


def read_natives(file: Path, root: Path, report: Report) -> list[PackFunction]:
    """Read the marked functions of a file, in its order; what cannot be read costs that function only."""
    report = report.on(file)
    text = read_text(file, root, report)
    if text is None or not may_mark(text):
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a pack's invalid escapes are its own affair
            module = ast.parse(text, filename=str(file))
        names = Names.of(module)
        reader = _Reader(file, root.name, names, report, text.split("\n"))
        found = [read for marked in _marked(module, names) if (read := reader.read(marked)) is not None]
    except SyntaxError as error:
        place = Place(error.lineno or 1, max(error.offset or 1, 1))
        report.error("bad-python", f"it is not Python: {error.msg}", place=place)
        return []
    except ValueError as error:  # a NUL in the source
        report.error("bad-python", f"it is not Python: {error}")
        return []
    except (RecursionError, MemoryError):
        report.error("bad-python", "it is nested too deeply")
        return []
    if any(isinstance(each.source, NativeSource) and each.source.vintage == "sk_function" for each in found):
        message = "it was written for the Semantic Kernel of 2023; its imports are rewritten when it is loaded"
        report.notice("old-native", message, hint="mark functions with @skill")
    return found


@dataclass(frozen=True, slots=True)
class _Marked:
    """A function with the mark that makes it part of the pack."""

    node: _Function
    owner: ast.ClassDef | None
    vintage: Vintage
    mark: ast.expr

    @property
    def qualname(self) -> str:
        return f"{self.owner.name}.{self.node.name}" if self.owner else self.node.name


def _marked(module: ast.Module, names: Names) -> Iterator[_Marked]:
    for statement in module.body:
        owner = statement if isinstance(statement, ast.ClassDef) else None
        for node in owner.body if owner else [statement]:
            if not isinstance(node, _Function):
                continue
            for mark in node.decorator_list:
                vintage = _vintage(mark, names)
                if vintage is not None:
                    yield _Marked(node, owner, vintage, mark)
                    break


def _vintage(mark: ast.expr, names: Names) -> Vintage | None:
    """Say which vintage a decorator is of; the Semantic Kernel of early 2024 kept 2023's ways under newer names."""
    origin = names.origin(mark.func if isinstance(mark, ast.Call) else mark)
    house, _, name = origin.rpartition(".")
    if house in ("forethought.kernel", "forethought.kernel.functions") and name == "skill":
        return "skill"
    if house.partition(".")[0] != "semantic_kernel":
        return None
    if name == "sk_function" or (name == "kernel_function" and "plugin_definition" in house):
        return "sk_function"
    return "kernel_function" if name == "kernel_function" else None


@dataclass(frozen=True, slots=True)
class _Reader:
    file: Path
    plugin: str
    names: Names
    report: Report
    lines: list[str]

    def read(self, marked: _Marked) -> PackFunction | None:
        node = marked.node
        said = self._keywords(marked.mark, node)
        docstring = plain_text(ast.get_docstring(node) or "")
        named, described = said.get("name"), said.get("description")
        name = named if isinstance(named, str) and named else node.name
        if not is_name(name):
            self.report.error("bad-name", f"'{name}' cannot name a function", place=self._place(marked.node))
            return None
        if not self._callable(marked):
            return None
        returns = read_annotation(node.returns, self.names)
        signature = FunctionSignature(
            plugin=self.plugin,
            name=name,
            description=described if isinstance(described, str) and described else first_paragraph(docstring),
            returns=returns.type,
            returns_description=returns.description,
            source=str(self.file),
        )
        if not signature.description:
            hint = "a planner chooses by the description: add a docstring"
            self.report.notice(
                "missing-description", f"'{name}' has no description", place=self._place(node), hint=hint
            )
        if _yields(node):  # its items are collected
            signature = dataclasses.replace(signature, returns=ValueType("array"))
        if marked.vintage == "sk_function":
            signature = dataclasses.replace(signature, parameters=self._old_parameters(marked, said), returns=STRING)
        else:
            signature = dataclasses.replace(signature, parameters=self._parameters(marked, docstring))
        own = said if marked.vintage == "skill" else {}
        for key in own:
            if key not in _SAID:
                self.report.error(
                    "unknown-key", f"'{key}' is nothing that @skill takes", place=self._place(node), hint=_ASKED
                )
        signature = with_hints(signature, read_hints(own, self.plugin, self.report, place=self._place(node)))
        return PackFunction(signature, NativeSource(self.file, marked.qualname, marked.vintage))

    def _keywords(self, mark: ast.expr, node: _Function) -> dict[str, object]:
        """Return what a decorator is called with; what is no literal cannot be known, and is reported."""
        said: dict[str, object] = {}
        for keyword in mark.keywords if isinstance(mark, ast.Call) else []:
            try:
                said[str(keyword.arg)] = self.names.literal(keyword.value)
            except ValueError:
                message = f"'{keyword.arg}' of the decorator is not a literal, and is not known before it runs"
                self.report.warning("not-literal", message, place=self._place(node), hint="write it as a literal")
        return said

    def _callable(self, marked: _Marked) -> bool:
        """Report a function that could not be called by a plan."""
        node = marked.node
        if node.args.posonlyargs[1 if marked.owner and not _is_static(node) else 0 :]:
            message = f"'{node.name}' takes positional-only parameters; a plan passes every argument by name"
            self.report.error("positional-only", message, place=self._place(marked.node), hint="remove the '/'")
            return False
        needed = _needed_to_make(marked.owner) if marked.owner else ()
        if marked.owner and needed and not _is_static(node):
            message = f"class '{marked.owner.name}' cannot be made without '{needed[0]}'"
            hint = "give the parameters of __init__ defaults"
            self.report.error("class-needs-arguments", message, place=self._place(marked.node), hint=hint)
            return False
        return True

    def _parameters(self, marked: _Marked, docstring: str) -> tuple[Parameter, ...]:
        """Return the parameters that a plan fills: not those that a kernel fills, nor those that are hidden."""
        described = parameter_descriptions(docstring) if docstring else {}
        found: list[Parameter] = []
        for argument, default in self._arguments(marked):
            annotation = read_annotation(argument.annotation, self.names)
            if marked.vintage == "kernel_function" and argument.arg in INJECTED:
                self._injected(argument, annotation)
                continue
            served = marked.vintage != "sk_function" and served_as(annotation.name) and not annotation.type.nullable
            if served or (annotation.hidden and default is not None):
                continue
            if annotation.hidden:
                message = f"'{argument.arg}' is hidden from planners and has no default, so it is not hidden here"
                self.report.warning("hidden-parameter", message, place=self._place(argument), hint="give it a default")
            found.append(
                Parameter(
                    plan_name(argument.arg) if marked.vintage == "skill" else argument.arg,
                    annotation.type,
                    default is None,
                    self._default(argument, default),
                    annotation.description or described.get(argument.arg, ""),
                    is_secret_type(annotation.name),
                )
            )
        return tuple(found)

    def _injected(self, argument: ast.arg, annotation: Annotation) -> None:
        if annotation.type.kind != "any":
            message = f"'{argument.arg}' is filled by Semantic Kernel itself, so no plan can pass it"
            self.report.warning("injected-parameter", message, place=self._place(argument), hint="rename the parameter")

    def _default(self, argument: ast.arg, default: ast.expr | None) -> object:
        if default is None:
            return None
        try:
            return self.names.literal(default)
        except ValueError:
            message = f"the default of '{argument.arg}' is not a literal, and is not known before it runs"
            self.report.notice("not-literal", message, place=self._place(argument))
            return None

    def _place(self, node: _Function | ast.arg) -> Place:
        """Return a node's place; the syntax tree counts bytes, a place counts characters."""
        before = self.lines[node.lineno - 1].encode()[: node.col_offset]
        length = len(node.arg) if isinstance(node, ast.arg) else 1
        return Place(node.lineno, len(before.decode()) + 1, length)

    def _arguments(self, marked: _Marked) -> list[tuple[ast.arg, ast.expr | None]]:
        """Return the arguments after `self`, each with its default; variadic ones are reported and left out."""
        args = marked.node.args
        positional = [*args.posonlyargs, *args.args]
        defaults = [None] * (len(positional) - len(args.defaults)) + [*args.defaults]
        pairs = [*zip(positional, defaults, strict=True), *zip(args.kwonlyargs, args.kw_defaults, strict=True)]
        for variadic, stars in ((args.vararg, "*"), (args.kwarg, "**")):
            if variadic is not None:
                message = f"'{stars}{variadic.arg}' is left out: a plan passes named parameters only"
                self.report.notice("variadic", message, place=self._place(variadic))
        return pairs[1:] if marked.owner and not _is_static(marked.node) else pairs

    def _old_parameters(self, marked: _Marked, said: dict[str, object]) -> tuple[Parameter, ...]:
        """Read a 2023 function: `input` is its first argument, the others are declared by decorators."""
        found: dict[str, Parameter] = {}
        described, preset = said.get("input_description"), said.get("input_default_value")
        text = described if isinstance(described, str) else ""
        for argument, default in self._arguments(marked):
            if not is_context(argument.arg, read_annotation(argument.annotation, self.names).name):
                given = preset if preset is not None else self._default(argument, default)
                found["input"] = Parameter("input", STRING, preset is None and default is None, given, text)
                break
        else:
            if text or preset is not None:
                found["input"] = Parameter("input", STRING, preset is None, preset, text)
        for mark in marked.node.decorator_list:
            if not isinstance(mark, ast.Call) or not self.names.origin(mark.func).endswith("_context_parameter"):
                continue
            declared = self._keywords(mark, marked.node)
            parameter = _context_parameter(declared)
            if parameter is None:
                message = f"'{declared.get('name', '')}' cannot name a parameter"
                self.report.error("bad-name", message, place=self._place(marked.node))
            else:
                found.setdefault(parameter.name.lower(), parameter)
        return tuple(found.values())


def _context_parameter(said: dict[str, object]) -> Parameter | None:
    name, described, named = said.get("name"), said.get("description"), said.get("type", said.get("type_"))
    if not isinstance(name, str) or not is_name(name):
        return None
    default = said.get("default_value")
    kind = ValueType.from_json_schema({"type": named}) if isinstance(named, str) else STRING
    required = default is None and said.get("required") is not False
    return Parameter(name, kind, required, default, described if isinstance(described, str) else "")


def _is_static(node: _Function) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in node.decorator_list)


def _yields(node: _Function) -> bool:
    rest: list[ast.AST] = [*node.body]
    while rest:
        each = rest.pop()
        if isinstance(each, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(each, _Function | ast.Lambda | ast.ClassDef):
            rest.extend(ast.iter_child_nodes(each))
    return False


def _needed_to_make(owner: ast.ClassDef) -> tuple[str, ...]:
    """Return the parameters of a class's own `__init__` that have no default."""
    for node in owner.body:
        if isinstance(node, _Function) and node.name == "__init__":
            args = node.args
            positional = [*args.posonlyargs, *args.args][1:]
            bare = positional[: len(positional) - len(args.defaults)]
            named = [arg for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True) if default is None]
            return tuple(arg.arg for arg in [*bare, *named])
    return ()
