"""What a function returns keeps its structure between steps: models, dataclasses, lists, dicts, and parts of them."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from pydantic import BaseModel

from forethought.kernel import Kernel, skill
from forethought.kernel.settings import Settings
from forethought.kernel.testing import ScriptedModel
from forethought.planners import check, parse, run
from forethought.plugins import SHIPPED


class Address(BaseModel):
    street: str
    city: str = "Oslo"


class Person(BaseModel):
    name: str
    email: str
    address: Address


@dataclass
class Order:
    number: int
    items: list[str]
    buyer: Person


ANN = Person(name="Ann", email="ann@example.org", address=Address(street="High Street 1"))
BOB = Person(name="Bob", email="bob@example.org", address=Address(street="Low Street 2", city="Bergen"))


class Shop:
    """Keeps what it was given, so that a test can look at it."""

    def __init__(self) -> None:
        self.given: list[object] = []

    @skill(effect="reads:shop", quick=True)
    def people(self) -> list[Person]:
        """List all people."""
        return [ANN, BOB]

    @skill(effect="reads:shop", quick=True)
    def order(self) -> Order:
        """Find the order."""
        return Order(7, ["tea", "salt", "rope"], BOB)

    @skill(effect="reads:shop", quick=True)
    def prices(self) -> dict[str, list[float]]:
        """Say what things cost."""
        return {"items": [1.5, 2.0], "keys": [3.0]}

    @skill(effect="writes:given", quick=True)
    def take(self, value: object) -> str:
        """Take anything."""
        self.given.append(value)
        return "taken"

    @skill(effect="writes:given", quick=True)
    def greet(self, person: Person) -> str:
        """Greet a person."""
        self.given.append(person)
        return f"Hello, {person.name}"


def plan_of(function: str, reference: str) -> str:
    return (
        f'<plan><function.Shop.{function} setContextVariable="MADE"/><function.Shop.take value="{reference}"/></plan>'
    )


@pytest.mark.parametrize(
    ("function", "reference", "value"),
    [
        ("people", "$MADE", [ANN, BOB]),
        ("people", "$MADE[0]", ANN),
        ("people", "$MADE[0].email", "ann@example.org"),
        ("people", "$MADE[-1].address.city", "Bergen"),
        ("people", "To ${MADE[1].name} of ${MADE[1].address.city}.", "To Bob of Bergen."),
        ("people", "$MADE[0].address", Address(street="High Street 1")),
        ("order", "$MADE", Order(7, ["tea", "salt", "rope"], BOB)),
        ("order", "$MADE.items", ["tea", "salt", "rope"]),
        ("order", "$MADE.items[-1]", "rope"),
        ("order", "$MADE.items[-3]", "tea"),
        ("order", "$MADE.buyer.email", "bob@example.org"),
        ("order", "No. ${MADE.number}: ${MADE.items}", 'No. 7: ["tea", "salt", "rope"]'),
        ("prices", "$MADE", {"items": [1.5, 2.0], "keys": [3.0]}),
        ("prices", "$MADE.items", [1.5, 2.0]),
        ("prices", "$MADE.keys[0]", 3.0),
    ],
)
async def test_the_next_step_gets_the_object_itself_or_the_part_that_is_named(
    function: str, reference: str, value: object
) -> None:
    shop = Shop()
    kernel = Kernel(settings=Settings())
    kernel.add_functions(shop, "Shop")
    plan = parse(plan_of(function, reference))
    assert check(plan, kernel.skills) == ()
    result = await run(plan, kernel)
    assert result.ok, result.error
    assert shop.given == [value]
    assert type(shop.given[0]) is type(value)


async def test_a_model_reaches_a_parameter_of_its_type_as_it_is() -> None:
    shop = Shop()
    kernel = Kernel(settings=Settings())
    kernel.add_functions(shop, "Shop")
    text = '<plan><function.Shop.people setContextVariable="P"/><function.Shop.greet person="$P[-2]"/></plan>'
    assert (await run(parse(text), kernel)).value == "Hello, Ann"
    assert shop.given[0] is ANN


@pytest.mark.parametrize(
    ("function", "reference", "reason"),
    [
        ("people", "$MADE[2]", "the list has 2 items"),
        ("people", "$MADE[-3]", "the list has 2 items"),
        ("people", "$MADE[0].phone", "no field 'phone' (it has: address, email, name)"),
        ("people", "$MADE[0].model_dump", "no field 'model_dump' (it has: address, email, name)"),
        ("order", "$MADE.__class__", "no field '__class__' (it has: buyer, items, number)"),
        ("order", "$MADE.number.real", "an integer has no fields"),
    ],
)
async def test_a_part_that_is_not_there_fails_the_step_that_wants_it(
    function: str, reference: str, reason: str
) -> None:
    shop = Shop()
    kernel = Kernel(settings=Settings())
    kernel.add_functions(shop, "Shop")
    result = await run(parse(plan_of(function, reference)), kernel)
    assert result.status == "failed"
    assert reason in str(result.error)
    assert shop.given == []


async def test_a_text_becomes_an_object_whose_fields_later_steps_take() -> None:
    plan = parse(
        '<plan><input name="MAIL"/>'
        '<function.ExtractSkill.Extract input="$MAIL" schema=\'{"name": "string", "items": ["string"]}\' '
        'setContextVariable="REPLY"/>'
        '<function.Shop.take value="$REPLY.items[-1]"/>'
        '<function.Shop.take value="${REPLY.name} wants ${REPLY.items}"/></plan>'
    )
    shop = Shop()
    model = ScriptedModel([json.dumps({"name": "Ann", "items": ["tea", "salt"]})])
    kernel = Kernel.from_packs(SHIPPED, model=model, settings=Settings())
    kernel.add_functions(shop, "Shop")
    assert check(plan, kernel.skills) == ()
    assert (await run(plan, kernel, inputs={"MAIL": "Please send tea and salt. Ann"})).ok
    assert shop.given == ["salt", 'Ann wants ["tea", "salt"]']


async def test_not_enough_information_is_a_failure_with_a_reason_and_is_not_tried_again() -> None:
    plan = parse(
        '<plan><function.ExtractSkill.Extract input="Hello." schema=\'{"name": "string"}\' setContextVariable="R"/>'
        '<function.Shop.take value="$R.name"/></plan>'
    )
    shop = Shop()
    model = ScriptedModel(['{"not_enough_information": "no name is said"}'])
    kernel = Kernel.from_packs(SHIPPED, model=model, settings=Settings())
    kernel.add_functions(shop, "Shop")
    result = await run(plan, kernel)
    assert (result.status, len(model.requests)) == ("failed", 1)
    said = "step 1, ExtractSkill.Extract, failed: there is not enough information: no name is said ("
    assert str(result.error).startswith(said)
    assert shop.given == []
