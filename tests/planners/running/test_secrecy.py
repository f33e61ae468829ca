"""Secrecy: what is secret in a run follows from its plan, before anything is called."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from forethought.kernel import Kernel, skill
from forethought.kernel.redacting import Redaction
from forethought.planners import parse
from forethought.planners.checking.binding import bind
from forethought.planners.running.secrecy import Secrecy


@skill(effect="reads:vault")
async def take(name: str) -> str:
    """Take something out of the vault."""
    return f"the {name} of the vault"


@skill(effect="pure")
async def sign(text: str, stamp: SecretStr) -> str:
    """Sign a text."""
    return text


sign.__annotations__["stamp"] = SecretStr


@pytest.fixture
def kernel() -> Kernel:
    made = Kernel()
    made.add_functions(take, "V")
    made.add_functions(sign, "V")
    return made


def begun(kernel: Kernel, text: str, **given: object) -> Secrecy:
    secrecy = Secrecy(Redaction())
    plan = parse(f"<plan>{text}</plan>")
    secrecy.begin(bind(plan, kernel.skills, given), given)
    return secrecy


def test_what_is_written_for_a_secret_parameter_is_hidden_wherever_it_stands(kernel: Kernel) -> None:
    secrecy = begun(kernel, '<function.V.sign text="x" stamp="lion rampant"/>')
    assert secrecy.argument("V.sign", "stamp")
    assert not secrecy.argument("V.sign", "text")
    assert secrecy.redaction.text("it was signed with lion rampant") == "it was signed with [redacted]"


def test_a_variable_that_a_secret_parameter_takes_is_a_secret(kernel: Kernel) -> None:
    secrecy = begun(kernel, '<input name="MARK"/><function.V.sign text="x" stamp="$MARK"/>', MARK="lion rampant")
    assert secrecy.variable("mark")
    assert secrecy.redaction.text("a lion rampant") == "a [redacted]"


@pytest.mark.parametrize(
    "plan",
    [
        '<function.V.take name="x" setContextVariable="S"/><function.V.sign text="x" stamp="$S"/>',
        '<function.V.take name="x" setContextVariable="DB_PASSWORD"/>',
        '<function.V.take name="x" setContextVariable="S"/><function.V.sign text="x" stamp="Bearer $S"/>',
    ],
    ids=["taken by a secret parameter", "named like a secret", "taken within a text"],
)
def test_an_output_is_a_secret_where_something_secret_takes_it(kernel: Kernel, plan: str) -> None:
    secrecy = begun(kernel, plan)
    assert secrecy.output("1")
    assert not secrecy.output("2")
    secrecy.gave("1", "lion rampant")
    assert secrecy.redaction.value({"text": ["a lion rampant"]}) == {"text": ["a [redacted]"]}


def test_a_step_in_a_round_is_as_secret_as_in_the_plan(kernel: Kernel) -> None:
    each = '<function.V.take name="$N" setContextVariable="S"/><function.V.sign text="x" stamp="$S"/>'
    secrecy = begun(kernel, f"""<foreach item="N" in='["a", "b"]'>{each}</foreach>""")
    assert secrecy.output("1[2].1")
