"""A real model in the loop, twice: in this process, and over HTTP. It plans under the grammar, and the plan runs.

The model is small and what it plans is not always what was meant; that its plans are valid and run always holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, cast

import pytest

from forethought.kernel.errors import FunctionError, NotEnoughInformationError
from forethought.kernel.kernel import Kernel
from forethought.kernel.models.chat import ChatModel, Message
from forethought.kernel.models.fallback import telling
from forethought.kernel.models.local import local_candidate
from forethought.kernel.models.opening import open_model
from forethought.kernel.problems import has_errors
from forethought.kernel.schemas import misfit, schema_of
from forethought.kernel.settings import Settings
from forethought.kernel.testing import RecordingModel, ScriptedModel
from forethought.planners import ActionPlanner, Plan, SequentialPlanner, StepwisePlanner, check, parse, run
from forethought.planners.drafting import draft
from forethought.planners.manual import manual
from forethought.planners.running.result import RunResult
from forethought.prompts import fill

llama = pytest.importorskip("xllamacpp")
available, weights = local_candidate()
pytestmark = [
    pytest.mark.skipif(not available, reason=f"no local model: {weights}"),
    pytest.mark.timeout(600),  # a busy machine is slow, not wrong
]

PACKS = Path(__file__).parents[2] / "plugins"
FEW = ("MathSkill.add", "MathSkill.multiply", "TextSkill.uppercase")


class _Server(Protocol):
    listening_address: str


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """llama.cpp's own server, on loopback."""
    params = llama.CommonParams()
    params.model.path = weights
    params.n_ctx = 4096
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    params.warmup = False
    params.verbosity = -1
    running = cast("_Server", llama.Server(params))
    yield f"{running.listening_address}/v1#smollm2"  # noqa: PT022 - the server stops when nothing refers to it


@pytest.fixture(params=["in process", "over HTTP"])
def model(request: pytest.FixtureRequest) -> RecordingModel:
    spec = "local" if request.param == "in process" else cast("str", request.getfixturevalue("server"))
    return RecordingModel(open_model(spec, Settings()))


def kernel_of(model: ChatModel) -> Kernel:
    return Kernel.from_packs(PACKS, model=model, settings=Settings())


async def planned(goal: str, kernel: Kernel, *functions: str) -> tuple[Plan, RunResult]:
    """Plan `goal` with just these functions, prove the plan, run it."""
    offered = [kernel.skills.find(name) for name in functions]
    planner = SequentialPlanner(kernel, get_available_functions=lambda _: offered, max_repairs=0)
    plan = await planner.create_plan(goal)
    assert not has_errors(check(plan, kernel.skills))
    return plan, await run(plan, kernel)


async def test_goals_that_a_small_model_in_this_process_plans_right() -> None:
    """It has learned to plan, and gets these right: `make demo` counts on it."""
    kernel = kernel_of(open_model("local", Settings()))
    planner = SequentialPlanner(kernel)
    product = await planner.create_plan("Multiply 6 by 7, then subtract 2")
    assert [step.function.text for _, step in product.walk()] == ["MathSkill.multiply", "MathSkill.subtract"]
    assert (await run(product, kernel)).value == 40
    joke = await planner.create_plan("Tell me a joke about cats and write it in upper case")
    assert [step.function.text for _, step in joke.walk()] == ["FunSkill.Joke", "TextSkill.uppercase"]
    shouted = (await run(joke, kernel)).value
    assert isinstance(shouted, str)
    assert len(shouted) > 20
    assert shouted == shouted.upper()


async def test_one_call_is_chosen_and_filled_by_the_model_whose_turn_it_is() -> None:
    """A server that is not there is passed over, and the model in this process plans in its own way."""
    gone = "http://127.0.0.1:9/v1#gone"
    kernel = Kernel.from_packs(PACKS, model=[gone, "local"], settings=Settings())
    with telling(lambda _: None):
        result = await ActionPlanner(kernel).plan("Multiply 6 by 7")
    assert [(fall.error.spec, fall.next) for fall in result.falls] == [(gone, "local")]
    assert result.plan is not None
    assert [step.function.text for _, step in result.plan.walk()] == ["MathSkill.multiply"]
    assert (await run(result.plan, kernel)).value == 42


async def test_what_it_plans_over_several_functions_is_valid_and_runs(model: RecordingModel) -> None:
    plan, result = await planned("Multiply 6 by 7", kernel_of(model), *FEW)
    assert {step.function.text for _, step in plan.walk()} <= set(FEW)
    assert result.ok or result.cause is not None
    assert [record.function for record in result.steps] == [step.function.text for _, step in plan.walk()]


async def test_each_step_was_decoded_under_a_grammar_after_the_plan_so_far(model: RecordingModel) -> None:
    await planned("Multiply 6 by 7", kernel_of(model), *FEW)
    assert model.constrained
    assert all(request.grammar.startswith("root ::= ") for request in model.requests)
    assert all(request.prefix.startswith("<plan>\n") for request in model.requests)
    assert not any(done.text.startswith("<plan>") for done in model.completions)


async def test_a_plan_with_blocks_in_reach_is_valid_whatever_the_model_makes_of_it(model: RecordingModel) -> None:
    """A model that is not held closer is offered blocks at every turn, and its engine takes their grammar."""
    skills = kernel_of(model).skills
    skills = skills.select(skills.find(name) for name in FEW)
    asked = [
        Message("system", fill("plan", manual=manual(skills), examples=[])),
        Message("user", fill("goal", goal="Write each of the rows in upper case", variables=["ROWS", "COUNT"])),
    ]
    found = await draft(model, asked, skills, variables=["ROWS", "COUNT"], max_steps=4)
    plan = parse(found.text)
    assert plan.steps
    assert not has_errors(check(plan, skills, variables=["ROWS", "COUNT"]))
    offered = model.requests[0].grammar
    assert [f'"<{tag} ' in offered for tag in ("if", "foreach", "while")] == [True, True, True]


async def test_a_prompt_function_is_answered(model: RecordingModel) -> None:
    kernel = kernel_of(model)
    answer = await kernel.invoke("FunSkill.Joke", input="dinosaurs")
    assert isinstance(answer, str)
    assert answer.strip()
    assert "dinosaurs" in model.requests[0].messages[-1].content


async def test_a_typed_output_always_fits(model: RecordingModel) -> None:
    """What is said may be wrong, for the model is small; that it is JSON which fits is not left to it."""
    schema = {"name": "string", "kind": ["string"], "count": "integer"}
    kernel = kernel_of(model)
    text = "Three red apples from Ann."
    try:
        value = await kernel.invoke("ExtractSkill.Extract", input=text, schema=schema)
    except FunctionError as error:
        assert isinstance(error.__cause__, NotEnoughInformationError)  # noqa: PT017 - one of two outcomes
    else:
        assert misfit(value, schema_of(schema)) == ""
    assert len(model.requests) == 1


async def test_a_goal_is_reached_step_by_step_and_what_was_done_runs_again_without_a_model() -> None:
    kernel = kernel_of(open_model("local", Settings()))
    result = await StepwisePlanner(kernel, max_steps=4).run("Multiply 6 by 7, then subtract 2")
    assert [step.function.text for _, step in result.plan.walk()] == ["MathSkill.multiply", "MathSkill.subtract"]
    assert (result.ok, result.value) == (True, 40)
    nobody = Kernel.from_packs(PACKS, model=ScriptedModel([]), settings=Settings())
    assert (await run(parse(result.plan.to_xml()), nobody)).value == 40
