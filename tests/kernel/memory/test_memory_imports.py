"""Memory imports light: numpy and SQLite come in with the first call that needs them, in a worker thread."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "code",
    [
        "from forethought.kernel import SemanticMemory, Record, Hit",
        "from forethought.kernel import SemanticMemory; SemanticMemory.open(':memory:')",
        "from forethought.kernel import Kernel; Kernel(memory=':memory:').memory",
        "from forethought.kernel.testing import HashEmbedder; HashEmbedder()",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_used(code: str) -> None:
    heavy = ("numpy", "sqlite3", "tokenizers", "pydantic", "semantic_kernel")
    look = f"{code}\nimport sys\nprint([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
