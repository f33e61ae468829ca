"""StepwisePlanner: one step at a time, checked before it runs and observed after; what was done is a plan."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import JournalError, ModelError
from forethought.kernel.functions import Usage
from forethought.kernel.testing import ScriptedModel
from forethought.planners import Journal, StepwisePlanner, parse, run
from forethought.planners.journaling.resuming import doubts
from forethought.planners.running.events import Event, StepStarted
from forethought.planners.running.patch import Agree, Patch
from forethought.planners.stepwise import StepwiseResult

Snapshot = Callable[[str, str], None]


class Office:
    """Functions that count their calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    @skill(effect="reads:contacts")
    async def find(self, name: str) -> dict[str, str]:
        """Find the card of a person."""
        self.calls.append(f"find {name}")
        if name == "Bob":
            raise LookupError("there is no card of Bob")
        return {"mail": f"{name.lower()}@example.com"}

    @skill(effect="pure")
    async def upper(self, input: str) -> str:
        """Write in capital letters."""
        self.calls.append(f"upper {input}")
        return input.upper()

    @skill(effect="writes:mail")
    async def mail(self, to: str, text: str) -> str:
        """Send a mail."""
        self.calls.append(f"mail {to}")
        return f"mailed to {to}"


FIND = 'I look Steven up. <plan><function.Office.find name="Steven" setContextVariable="CARD"/></plan>'
SHOUT = '<plan><function.Office.upper input="$CARD.mail" setContextVariable="LOUD"/></plan>'
SEND = '<plan><function.Office.mail to="$CARD.mail" text="$LOUD"/></plan>'
GOAL = "Shout the address of Steven"


def office(replies: Sequence[str | Exception]) -> tuple[Kernel, Office, ScriptedModel]:
    model, functions = ScriptedModel(replies), Office()
    kernel = Kernel(model=model)
    kernel.add_functions(functions, "Office")
    return kernel, functions, model


async def reached(
    *replies: str | Exception,
    agree: Agree | None = None,
    inputs: Mapping[str, object] | None = None,
    max_steps: int = 20,
    max_total_tokens: int | None = None,
) -> tuple[StepwiseResult, Office, ScriptedModel]:
    kernel, functions, model = office(replies)
    planner = StepwisePlanner(kernel, embedder=None, max_steps=max_steps, max_total_tokens=max_total_tokens)
    return await planner.run(GOAL, agree=agree, inputs=inputs), functions, model


def last_said(model: ScriptedModel, request: int = -1) -> str:
    return model.requests[request].messages[-1].content


async def test_each_step_is_run_and_told_and_the_answer_ends_it() -> None:
    result, functions, model = await reached(FIND, SHOUT, "<answer>It is $LOUD.</answer>")
    assert (result.ok, result.value, result.answer) == (True, "STEVEN@EXAMPLE.COM", "It is STEVEN@EXAMPLE.COM.")
    assert functions.calls == ["find Steven", "upper steven@example.com"]
    assert '"result": {"mail": "steven@example.com"}, "variable": "$CARD"' in last_said(model, 1)
    assert [(each.id, each.status) for each in result.run.steps] == [("1", "succeeded"), ("2", "succeeded")]
    assert result.usage.calls == 3


async def test_what_was_done_is_a_plan_that_gives_the_same_again_without_a_model() -> None:
    result, _, _ = await reached(FIND, SHOUT, "<answer>$LOUD</answer>")
    xml = result.plan.to_xml()
    assert xml == (
        '<plan goal="Shout the address of Steven">\n'
        "  <!-- I look Steven up. -->\n"
        '  <function.Office.find name="Steven" setContextVariable="CARD"/>\n'
        '  <function.Office.upper input="$CARD.mail" setContextVariable="LOUD"/>\n'
        "</plan>\n"
    )
    kernel, functions, model = office([])
    again = await run(parse(xml), kernel)
    assert (again.value, len(functions.calls), model.requests) == (result.value, 2, [])


async def test_an_answer_that_is_not_the_last_result_is_marked_in_the_plan() -> None:
    kernel, _, _ = office(
        [FIND, SHOUT, '<plan><function.Office.upper input="ready"/></plan>', "<answer>$LOUD</answer>"]
    )
    result = await StepwisePlanner(kernel, embedder=None).run(GOAL)
    assert result.value == "STEVEN@EXAMPLE.COM"
    assert [step.appends for _, step in result.plan.walk()] == [None, "RESULT__ANSWER", None]
    assert (await run(parse(result.plan.to_xml()), kernel)).value == result.value


