"""Documentation is true: every code block of every page is executed, and printed output is compared.

Python blocks of one page run one after the other in one namespace, where `await` stands at top level; a block's
output is compared with the `text` block right after it, if it is marked `text output`. In a `console` block each
line after `$ ` is a command (`forethought …`, or `cat FILE`), the lines below it are what it prints on both streams;
`…` stands for anything. Files named in a block's info string (```xml plan.xml) are written first. XML is read and
must have no errors, unless its info string says `broken`; JSON, TOML and YAML are parsed.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from forethought.kernel.problems import has_errors
from forethought.planners.language.parsing import read

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
)
KNOWN = {"python", "console", "xml", "json", "toml", "yaml", "text", "sh", "mermaid", "jinja"}


@dataclass(frozen=True)
class Block:
    language: str
    words: tuple[str, ...]
    text: str
    line: int

    @property
    def files(self) -> list[str]:
        """The files this block is the text of."""
        return [word for word in self.words if "." in word]


def _blocks(page: Path) -> Iterator[Block]:
    pattern = re.compile(r"^```(\S*)([^\n]*)\n(.*?)^```$", re.M | re.S)
    text = page.read_text(encoding="utf-8")
    for found in pattern.finditer(text):
        language, words, body = found.groups()
        yield Block(language, tuple(words.split()), body, text.count("\n", 0, found.start()) + 1)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_page_is_true(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("FORETHOUGHT_") or name.endswith("_API_KEY")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)  # a pack may start `python`
    names: dict[str, object] = {"__name__": "page"}
    printed = ""
    for block in _blocks(page):
        where = f"{page.relative_to(ROOT)}:{block.line}"
        assert block.language in KNOWN, f"{where}: a block in no known language: {block.language!r}"
        for file in block.files:
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        match block.language:
            case "python" if not block.files:
                printed = _run_python(block, names, where)
            case "text" if "output" in block.words:
                assert _matches(block.text, printed), f"{where}: it printed\n{printed}"
            case "console":
                _run_console(block, where)
            case "xml" if "broken" not in block.words:
                reading = read(block.text)
                assert not has_errors(reading.problems), f"{where}: {[str(each) for each in reading.problems]}"
            case "json":
                json.loads(block.text)
            case "toml":
                tomllib.loads(block.text)
            case "yaml":
                yaml.safe_load(block.text)
            case "sh":
                _check_shell(block, where)
            case _:
                pass


def _run_python(block: Block, names: dict[str, object], where: str) -> str:
    code = compile(block.text, where, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        if code.co_flags & inspect.CO_COROUTINE:
            asyncio.run(_awaited(eval(code, names)))
        else:
            exec(code, names)
    return output.getvalue()


async def _awaited(coroutine: object) -> None:
    assert inspect.isawaitable(coroutine)
    await coroutine


def _run_console(block: Block, where: str) -> None:
    for command, expected in re.findall(r"^\$ ([^\n]*)\n((?:(?!\$ ).*\n?)*)", block.text, re.M):
        words = shlex.split(command, comments=True)
        assert words, where
        environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100"}
        if words[0] == "forethought":
            words = [sys.executable, "-m", "forethought.cli", *words[1:]]
        else:
            assert words[0] in ("cat", "ls"), f"{where}: '{words[0]}' is not run here"
        done = subprocess.run(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            check=False,
            timeout=100,
        )
        assert _matches(expected, done.stdout), f"{where}: $ {command}\nprinted\n{done.stdout}"


def _check_shell(block: Block, where: str) -> None:
    """Set-up commands are not run again inside a test; what they name must be there."""
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["make"]:
            goals = [word for word in words[1:] if "=" not in word]
            assert set(goals) <= set(targets), f"{where}: no make target {goals}"


def _matches(expected: str, printed: str) -> bool:
    pattern = ".*?".join(re.escape(part) for part in expected.strip().split("…"))
    stripped = "\n".join(line.rstrip() for line in printed.strip().splitlines())
    return re.fullmatch(pattern, stripped, re.S) is not None
