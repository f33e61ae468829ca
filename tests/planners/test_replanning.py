"""Replanning: what is finished stays, a model finds a new end, and somebody agrees to it before it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest
from pydantic import SecretStr

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import ModelError
from forethought.kernel.testing import ScriptedModel
from forethought.planners import Plan, RunResult, SequentialPlanner, approval_hash, parse, run
from forethought.planners.replanning import Replanning, told_step
from forethought.planners.running.events import Event, StepFailed
from forethought.planners.running.patch import Agree, Patch
from forethought.planners.running.result import StepRecord

Snapshot = Callable[[str, str], None]


class Office:
    """Functions that count their calls; the fax is broken."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    @skill(effect="reads:contacts")
    async def find(self, name: str) -> dict[str, str]:
        """Find the card of a person."""
        self.calls.append("find")
        return {"fax": "030 1", "mail": f"{name.lower()}@example.com"}

    @skill(effect="writes:fax")
    async def fax(self, number: str, text: str) -> str:
        """Send a fax."""
        self.calls.append("fax")
        raise ConnectionRefusedError("the line is dead")

    @skill(effect="writes:mail")
    async def mail(self, to: str, text: str) -> str:
        """Send a mail."""
        self.calls.append(f"mail {to}")
        return f"mailed to {to}"

    @skill(effect="pure")
    async def upper(self, input: str) -> str:
        """Write in capital letters."""
        self.calls.append("upper")
        return input.upper()


PLAN = parse("""
<plan goal="Tell Steven that we are late">
  <function.Office.find name="Steven" setContextVariable="CARD"/>
  <function.Office.fax number="$CARD.fax" text="We are late" setContextVariable="DONE"/>
  <function.Office.upper input="$DONE" setContextVariable="LOUD"/>
  <function.Office.upper input="$LOUD" appendToResult="RESULT__TOLD"/>
</plan>
""")
TAIL = """The fax is dead. <plan>
  <function.Office.mail to="$CARD.mail" text="We are late" setContextVariable="DONE"/>
  <function.Office.upper input="$DONE" appendToResult="RESULT__TOLD"/>
</plan>"""


def office(replies: Sequence[str | Exception]) -> tuple[Kernel, Office, ScriptedModel]:
    model, functions = ScriptedModel(replies), Office()
    kernel = Kernel(model=model)
    kernel.add_functions(functions, "Office")
    return kernel, functions, model


def planner(kernel: Kernel) -> SequentialPlanner:
    return SequentialPlanner(kernel, embedder=None)


async def repaired(
    replies: Sequence[str | Exception], plan: Plan = PLAN, times: int = 1
) -> tuple[RunResult, Office, ScriptedModel]:
    kernel, functions, model = office(replies)
    return await run(plan, kernel, max_replans=times, planner=planner(kernel)), functions, model


async def test_a_plan_whose_second_step_fails_is_repaired_and_its_first_ran_once() -> None:
    shown: list[Patch] = []

    def agree(patch: Patch) -> bool:
        shown.append(patch)
        return True

    kernel, functions, _ = office([TAIL])
    result = await run(PLAN, kernel, max_replans=1, planner=planner(kernel), agree=agree)
    assert (result.status, result.value) == ("succeeded", "MAILED TO STEVEN@EXAMPLE.COM")
    assert functions.calls == ["find", "fax", "mail steven@example.com", "upper"]
    assert [(each.id, each.function) for each in result.steps] == [
        ("1", "Office.find"),
        ("2", "Office.mail"),
        ("3", "Office.upper"),
    ]
    (patch,) = result.patches
    assert patch.taken
    assert patch.error == (
        'step 2, Office.fax, failed: the line is dead (where number is "$CARD.fax" from step 1, text is "We are late")'
    )
    told = [(each.kind, each.old, each.new, each.label) for each in shown[0].changes]
    assert told == [
        ("removed", "2", None, "Office.fax"),
        ("removed", "3", None, "Office.upper"),
        ("added", None, "2", "Office.mail"),
        ("changed", "4", "3", "Office.upper"),
    ]
    assert result.plan == patch.plan == shown[0].plan
    assert [shown[0].is_new(id_) for id_ in "123"] == [False, True, True]


