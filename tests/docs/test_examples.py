"""Every example runs and prints what it should."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from forethought.kernel import Kernel
from forethought.kernel.testing import ScriptedModel
from forethought.planners import check, parse, run

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        (
            "orders.py",
            "1 Orders.largest after nothing\n2 Orders.discount after 1\norder 2: 10 % off\n",
        ),
        ("existing_kernel.py", "filter sees Lights-switch\nkitchen is dark\n"),
    ],
)
def test_a_script_prints_what_it_should(name: str, printed: str) -> None:
    done = subprocess.run([sys.executable, EXAMPLES / name], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, printed), done.stderr


def test_no_script_is_left_out() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {"orders.py", "existing_kernel.py"}


async def test_the_example_pack_and_its_plan_work_together() -> None:
    model = ScriptedModel(["Thank you, Ada!"])
    kernel = Kernel.from_packs(EXAMPLES / "packs", model=model)
    assert kernel.problems == ()
    plan = parse((EXAMPLES / "thanks.xml").read_text(encoding="utf-8"))
    assert check(plan, kernel.skills) == ()
    result = await run(plan, kernel)
    assert result.value == "Thank you, Ada!"
    (message,) = model.requests[0].messages
    assert message.content.splitlines()[0].endswith("thanks Ada for this order: three notebooks")
    assert "The Corner Shop" in message.content
