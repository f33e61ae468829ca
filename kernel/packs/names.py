"""What the names in a Python module stand for, as far as its text tells."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from .plain import flaw_in

__all__ = ["Names", "dotted", "imported"]

_DEPTH = 20


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for a name or a chain of attributes, else nothing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join(reversed([*parts, node.id]))


def imported(statements: Iterable[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Yield each name that import statements bind, with what it stands for; also below `try` and `if`."""
    for statement in statements:
        match statement:
            case ast.Import(names):
                for alias in names:
                    if alias.asname:
                        yield alias.asname, alias.name
                    else:
                        first = alias.name.partition(".")[0]
                        yield first, first
            case ast.ImportFrom(module, names, level):
                for alias in names:
                    yield alias.asname or alias.name, f"{'.' * level}{module or ''}.{alias.name}"
            case ast.Try(body, handlers, orelse):
                yield from imported(body + [each for handler in handlers for each in handler.body] + orelse)
            case ast.If(_, body, orelse):
                yield from imported(body + orelse)
            case _:
                continue


@dataclass(frozen=True, slots=True)
class Names:
    """A module's imports, its definitions and assignments at the top, and its classes that hold fields."""

    imports: Mapping[str, str]
    assigned: Mapping[str, ast.expr]
    defined: frozenset[str]
    records: frozenset[str] = frozenset()

    @classmethod
    def of(cls, module: ast.Module) -> Names:
        """Read a module's top level."""
        imports = dict(imported(module.body))
        assigned: dict[str, ast.expr] = {}
        for statement in module.body:
            match statement:
                case ast.Assign([ast.Name(name)], value):
                    assigned[name] = value
                case ast.AnnAssign(ast.Name(name), _, ast.expr() as value):
                    assigned[name] = value
                case _:
                    continue
        classes = [each for each in module.body if isinstance(each, ast.ClassDef)]
        functions = [each for each in module.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
        bare = cls(imports, assigned, frozenset(each.name for each in [*classes, *functions]))
        return replace(bare, records=frozenset(each.name for each in classes if bare._is_record(each)))

    def _is_record(self, node: ast.ClassDef) -> bool:
        decorators = {self.origin(each.func if isinstance(each, ast.Call) else each) for each in node.decorator_list}
        bases = {self.origin(each).rpartition(".")[2] for each in node.bases}
        return "dataclasses.dataclass" in decorators or not bases.isdisjoint({"BaseModel", "TypedDict"})

    def origin(self, node: ast.expr) -> str:
        """Return the full dotted name that `node` stands for; a name that is not imported stands for itself."""
        name = dotted(node)
        first, dot, rest = name.partition(".")
        origin = self.imports.get(first)
        if origin is not None:
            return f"{origin}{dot}{rest}"
        star = self.imports.get("*", "")  # from module import *
        known = not name or first in self.defined or first in self.assigned or hasattr(builtins, first)
        return name if known or not star else f"{star[:-1]}{name}"

    def resolve(self, node: ast.expr) -> ast.expr:
        """Follow a name to what was assigned to it at the top of the module."""
        for _ in range(_DEPTH):
            if not isinstance(node, ast.Name) or node.id not in self.assigned:
                break
            node = self.assigned[node.id]
        return node

    def literal(self, node: ast.expr) -> object:
        """Return the plain data of a literal, or of a name assigned to one; raises ValueError for anything else."""
        try:
            value: object = ast.literal_eval(self.resolve(node))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
            raise ValueError("not a literal") from error
        flaw = flaw_in(value)
        if flaw is not None:
            raise ValueError(flaw)
        return value