async def test_with_an_unreachable_model_the_original_error_stays_and_nothing_is_lost() -> None:
    result, functions, _ = await repaired([ModelError("scripted", "no connection")])
    assert result.status == "failed"
    assert result.error
    assert result.error.startswith("step 2, Office.fax, failed: the line is dead")
    assert result.variables["CARD"] == {"fax": "030 1", "mail": "steven@example.com"}
    assert functions.calls == ["find", "fax"]
    (patch,) = result.patches
    assert (patch.plan, patch.taken) == (None, False)
    assert patch.reason == "no new plan could be made: model scripted: no connection"
    assert result.as_json()["patches"] == [
        {"error": result.error, "taken": False, "reason": patch.reason, "plan": None}
    ]


async def test_a_new_end_with_problems_goes_back_to_the_model() -> None:
    result, _, model = await repaired([TAIL.replace("$CARD", "$CRAD"), TAIL])
    assert result.ok
    (patch,) = result.patches
    assert isinstance(patch, Replanning)
    assert [each.ok for each in patch.attempts] == [False, True]
    assert "there is no variable 'CRAD' (did you mean '$CARD'?)" in model.requests[1].messages[-1].content
    assert patch.usage.calls == 2


async def test_a_call_that_succeeded_is_not_made_again() -> None:
    again = """<plan>
      <function.Office.find name="Steven" setContextVariable="CARD"/>
      <function.Office.upper input="late"/>
    </plan>"""
    plan = parse(
        '<plan goal="any"><function.Office.upper input="late"/><function.Office.fax number="1" text="x"/></plan>'
    )
    result, functions, model = await repaired([again, "<plan><function.Office.mail to='a' text='b'/></plan>"], plan)
    assert result.ok
    assert functions.calls == ["upper", "fax", "mail a"]
    assert "'Office.upper' is called again as it was" in model.requests[1].messages[-1].content


@pytest.mark.parametrize(
    "again",
    [
        '<function.Office-mail to="$WHO" text="Hi"/>',
        '<function.mail text="Hi" to="$WHO"/>',
        '<function.Office.mail to="${who}" text="Hi"/>',
        '<function.Office.mail to="eve" text="Hi"/>',
        '<if test="WHO"><function.Office.mail to="$WHO" text="Hi"/></if>',
        '<function.Office.mail to="zoe" text="Hi"/>',
    ],
)
async def test_however_a_call_is_spelled_an_effect_that_has_happened_is_not_repeated(again: str) -> None:
    kernel, functions, _ = office([f"<plan>{again}</plan>"] * 3)
    plan = parse("""
    <plan goal="Tell them">
      <input name="WHO"/>
      <function.Office.mail to="$WHO" text="Hi"/>
      <foreach item="ONE" in='["zoe"]'><function.Office.mail to="$ONE" text="Hi"/></foreach>
      <function.Office.fax number="1" text="Hi"/>
    </plan>
    """)
    failed = await run(plan, kernel, inputs={"WHO": "eve"})
    patch = await planner(kernel).replan(failed)
    assert patch.plan is None
    assert [each.code for each in patch.attempts[-1].problems if each.code == "repeated-step"] == ["repeated-step"]
    assert functions.calls == ["mail eve", "mail zoe", "fax"]


async def test_what_only_reads_may_be_called_again() -> None:
    again = '<plan><function.Office.find name="Steven" setContextVariable="CARD"/></plan>'
    result, functions, _ = await repaired([again])
    assert result.ok
    assert functions.calls == ["find", "fax", "find"]