async def test_a_result_without_a_name_has_one_that_later_steps_and_the_answer_may_use() -> None:
    unnamed = FIND.replace(' setContextVariable="CARD"', "")
    result, _, model = await reached(
        unnamed, '<plan><function.Office.upper input="$FIND.mail"/></plan>', "<answer>$UPPER</answer>"
    )
    assert result.answer == "STEVEN@EXAMPLE.COM"
    assert [step.sets for _, step in result.plan.walk()] == ["FIND", "UPPER"]
    assert "Variables: $FIND, $UPPER" in last_said(model)


async def test_each_step_is_checked_before_it_runs_and_errors_go_back() -> None:
    wrong = SHOUT.replace("$CARD.mail", "$CRAD.mail")
    result, functions, model = await reached(FIND, wrong, SHOUT, "<answer>$LOUD</answer>")
    assert (result.ok, functions.calls) == (True, ["find Steven", "upper steven@example.com"])
    assert "there is no variable 'CRAD' (did you mean '$CARD'?)" in last_said(model, 2)


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (FIND + SHOUT.replace("<plan>", "").replace("</plan>", ""), None),
        (
            '<plan><function.Office.upper input="a"/><function.Office.upper input="b"/></plan>',
            "one call, or one block, is made at a time, and these are 2",
        ),
        ("<answer>It is easy.</answer>", "nothing was called yet"),
        ("I do not know.", "there is no plan in the reply"),
    ],
)
async def test_a_reply_that_is_no_step_goes_back(reply: str, problem: str | None) -> None:
    result, _, model = await reached(reply, *([FIND] if problem else []), "<answer>$CARD</answer>")
    assert result.ok
    if problem:
        assert problem in last_said(model, 1)


async def test_an_answer_with_unknown_variables_goes_back() -> None:
    result, _, model = await reached(FIND, "<answer>$PHONE</answer>", "<answer>${CARD.mail}</answer>")
    assert result.answer == "steven@example.com"
    assert "there is no variable 'PHONE' to answer with (there are $CARD)" in last_said(model)


async def test_a_reply_with_a_step_and_an_answer_takes_the_step() -> None:
    result, functions, _ = await reached(f"{FIND}\n<answer>$CARD</answer>", SHOUT, "<answer>$LOUD</answer>")
    assert functions.calls == ["find Steven", "upper steven@example.com"]
    assert result.value == "STEVEN@EXAMPLE.COM"


async def test_thinking_is_neither_step_nor_answer_nor_thought() -> None:
    thinking = "<think>Perhaps <answer>$X</answer> or <plan><function.Office.upper input='x'/></plan></think>"
    result, functions, _ = await reached(thinking + FIND, f"{thinking}<answer>$CARD</answer>")
    assert functions.calls == ["find Steven"]
    assert [step.rationale for _, step in result.plan.walk()] == ["I look Steven up."]


async def test_a_step_that_fails_is_told_and_is_no_part_of_the_plan() -> None:
    result, functions, model = await reached(FIND.replace("Steven", "Bob"), FIND, "<answer>$CARD</answer>")
    assert (result.ok, result.run.status) == (True, "succeeded")
    assert functions.calls == ["find Bob", "find Steven"]
    for request in (1, 2):
        assert "there is no card of Bob" in last_said(model, request)
    assert [step.values for _, step in result.plan.walk()] == [("Steven",)]


async def test_a_block_is_one_step() -> None:
    rounds = """<plan><foreach item="WHO" in='["Adam", "Eve"]' setContextVariable="CARDS">
      <function.Office.find name="$WHO"/></foreach></plan>"""
    result, _, _ = await reached(rounds, "<answer>$CARDS</answer>")
    assert result.value == [{"mail": "adam@example.com"}, {"mail": "eve@example.com"}]


