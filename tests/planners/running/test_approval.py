"""Law 5: one approval, one hash. Change the plan, an input or a function, and the approval is void."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import PlanError
from forethought.planners import approval_hash, parse, run, schedule

PLAN = """
<plan goal="Tell somebody">
  <input name="COUNT" type="integer">1</input>
  <function.Mail.send to="$WHO" times="$COUNT"/>
</plan>
"""
INPUTS: Mapping[str, object] = {"WHO": "Ada", "COUNT": "2"}


def kernel_of(*, effect: str = "writes:mail", sent: list[str] | None = None) -> Kernel:
    @skill(effect=effect, quick=True)
    def send(to: str, times: int) -> str:
        (sent if sent is not None else []).append(to)
        return f"{to} x {times}"

    kernel = Kernel()
    kernel.add_functions(send, "Mail")
    return kernel


async def test_what_was_approved_runs() -> None:
    plan, kernel = parse(PLAN), kernel_of()
    approved = approval_hash(plan, kernel, inputs=INPUTS)
    assert len(approved) == 32
    assert (await run(plan, kernel, inputs=INPUTS, approved=approved)).value == "Ada x 2"
    ready = schedule(plan, kernel.skills, variables=INPUTS)
    assert (await run(ready, kernel, inputs=INPUTS, approved=f" {approved.upper()}\n")).ok


@pytest.mark.parametrize(
    ("text", "inputs", "effect"),
    [
        (PLAN.replace("Tell", "Warn"), INPUTS, "writes:mail"),
        (PLAN, {**INPUTS, "WHO": "Eve"}, "writes:mail"),
        (PLAN, {"WHO": "Ada"}, "writes:mail"),
        (PLAN, INPUTS, "writes:letters"),
    ],
    ids=["another plan", "another value", "a default", "another signature"],
)
async def test_what_is_anything_else_does_not_start(text: str, inputs: Mapping[str, object], effect: str) -> None:
    approved = approval_hash(parse(PLAN), kernel_of(), inputs=INPUTS)
    sent: list[str] = []
    with pytest.raises(PlanError) as caught:
        await run(parse(text), kernel_of(effect=effect, sent=sent), inputs=inputs, approved=approved)
    (problem,) = caught.value.problems
    assert problem.code == "approval-void"
    assert problem.message.startswith(f"the approval '{approved}' is for another plan, other inputs or other functions")
    assert sent == []


def test_what_the_plan_has_no_use_for_changes_nothing() -> None:
    plan, kernel = parse(PLAN), kernel_of()
    approved = approval_hash(plan, kernel, inputs=INPUTS)

    @skill(effect="writes:mail")
    def unused(input: str) -> str:
        return input

    kernel.add_functions(unused, "Other")
    assert approval_hash(plan, kernel, inputs={**INPUTS, "UNUSED": "x"}) == approved
    assert approval_hash(parse(plan.to_xml()), kernel, inputs={"who": "Ada", "count": 2}) == approved


def test_a_plan_that_could_not_start_cannot_be_approved() -> None:
    with pytest.raises(PlanError, match="there is no variable 'WHO'"):
        approval_hash(parse(PLAN), kernel_of())


BLOCKS = """
<plan>
  <if test="HURRY"><function.Mail.send to="Ada" times="1"/></if>
  <foreach item="WHO" in="$ALL" max="5"><function.Mail.send to="$WHO" times="1"/></foreach>
  <while test="TIMES &lt; 3" max="5"><function.Mail.send to="Ada" times="$TIMES" setContextVariable="TIMES"/></while>
</plan>
"""
GIVEN: Mapping[str, object] = {"HURRY": True, "ALL": ["Eve"], "TIMES": 1}


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        (BLOCKS.replace("HURRY", "not HURRY"), GIVEN),
        (BLOCKS.replace("&lt; 3", "&lt; 4"), GIVEN),
        (BLOCKS.replace('max="5"><function.Mail.send to="Ada"', 'max="6"><function.Mail.send to="Ada"'), GIVEN),
        (BLOCKS.replace('in="$ALL"', "in='[\"Eve\"]'"), GIVEN),
        (BLOCKS, {**GIVEN, "HURRY": False}),
        (BLOCKS, {**GIVEN, "ALL": ["Eve", "Bob"]}),
        (BLOCKS, {**GIVEN, "TIMES": 2}),
    ],
)
def test_tests_lists_maxima_and_what_they_read_are_agreed_to(text: str, inputs: Mapping[str, object]) -> None:
    kernel = kernel_of()
    assert approval_hash(parse(text), kernel, inputs=inputs) != approval_hash(parse(BLOCKS), kernel, inputs=GIVEN)


def test_variables_that_no_block_reads_take_no_part() -> None:
    kernel = kernel_of()
    given = {**GIVEN, "OTHER": 1}
    assert approval_hash(parse(BLOCKS), kernel, inputs=given) == approval_hash(parse(BLOCKS), kernel, inputs=GIVEN)
