"""The kernel imports light: Semantic Kernel comes in only through its one door, and only when it is used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

CODE = """
import asyncio, json, sys
from pathlib import Path
{code}
print(json.dumps([name for name in {heavy!r} if name in sys.modules]))
"""


def imported(code: str, *heavy: str) -> list[str]:
    """Run `code` in a fresh interpreter and return which of the modules `heavy` it imported."""
    script = CODE.format(code=code, heavy=heavy)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))


@pytest.mark.parametrize(
    "code",
    [
        "import forethought.kernel",
        "from forethought.kernel import *",
        "from forethought.kernel.models.opening import open_model; assert not open_model('openai:x').constrained",
        "from forethought.kernel.settings import load_settings\n"
        "from forethought.kernel.models.detection import detect; detect(load_settings())",
        "from forethought.kernel import Kernel, skill\n"
        "kernel = Kernel()\n"
        "@skill\n"
        "def f(x: int) -> int: return x\n"
        "kernel.add_functions(f, 'P')\n"
        "assert asyncio.run(kernel.invoke('f', x='1')) == 1",
        "from forethought.kernel import Kernel; from forethought.kernel.testing import ScriptedModel\n"
        "import forethought.plugins as p\n"
        "kernel = Kernel.from_packs(Path(p.__file__).parent, model=ScriptedModel(['ha']))\n"
        "assert asyncio.run(kernel.invoke('FunSkill.Joke', input='x')) == 'ha'",
    ],
)
def test_semantic_kernel_is_not_imported_by(code: str) -> None:
    assert imported(code, "semantic_kernel", "openai", "xllamacpp") == []


def test_a_kernel_that_reads_packs_imports_nothing_heavy() -> None:
    code = "from forethought.kernel import Kernel; Kernel()"
    assert imported(code, "pydantic", "yaml", "jinja2", "rich", "httpx", "semantic_kernel") == []