async def test_a_step_with_effects_is_agreed_to_before_it_runs() -> None:
    shown: list[Patch] = []

    async def agree(patch: Patch) -> bool:
        shown.append(patch)
        return True

    result, functions, _ = await reached(FIND, SHOUT, SEND, "<answer/>", agree=agree)
    assert (result.value, functions.calls[-1]) == ("mailed to steven@example.com", "mail steven@example.com")
    (patch,) = shown
    assert [(each.kind, each.label) for each in patch.changes] == [("added", "Office.mail")]


def refuse(patch: Patch) -> bool:
    return patch.plan is None


@pytest.mark.parametrize("agree", [None, refuse])
async def test_without_a_yes_no_step_with_effects_runs_and_nothing_is_lost(agree: Agree | None) -> None:
    result, functions, _ = await reached(FIND, SHOUT, SEND, agree=agree)
    assert (result.ok, result.value, result.run.status) == (False, None, "failed")
    assert result.reason == "step 3, Office.mail, has effects, and nobody agreed to it"
    assert functions.calls == ["find Steven", "upper steven@example.com"]
    assert result.run.variables["LOUD"] == "STEVEN@EXAMPLE.COM"
    assert len(result.plan.steps) == 2


async def test_a_model_that_is_gone_loses_nothing_that_was_done() -> None:
    result, _, _ = await reached(FIND, ModelError("scripted", "no connection"))
    assert (result.reason, len(result.plan.steps)) == ("model scripted: no connection", 1)
    with pytest.raises(ModelError):
        await reached(ModelError("scripted", "no connection"))


async def test_a_model_that_finds_no_way_says_why() -> None:
    result, _, _ = await reached("<plan>there is no phone</plan>")
    assert result.reason == "the model finds no way with these functions: there is no phone"
    assert (result.run.status, result.run.steps, result.value) == ("failed", (), None)


async def test_steps_time_and_tokens_are_limited() -> None:
    shouts = [f'<plan><function.Office.upper input="{n}"/></plan>' for n in range(9)]
    result, functions, model = await reached(*shouts, max_steps=2)
    assert (result.reason, functions.calls) == ("the goal was not reached in 2 steps", ["upper 0", "upper 1"])
    assert "This is the last call that may be made." in last_said(model, 1)
    assert "No further call may be made. Write the answer." in last_said(model, 2)
    result, _, _ = await reached(*shouts[:2], shouts[2], "<answer/>", max_steps=2)
    assert (result.ok, result.value) == (True, "1")
    result, functions, _ = await reached(*shouts, max_total_tokens=1)
    assert (result.reason, functions.calls) == ("the goal was not reached with 1 tokens", [])
    assert (len(result.attempts), result.run.steps) == (1, ())
    kernel, functions, _ = office(shouts)
    times = iter(range(100))
    planner = StepwisePlanner(kernel, embedder=None, max_seconds=3, clock=lambda: float(next(times)))
    assert (await planner.run(GOAL)).reason == "the goal was not reached in 3 seconds"
    assert functions.calls == ["upper 0"]


async def test_no_step_begins_after_a_limit_that_the_model_has_used_up() -> None:
    kernel, functions, _ = office([FIND])
    times = iter([0.0, 0.0, 100.0])
    planner = StepwisePlanner(kernel, embedder=None, max_seconds=50, clock=lambda: next(times))
    result = await planner.run(GOAL)
    assert (result.reason, functions.calls) == ("the goal was not reached in 50 seconds", [])


async def test_an_answer_to_nothing_is_refused_and_the_reason_says_so() -> None:
    result, _, _ = await reached(*["<answer>4</answer>"] * 3)
    assert result.reason == "the model answers before anything was called"
    result, _, _ = await reached(FIND, *["<answer>$NOTHING</answer>"] * 3)
    assert result.reason == "the model's answer names what is not there"


async def test_of_many_calls_that_failed_the_model_is_told_the_last_ones() -> None:
    result, _, model = await reached(*[FIND.replace("Steven", "Bob")] * 25, FIND, "<answer/>", max_steps=26)
    assert result.ok
    said = last_said(model)
    assert said.count('"status": "failed"') == 20
    assert "quoted in the same way:\n(5 earlier ones are left out)\n" in said


