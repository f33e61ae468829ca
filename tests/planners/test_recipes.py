"""A plan is a function: its inputs are parameters, its effect is what its steps do, and it cannot call itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import FunctionError, PackError, PlanError
from forethought.kernel.packs.reading import read_packs
from forethought.planners import add_plan, add_recipes, approval_hash, parse, run
from forethought.planners.recipes import with_recipes

CALLS: list[str] = []


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()


class Text:
    """Functions of several effects."""

    @skill(effect="pure", quick=True)
    def twice(self, input: str) -> str:
        return input * 2

    @skill(effect="reads:shelf", quick=True)
    def look(self, input: str = "") -> str:
        CALLS.append("look")
        return f"saw {input}"

    @skill(effect="writes:log", idempotent=True, destructive=True, quick=True)
    def keep(self, input: str) -> str:
        CALLS.append(input)
        return input

    @skill(effect="writes:luck", quick=True)
    def fail(self, input: str = "") -> str:
        CALLS.append("fail")
        raise ValueError("no luck")


def kernel() -> Kernel:
    made = Kernel()
    made.add_functions(Text(), "Text")
    return made


GREET = """
<plan goal="Greet somebody twice">
  <input name="WHO" description="who is greeted"/>
  <input name="TIMES" type="integer">2</input>
  <function.Text.twice input="Hi $WHO "/>
</plan>
"""


def test_inputs_are_parameters_and_the_last_step_says_what_it_returns() -> None:
    signature = add_plan(kernel(), parse(GREET), "My.greet")
    assert (signature.full_name, signature.kind, signature.description) == (
        "My.greet",
        "recipe",
        "Greet somebody twice",
    )
    assert [(each.name, str(each.type), each.required, each.default) for each in signature.parameters] == [
        ("WHO", "string", True, None),
        ("TIMES", "integer", False, 2),
    ]
    assert str(signature.returns) == "string"


@pytest.mark.parametrize(
    ("steps", "effect", "idempotent", "destructive"),
    [
        ("twice", "pure", True, False),
        ("twice look", "reads:shelf", True, False),
        ("twice keep", "writes:log", True, True),
        ("look keep", "reads:shelf writes:log", False, True),
    ],
)
def test_its_effect_is_all_that_its_steps_do(steps: str, effect: str, idempotent: bool, destructive: bool) -> None:
    body = "".join(f'<function.Text.{each} input="x"/>' for each in steps.split())
    signature = add_plan(kernel(), parse(f"<plan>{body}</plan>"), "My.plan")
    assert (str(signature.effect), signature.idempotent, signature.destructive) == (effect, idempotent, destructive)


async def test_a_step_may_be_a_plan_and_it_sees_nothing_but_its_inputs() -> None:
    made = Kernel(variables={"WHO": "nobody"})
    made.add_functions(Text(), "Text")
    add_plan(made, parse(GREET), "My.greet")
    plan = parse('<plan><function.My.greet WHO="Ann"/><function.Text.twice/></plan>')
    assert (await run(plan, made)).value == "Hi Ann Hi Ann Hi Ann Hi Ann "
    with pytest.raises(PlanError, match="there is no variable 'WHO'"):
        add_plan(made, parse('<plan><function.Text.twice input="$WHO"/></plan>'), "My.leak")


async def test_a_failed_step_of_it_is_named_and_the_plan_is_not_tried_again() -> None:
    made = kernel()
    add_plan(made, parse("<plan><function.Text.look/><function.Text.fail/></plan>"), "My.bad")
    result = await run(parse("<plan><function.My.bad/></plan>"), made)
    assert (
        result.error
        == "step 1, My.bad, failed: step 2, Text.fail, failed: no luck (where input is the output of step 1)"
    )
    assert CALLS == ["look", "fail"]


async def test_a_recipe_that_takes_too_long_is_ended_with_all_its_steps() -> None:
    ended: list[str] = []

    @skill(name="wait", effect="writes:time")
    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("wait")

    made = kernel()
    made.add_functions(wait, "Text")
    add_plan(made, parse("<plan><function.Text.wait/></plan>"), "My.inner")
    add_plan(made, parse("<plan><function.My.inner/></plan>"), "My.outer")
    result = await run(parse("<plan><function.My.outer/></plan>"), made, step_timeout=0.05)
    assert (result.error, ended) == ("step 1, My.outer, failed: it took longer than 0.05 seconds", ["wait"])
    running = asyncio.create_task(run(parse("<plan><function.My.outer/></plan>"), made))
    while not ended[1:]:
        await asyncio.sleep(0)
        running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


def test_a_changed_plan_or_function_voids_an_approval() -> None:
    made = kernel()
    outer = parse("<plan><function.My.plan/></plan>")

    def agreed(text: str) -> str:
        add_plan(made, parse(f'<plan><function.Text.{text} input="x"/></plan>'), "My.plan")
        return approval_hash(outer, made)

    first, second = agreed("twice"), agreed("look")
    assert first == agreed("twice") != second


async def test_a_plan_over_functions_that_have_changed_does_not_run() -> None:
    made = kernel()
    add_plan(made, parse('<plan><function.Text.twice input="x"/></plan>'), "My.plan")
    assert await made.invoke("My.plan") == "xx"

    @skill(name="twice", effect="writes:world")
    def other(input: str) -> str:
        CALLS.append(input)
        return input

    made.add_functions(other, "Text")
    with pytest.raises(PackError, match=r"My\.plan: a function that it calls has changed since it was added"):
        await made.invoke("My.plan")
    assert CALLS == []


def test_a_plan_that_calls_itself_is_refused() -> None:
    made = kernel()
    add_plan(made, parse('<plan><function.Text.twice input="x"/></plan>'), "My.plan")
    with pytest.raises(PlanError, match=r"'my\.plan' calls itself"):
        add_plan(made, parse("<plan><function.My.plan/></plan>"), "my.plan")


async def test_recipes_call_one_another_eight_deep_at_most() -> None:
    made = kernel()
    add_plan(made, parse('<plan><function.Text.twice input="x"/></plan>'), "My.p1")
    for number in range(2, 10):
        add_plan(made, parse(f"<plan><function.My.p{number - 1}/></plan>"), f"My.p{number}")
    assert await made.invoke("My.p8") == "xx"
    with pytest.raises(FunctionError) as caught:
        await made.invoke("My.p9")
    chain = " → ".join(f"My.p{number}" for number in range(9, 0, -1))
    assert str(caught.value).endswith(f"recipes call one another 8 deep at most: {chain}")


@pytest.mark.parametrize(
    ("text", "name", "error", "message"),
    [
        ("<plan/>", "My.plan", PlanError, "the plan has no steps"),
        ("<plan><function.No.such/></plan>", "My.plan", PlanError, "there is no function 'No.such'"),
        (GREET, "greet", PackError, "greet: a plan is named 'Plugin.Function'"),
        (GREET, "My.", PackError, "My.: a plan is named 'Plugin.Function'"),
    ],
)
def test_what_cannot_run_cannot_be_added(text: str, name: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        add_plan(kernel(), parse(text), name)
    assert message in str(caught.value)


def write(folder: Path, **plans: str) -> Path:
    """Write a pack `Shop` with these plans."""
    for name, text in plans.items():
        file = folder / "Shop" / "plans" / f"{name}.xml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


NATIVE = """
from forethought.kernel import skill
raise SystemExit("inspecting must not run this")
@skill(effect="pure")
def twice(input: str) -> str:
    '''Say it twice.'''
    return input * 2
