"""The house: what is installed is what is in the tree, imports keep their direction, light commands stay light."""

from __future__ import annotations

import ast
import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("kernel", "planners", "plugins", "prompts", "cli")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _modules() -> Iterator[Path]:
    """Our own modules: every Python file but the native files of packs, which are data."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if folder != "plugins" or path.parent == ROOT / "plugins":
                yield path


def _package(path: Path) -> str:
    return ".".join(("forethought", *path.relative_to(ROOT).parent.parts))


def test_every_package_of_the_tree_is_listed_for_the_wheel() -> None:
    in_tree = {_package(path) for path in _modules() if path.name == "__init__.py"}
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == in_tree
    assert {_package(path) for path in _modules()} == in_tree, "a folder with modules lacks its __init__.py"


def test_the_wheel_holds_every_file_of_the_tree(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(_copy(tmp_path / "source"))], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("forethought/")}
    wanted = {
        f"forethought/{path.relative_to(ROOT).as_posix()}"
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held == wanted


def test_an_install_of_links_reads_the_shipped_packs(tmp_path: Path) -> None:
    """A strict editable install links every file into place; a link out of a pack is refused, but not these."""
    for folder in FOLDERS:
        links = tmp_path / "forethought" / folder
        shutil.copytree(ROOT / folder, links, copy_function=os.symlink, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "forethought.cli", "skills", "check"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.endswith("functions, no problems\n")) == (0, True), done.stdout


def _copy(target: Path) -> Path:
    """Copy the project to build it elsewhere: a build leaves files beside its source."""
    for name in (*FOLDERS, "pyproject.toml", "README.md", "LICENSE"):
        source = ROOT / name
        target.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / name)
    return target


@pytest.mark.parametrize("path", [*_modules()], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_imports_by_the_one_name_and_stays_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400, "is there a second room in there?"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            continue
        for name in names:
            assert name.split(".")[0] not in FOLDERS, f"line {node.lineno}: import forethought.{name}"
            if name.split(".")[0] == "semantic_kernel":
                assert path.parent == ROOT / "kernel" / "_semantic_kernel", "there is one door to semantic_kernel"


def test_every_module_lists_its_public_names() -> None:
    for package in PROJECT["tool"]["setuptools"]["packages"]:
        module = importlib.import_module(package)
        for found in pkgutil.iter_modules(module.__path__):
            if found.ispkg or found.name.startswith("_") or package == "forethought.plugins":
                continue
            member = importlib.import_module(f"{package}.{found.name}")
            public = getattr(member, "__all__", None)
            assert public is not None, f"{member.__name__} has no __all__"
            assert all(hasattr(member, name) for name in public), member.__name__


@pytest.mark.parametrize("package", ["forethought.kernel", "forethought.planners"])
def test_the_front_of_a_package_offers_all_it_lists(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__all__ == sorted(module.__all__)
    for name in module.__all__:
        assert getattr(module, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = module.nothing


@pytest.mark.parametrize(
    "statement",
    [
        "import forethought.kernel, forethought.planners",
        "from forethought.planners import Plan, parse, check, schedule",
        "from forethought.kernel import SkillRegistry, ContextVariables, skill, Kernel",
        "from forethought.kernel.packs.reading import read_packs",
        "from forethought.cli.main import main",
    ],
)
def test_what_only_reads_imports_nothing_heavy(statement: str) -> None:
    heavy = ("semantic_kernel", "pydantic", "yaml", "jinja2", "rich", "httpx", "xllamacpp", "numpy")
    code = f"{statement}\nimport sys\nprint([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_constraints_name_versions_and_no_index() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!_-]+( ; .+)?", line) for line in pins)