async def test_once_it_is_asked_to_stop_no_step_begins_and_what_was_done_is_there() -> None:
    kernel, functions, model = office([FIND, SHOUT])
    stop = asyncio.Event()

    def end(event: Event) -> None:
        if isinstance(event, StepStarted):
            stop.set()

    result = await StepwisePlanner(kernel, embedder=None).run(GOAL, stop=stop, listen=end)
    assert (result.ok, result.reason, result.run.status) == (False, "it was asked to stop", "cancelled")
    assert (functions.calls, [each.id for each in result.run.steps]) == (["find Steven"], ["1"])
    assert len(model.requests) == 1


async def test_inputs_are_variables_whose_values_the_model_does_not_see() -> None:
    step = '<plan><function.Office.upper input="$SECRET"/></plan>'
    result, _, model = await reached(step, "<answer/>", inputs={"SECRET": "hush", "OTHER": "x"})
    assert "hush" not in last_said(model, 0)
    assert "Variables: $SECRET, $OTHER" in last_said(model, 0)
    assert [each.name for each in result.plan.inputs] == ["SECRET"]
    assert result.value == "HUSH"


async def test_every_step_starts_once_among_the_events() -> None:
    kernel, _, _ = office([FIND, SHOUT, "<answer>$CARD</answer>"])
    events: list[Event] = []
    await StepwisePlanner(kernel, embedder=None).run(GOAL, listen=events.append)
    assert [event.step for event in events if isinstance(event, StepStarted)] == ["1", "2"]


class Gone(BaseException):
    """The process is gone."""


class Dying(Journal):
    """A journal whose process dies when the model of its office is asked more than it can answer."""

    dead = False

    def __call__(self, event: Event, /) -> None:
        if not self.dead:
            super().__call__(event)

    def office(self, replies: Sequence[str]) -> tuple[Kernel, Office]:
        kernel, functions, model = office([*replies])
        answer = model.complete

        async def complete(*given: object, **more: object) -> object:
            if len(model.requests) == len(replies):
                self.dead = True
                for each in [*self._runs]:
                    self._leave(each)  # as the system does for a process that is gone
                raise Gone
            return await answer(*given, **more)  # type: ignore[arg-type]

        model.complete = complete  # type: ignore[method-assign,assignment]
        return kernel, functions


async def test_in_the_journal_all_steps_are_one_run(tmp_path: Path) -> None:
    kernel, _, _ = office([FIND, SHOUT, "<answer>$LOUD</answer>"])
    journal = Journal(tmp_path / "runs.db")
    result = await StepwisePlanner(kernel, embedder=None).run(GOAL, journal=journal)
    (row,) = journal.runs()
    assert (row.id, row.goal, row.status) == (result.run.run, GOAL, "succeeded")
    history = journal.history("last")
    assert [(each.id, each.state) for each in history.steps.values()] == [("1", "succeeded"), ("2", "succeeded")]
    assert history.result("succeeded").value == "STEVEN@EXAMPLE.COM"
    kinds = [each.kind for each in history.entries]
    assert kinds.count("step_started") == kinds.count("step_finished") == 2
    assert kinds.count("run_finished") == 1


async def test_a_goal_that_was_broken_off_goes_on_with_the_next_step(tmp_path: Path) -> None:
    journal = Dying(tmp_path / "runs.db")
    kernel, functions = journal.office([FIND, SHOUT])
    with pytest.raises(Gone):
        await StepwisePlanner(kernel, embedder=None).run(GOAL, journal=journal)
    assert Journal(journal.path).runs()[0].status == "interrupted"
    assert functions.calls == ["find Steven", "upper steven@example.com"]
    kernel, functions, model = office(["<answer>It is $LOUD.</answer>"])
    other = Journal(journal.path)
    result = await StepwisePlanner(kernel, embedder=None).resume("last", journal=other)
    assert (result.ok, result.answer) == (True, "It is STEVEN@EXAMPLE.COM.")
    assert functions.calls == []
    assert '"result": "STEVEN@EXAMPLE.COM"' in last_said(model)
    assert [row.status for row in other.runs()] == ["succeeded"]