async def test_a_result_without_a_name_gets_one_where_the_new_end_reads_it() -> None:
    plan = parse("""<plan goal="any">
      <function.Office.find name="Steven"/>
      <function.Office.upper input="b"/>
      <function.Office.fax number="1" text="x"/></plan>""")
    result, _, _ = await repaired(['<plan><function.Office.mail to="$FIND.mail" text="$UPPER"/></plan>'], plan)
    assert result.value == "mailed to steven@example.com"
    result, _, _ = await repaired(['<plan><function.Office.mail to="a" text="$UPPER"/></plan>'], plan)
    assert [step.sets for _, step in result.plan.walk()] == [None, "UPPER", None]


async def test_a_loop_that_broke_off_is_written_out_and_goes_on_elsewhere() -> None:
    plan = parse("""<plan goal="Tell everybody">
      <foreach item="WHO" in='["Adam", "Eve"]'>
        <function.Office.find name="$WHO" setContextVariable="CARD"/>
        <function.Office.fax number="$CARD.fax" text="late"/>
      </foreach></plan>""")
    tail = '<plan><function.Office.mail to="all@example.com" text="late"/></plan>'
    kernel, functions, _ = office([tail])
    result = await run(plan, kernel, max_replans=1, planner=planner(kernel), concurrency=1)
    assert result.ok
    assert result.plan.to_xml() == (
        '<plan goal="Tell everybody">\n'
        '  <function.Office.find name="Adam" setContextVariable="CARD"/>\n'
        '  <function.Office.mail to="all@example.com" text="late"/>\n'
        "</plan>\n"
    )
    assert functions.calls == ["find", "fax", "mail all@example.com"]


async def test_as_many_patches_are_sought_as_may_be() -> None:
    dead = '<plan><function.Office.fax number="2" text="x"/></plan>'
    result, functions, model = await repaired([dead, dead.replace("2", "3"), TAIL], times=2)
    assert (result.status, len(result.patches), len(model.requests)) == ("failed", 2, 2)
    assert functions.calls == ["find", "fax", "fax", "fax"]
    result, _, _ = await repaired([dead, dead.replace("2", "3"), TAIL], times=3)
    assert (result.value, len(result.patches)) == ("MAILED TO STEVEN@EXAMPLE.COM", 3)


@pytest.mark.parametrize("asked", [True, False])
async def test_an_approval_of_the_old_plan_is_none_of_a_new_end_with_effects(asked: bool) -> None:
    kernel, functions, _ = office([TAIL])
    approved = approval_hash(PLAN, kernel)
    agree: list[Agree] = [lambda patch: patch.plan is not None] if asked else []
    result = await run(
        PLAN, kernel, approved=approved, max_replans=1, planner=planner(kernel), agree=agree[0] if agree else None
    )
    assert result.ok is asked
    if not asked:
        (patch,) = result.patches
        assert patch.plan is not None
        assert patch.reason == (
            "the approval was for the old plan, and step 2 of the new one, Office.mail, has effects"
        )
        assert functions.calls == ["find", "fax"]


async def test_an_approved_plan_may_end_in_a_new_way_that_has_no_effects() -> None:
    kernel, _, _ = office(['<plan><function.Office.upper input="$CARD.mail"/></plan>'])
    result = await run(PLAN, kernel, approved=approval_hash(PLAN, kernel), max_replans=1, planner=planner(kernel))
    assert result.value == "STEVEN@EXAMPLE.COM"


async def test_who_does_not_agree_keeps_the_run_that_failed() -> None:
    kernel, functions, _ = office([TAIL])

    async def refuse(patch: Patch) -> bool:
        return patch.plan is None

    result = await run(PLAN, kernel, max_replans=3, planner=planner(kernel), agree=refuse)
    assert (result.status, functions.calls) == ("failed", ["find", "fax"])
    assert [each.reason for each in result.patches] == ["nobody agreed to the new plan"]


async def test_a_model_that_finds_no_way_says_why() -> None:
    result, _, _ = await repaired(["<plan>the office is closed</plan>"])
    assert [each.reason for each in result.patches] == [
        "the model finds no way with these functions: the office is closed"
    ]


