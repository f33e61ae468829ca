"""Import a pack's Python files under private names, so that no two packs, and nothing else, meet.

A pack's folder becomes a package of its own: files import their siblings plainly (`import rates`) or relatively, and
the folder is never on `sys.path`. Imports that Semantic Kernel dropped after 2023 lead to `vintage`. Both are rewritten
in the syntax tree before it is compiled; nothing is written to disk.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
import threading
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from forethought.kernel.errors import PackError

from . import vintage
from .names import Names

__all__ = ["import_file"]

_VINTAGE = vintage.__name__
_BOUND = "__vintage__"  # the name by which a rewritten module knows it
_RETIRED = ("skill_definition", "plugin_definition", "orchestration", "sk_pydantic")

_roots: dict[str, Path] = {}
_imported: dict[Path, tuple[int, ModuleType]] = {}
_lock = threading.RLock()


def import_file(file: Path) -> ModuleType:
    """Import a file of a pack, once as long as it stays unchanged. Raises PackError for whatever goes wrong in it."""
    path = file.resolve()
    with _lock:
        try:
            stamp = path.stat().st_mtime_ns
        except OSError as error:
            raise PackError(str(file), f"it cannot be read: {error.strerror}") from error
        known = _imported.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        name = f"{_package(path.parent)}.{path.stem.replace('.', '_')}"
        spec = _spec(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            _FileLoader(path).exec_module(module)
        except (Exception, SystemExit) as error:  # a pack's own code runs here, and may raise anything
            del sys.modules[name]
            raise PackError(str(file), _why(error)) from error
        _imported[path] = (stamp, module)
        return module


def _why(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"it imports '{error.name}', which is not installed: install it in this environment"
    said = str(error) or "no message"
    return f"it failed while it was imported: {type(error).__name__}: {said}"


def _package(folder: Path) -> str:
    """Return the private name of the package that a pack's folder is, made at first use."""
    name = f"_forethought_pack_{hashlib.sha256(str(folder).encode(errors='surrogatepass')).hexdigest()[:16]}"
    if name not in _roots:
        if not any(isinstance(each, _Finder) for each in sys.meta_path):
            sys.meta_path.append(_Finder())
        package = ModuleType(name)
        package.__path__ = []  # nothing for the usual finders to look through
        sys.modules[name] = package
        _roots[name] = folder
    return name


class _Finder(MetaPathFinder):
    """Finds the modules of the packages that packs are."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        package, _, rest = fullname.partition(".")
        root = _roots.get(package)
        if root is None or not rest:
            return None
        base = root.joinpath(*rest.split("."))
        for file in (base / "__init__.py", base.with_name(f"{base.name}.py")):
            if file.is_file():
                return _spec(fullname, file)
        return None


def _spec(name: str, file: Path) -> ModuleSpec:
    spec = ModuleSpec(name, _FileLoader(file), origin=str(file), is_package=file.name == "__init__.py")
    spec.has_location = True  # no search locations: below a pack, only `_Finder` finds
    return spec


class _FileLoader(Loader):
    def __init__(self, file: Path) -> None:
        self.file = file

    def exec_module(self, module: ModuleType) -> None:
        package = module.__name__.partition(".")[0]
        tree = ast.parse(self.file.read_bytes(), filename=str(self.file))
        rewritten = ast.fix_missing_locations(_Rewriter(tree, package).visit(tree))
        setattr(module, _BOUND, vintage)
        exec(compile(rewritten, str(self.file), "exec", dont_inherit=True), module.__dict__)


class _Rewriter(ast.NodeTransformer):
    """Points imports of siblings into the pack, and those of retired names at `vintage`."""

    def __init__(self, tree: ast.Module, package: str) -> None:
        self.names = Names.of(tree)
        self.package = package
        folder = _roots[package]
        found = {each.stem for each in folder.glob("*.py")} | {
            each.parent.name for each in folder.glob("*/__init__.py")
        }
        self.siblings = found - sys.stdlib_module_names

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        return [each for alias in node.names for each in self._import(alias)]

    def _import(self, alias: ast.alias) -> list[ast.stmt]:
        first = alias.name.partition(".")[0]
        if first in self.siblings:
            inside = f"{self.package}.{alias.name}"
            if alias.asname or alias.name == first:
                return [ast.Import([ast.alias(inside, alias.asname or first)])]
            return [ast.Import([ast.alias(inside)]), ast.Import([ast.alias(f"{self.package}.{first}", first)])]
        if _is_retired(alias.name):
            return [ast.Import([ast.alias(_VINTAGE, alias.asname)] if alias.asname else [ast.alias(first)])]
        return [ast.Import([alias])]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.stmt]:
        module = node.module or ""
        if node.level:
            return [node]
        if module.partition(".")[0] in self.siblings:
            return [ast.ImportFrom(f"{self.package}.{module}", node.names, 0)]
        if _is_retired(module):
            return [ast.ImportFrom(_VINTAGE, node.names, 0)]
        if module != "semantic_kernel":
            return [node]
        old = [alias for alias in node.names if alias.name in vintage.__all__]
        new = [alias for alias in node.names if alias not in old]
        split = [(_VINTAGE, old), (module, new)]
        return [ast.ImportFrom(each, names, 0) for each, names in split if names]

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Read `semantic_kernel.SKContext`, under whatever name the package was imported."""
        origin = self.names.origin(node)
        house, _, name = origin.rpartition(".")
        if name in vintage.__all__ and (house == "semantic_kernel" or _is_retired(house)):
            return ast.copy_location(ast.Attribute(ast.Name(_BOUND, ast.Load()), name, ast.Load()), node)
        return self._visited(node)

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        """Read `found, value = context.variables.get(name)`, as it was written in early 2023."""
        if any(isinstance(target, ast.Tuple) for target in node.targets):
            _find(node.value)
        self.generic_visit(node)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Read `context.variables.get(name)[1]`, likewise."""
        _find(node.value)
        return self._visited(node)

    def _visited(self, node: ast.expr) -> ast.expr:
        self.generic_visit(node)
        return node


def _is_retired(module: str) -> bool:
    first, _, rest = module.partition(".")
    return first == "semantic_kernel" and rest.partition(".")[0] in _RETIRED


def _find(node: ast.expr) -> None:
    match node:
        case ast.Call(ast.Attribute(ast.Attribute(_, "variables"), "get") as called, [_], []):
            called.attr = "find"
        case _:
            return