"""


def test_the_plans_of_a_pack_are_functions_in_whatever_order_they_call_one_another(tmp_path: Path) -> None:
    write(
        tmp_path,
        a='<plan goal="A"><function.Shop.b/><function.Shop.twice/></plan>',
        b='<plan goal="B"><function.c/></plan>',
        c='<plan goal="C"><function.Shop.twice input="x"/></plan>',
    )
    (tmp_path / "Shop" / "native.py").write_text(NATIVE, encoding="utf-8")
    [pack] = with_recipes(read_packs(tmp_path))
    assert pack.problems == ()
    assert {each.name: str(each.effect) for each in pack.recipes} == {"c": "pure", "b": "pure", "a": "pure"}


async def test_recipes_of_a_kernels_packs_run(tmp_path: Path) -> None:
    write(tmp_path, outer="<plan><function.Shop.inner/></plan>", inner='<plan><function.Text.twice input="x"/></plan>')
    made = Kernel.from_packs(tmp_path)
    made.add_functions(Text(), "Text")
    assert add_recipes(made) == ()
    assert await made.invoke("Shop.outer") == "xx"


def problems(folder: Path, **plans: str) -> list[tuple[str, str, str]]:
    [pack] = with_recipes(read_packs(write(folder, **plans)))
    return [(Path(each.file or "").name, each.code, each.message) for each in pack.problems]


def test_recipes_in_a_circle_are_each_told_the_circle(tmp_path: Path) -> None:
    a, b, me = (f"<plan><function.Shop.{called}/></plan>" for called in ("b", "a", "me"))
    assert problems(tmp_path, a=a, b=b, me=me) == [
        ("a.xml", "recipe-cycle", "the recipe calls itself: Shop.a → Shop.b → Shop.a"),
        ("b.xml", "recipe-cycle", "the recipe calls itself: Shop.b → Shop.a → Shop.b"),
        ("me.xml", "recipe-cycle", "the recipe calls itself: Shop.me → Shop.me"),
    ]


def test_a_bad_file_costs_one_recipe_and_is_reported_with_its_place(tmp_path: Path) -> None:
    plans = {"bad": "<plan>\n <function.No.such/>\n</plan>", "broken": "<plan>", "empty": "<plan/>"}
    write(tmp_path, **plans, fine="<plan><function.Shop.twice input='x'/></plan>")
    (tmp_path / "Shop" / "native.py").write_text(NATIVE, encoding="utf-8")
    [pack] = with_recipes(read_packs(tmp_path))
    assert [each.full_name for each in pack.recipes] == ["Shop.fine"]
    found: dict[str, Any] = {Path(each.file or "").name: each for each in pack.problems}
    assert (found["bad.xml"].code, found["bad.xml"].place.line) == ("unknown-function", 2)
    assert found["empty.xml"].message == "the plan has no steps"
    assert "broken.xml" in found