async def test_a_finished_run_can_be_extended_on_request() -> None:
    kernel, functions, model = office(['<plan><function.Office.mail to="a" text="$LOUD"/></plan>'])
    first = await run(
        parse('<plan goal="Shout"><function.Office.upper input="x" setContextVariable="LOUD"/></plan>'), kernel
    )
    assert (await planner(kernel).replan(first)).reason == "the run succeeded, and nothing else is asked for"
    patch = await planner(kernel).replan(first, request="Mail it to a, too")
    assert "What is wanted now: Mail it to a, too" in model.requests[0].messages[1].content
    assert patch.plan is not None
    result = await run(patch.plan, kernel, inputs=first.given, finished=patch.finished)
    assert (result.value, functions.calls) == ("mailed to a", ["upper", "mail a"])


async def test_a_run_that_is_asked_to_stop_is_not_repaired_and_keeps_its_failure() -> None:
    kernel, functions, model = office([TAIL])
    stop = asyncio.Event()

    def end(event: Event) -> None:
        if isinstance(event, StepFailed):
            stop.set()

    result = await run(PLAN, kernel, max_replans=2, planner=planner(kernel), stop=stop, listen=end)
    assert (result.status, result.patches, model.requests) == ("failed", (), [])
    assert result.error is not None
    assert "the line is dead" in result.error
    assert functions.calls == ["find", "fax"]


async def test_max_replans_needs_a_planner() -> None:
    with pytest.raises(ValueError, match="max_replans needs a planner"):
        await run(PLAN, office([])[0], max_replans=1)


def test_a_secret_is_not_told() -> None:
    record = StepRecord(
        id="1",
        function="Shop.login",
        status="failed",
        arguments={"password": "open sesame", "name": "Ali"},
        error="'open sesame' is wrong, and so is sk-abcdefghijklmnopqrstuvwxyz",
    )
    assert told_step(record) == (
        '{"step": "1", "function": "Shop.login", "status": "failed", '
        '"arguments": {"password": "[redacted]", "name": "Ali"}, '
        '"error": "\'[redacted]\' is wrong, and so is [redacted]"}'
    )


async def test_the_model_is_not_told_what_a_secret_parameter_was_given_nor_where_it_came_from() -> None:
    @skill(effect="reads:vault")
    async def take() -> str:
        """Take the key out of the vault."""
        return "lion rampant"

    @skill(effect="writes:door")
    async def enter(door: str, key: SecretStr) -> str:
        """Open a door."""
        raise ConnectionRefusedError(f"it does not open for {key.get_secret_value()}")

    enter.__annotations__["key"] = SecretStr
    kernel, _, model = office(['<plan><function.Office.upper input="x"/></plan>'])
    for function in (take, enter):
        kernel.add_functions(function, "House")
    steps = '<function.House.take setContextVariable="K"/><function.House.enter door="front" key="$K"/>'
    failed = await run(parse(f'<plan>{steps}<function.House.enter door="back" key="argent &amp; or"/></plan>'), kernel)
    await planner(kernel).replan(failed)
    said = model.requests[0].messages[-1].content
    assert '"result": "[redacted]"' in said
    assert "it does not open for [redacted]" in said
    assert 'key="[redacted]"' in said
    assert "lion" not in said
    assert "argent" not in said


async def test_of_many_variables_the_model_is_told_the_first_and_the_last_ones() -> None:
    kernel, _, model = office([TAIL])
    failed = await run(PLAN, kernel, inputs={f"V{n}": "" for n in range(1000)})
    await planner(kernel).replan(failed)
    said = model.requests[0].messages[-1].content
    assert "Variables: $V0, $V1, " in said
    assert "$V48, $V49, … (901 more), $V951, " in said
    assert "$V999, $CARD.\n" in said


async def test_what_the_model_is_told(snapshot: Snapshot) -> None:
    _, _, model = await repaired([TAIL])
    snapshot("prompts/replan.txt", model.requests[0].messages[1].content + "\n")