@pytest.mark.parametrize("said", ["redo", "done"])
async def test_a_step_in_doubt_is_asked_for_and_then_the_goal_goes_on(tmp_path: Path, said: str) -> None:
    journal = Journal(tmp_path / "runs.db")
    kernel, functions, _ = office([FIND, SEND.replace(' text="$LOUD"', ' text="x"')])

    def listen(event: Event) -> None:
        if isinstance(event, StepStarted) and event.step == "2":
            raise Gone

    def agree(patch: Patch) -> bool:
        return True

    with pytest.raises((Gone, BaseExceptionGroup)):
        await StepwisePlanner(kernel, embedder=None).run(GOAL, journal=journal, agree=agree, listen=listen)
    kernel, functions, model = office(["<answer/>"])
    planner, journal = StepwisePlanner(kernel, embedder=None), Journal(journal.path)
    asked = await planner.resume("last", journal=journal)
    assert (asked.run.status, model.requests, functions.calls) == ("in_doubt", [], [])
    assert asked.reason == "step 2, Office.mail, is in doubt: it started, and nobody knows whether it was done"
    (past,) = doubts(journal.history("last"), kernel.skills)
    if said == "redo":
        journal.settle_step("last", past, "redo")
    else:
        journal.settle_step("last", past, "done", output="by hand")
    result = await planner.resume("last", journal=journal, agree=agree)
    assert result.ok
    assert functions.calls == (["mail steven@example.com"] if said == "redo" else [])
    assert result.value == ("mailed to steven@example.com" if said == "redo" else "by hand")


async def test_a_run_of_a_plan_is_no_goal(tmp_path: Path) -> None:
    kernel, _, _ = office([])
    journal = Journal(tmp_path / "runs.db")
    plan = parse('<plan><function.Office.upper input="a"/></plan>')
    await run(plan, kernel, journal=journal, ids=lambda: "run-1")
    with pytest.raises(JournalError, match="'run-1' is the run of a plan, and was not reached step by step"):
        await StepwisePlanner(kernel, embedder=None).resume("run-1", journal=journal)


async def test_usage_of_steps_is_that_of_the_run_and_that_of_planning_is_apart() -> None:
    result, _, _ = await reached(FIND, "<answer/>")
    assert result.run.usage == Usage()
    assert result.usage.calls == 2


def test_limits_are_limits() -> None:
    kernel, _, _ = office([])
    with pytest.raises(ValueError, match="max_steps must be at least 1, not 0"):
        StepwisePlanner(kernel, max_steps=0)
    with pytest.raises(ValueError, match="max_seconds must be more than 0, not 0"):
        StepwisePlanner(kernel, max_seconds=0)
    with pytest.raises(ValueError, match="max_total_tokens must be at least 1, not 0"):
        StepwisePlanner(kernel, max_total_tokens=0)


async def test_a_goal_is_needed() -> None:
    with pytest.raises(ValueError, match="the goal is empty"):
        await StepwisePlanner(office([])[0], embedder=None).run("  ")


async def test_what_the_model_is_told(snapshot: Snapshot) -> None:
    _, _, model = await reached(FIND.replace("Steven", "Bob"), FIND, "<answer>$CARD</answer>", max_steps=3)
    said = "\n\n=====\n".join(message.content for message in model.requests[2].messages)
    snapshot("prompts/stepwise.txt", said + "\n")


async def test_inputs_keep_their_types() -> None:
    step = '<plan><foreach item="NAME" in="$NAMES"><function.Office.upper input="$NAME"/></foreach></plan>'
    result, _, _ = await reached(step, "<answer/>", inputs={"NAMES": ["a", "b"]})
    assert [(each.name, each.type) for each in result.plan.inputs] == [("NAMES", "array")]
    assert result.value == ["A", "B"]


async def test_a_model_that_decodes_under_a_grammar_goes_on_after_the_calls_that_are_done() -> None:
    replies = ['<function.Office.find name="Steven"/>', '<function.Office.upper input="$FIND.mail"/>', "</plan>"]
    model = ScriptedModel(replies, constrained=True)
    kernel = Kernel(model=model)
    kernel.add_functions(Office(), "Office")
    result = await StepwisePlanner(kernel, embedder=None).run(GOAL)
    assert (result.ok, result.value) == (True, "STEVEN@EXAMPLE.COM")
    first = '<plan>\n<function.Office.find name="Steven" setContextVariable="FIND"/>\n'
    assert [request.prefix for request in model.requests[:2]] == ["<plan>\n", first]
    assert "</plan>" not in model.requests[0].grammar
    assert "</plan>" in model.requests[1].grammar
