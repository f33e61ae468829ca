"""Kernel: functions in code are registered, bound and called."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import threading
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from typing import Annotated

import pytest
from pydantic import BaseModel

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import CoercionError, FunctionError, PackError, UnknownFunctionError
from forethought.kernel.functions import Effect, Output


class Person(BaseModel):
    name: str
    age: int = 0


@dataclasses.dataclass
class Point:
    x: int
    y: int


class People:
    """A pack in code."""

    @skill
    def greet(self, person: Person, polite: bool = False) -> str:
        """Greet a person.

        This part is for readers of the code.
        """
        return f"{'Dear' if polite else 'Hi'} {person.name}, {person.age}"

    @skill(name="whoseBirthday", description="Find who was born then", effect="reads:calendar", quick=True)
    async def born(self, day: Annotated[datetime.date, "a day"]) -> list[str]:
        return [day.strftime("%d.%m.%Y")]

    @skill(effect="pure")
    def move(self, point: Point, by: dict[str, int]) -> Point:
        return Point(point.x + by.get("x", 0), point.y + by.get("y", 0))

    def unmarked(self) -> None: ...


@pytest.fixture
def kernel() -> Kernel:
    kernel = Kernel()
    kernel.add_functions(People(), "People")
    return kernel


def test_marked_members_are_registered_in_the_order_they_were_written(kernel: Kernel) -> None:
    assert [each.full_name for each in kernel.skills] == ["People.greet", "People.whoseBirthday", "People.move"]


def test_a_signature_says_what_the_code_says(kernel: Kernel) -> None:
    greet, born, move = kernel.skills
    assert greet.description == "Greet a person."
    assert [(p.name, str(p.type), p.required, p.default) for p in greet.parameters] == [
        ("person", "object", True, None),
        ("polite", "boolean", False, False),
    ]
    assert greet.effect == Effect(writes=frozenset({"*"}))
    assert (greet.destructive, greet.open_world, greet.idempotent) == (True, True, False)
    assert (born.description, born.parameters[0].description, str(born.returns)) == (
        "Find who was born then",
        "a day",
        "array[string]",
    )
    assert (str(born.effect), born.destructive, born.quick) == ("reads:calendar", False, True)
    assert (move.effect.pure, move.idempotent) == (True, True)


async def test_values_arrive_as_the_types_that_the_function_names(kernel: Kernel) -> None:
    assert await kernel.invoke("People.greet", person='{"name": "Ann", "age": "7"}', polite="true") == "Dear Ann, 7"
    assert await kernel.invoke("People.greet", person={"name": "Bo"}, polite="false") == "Hi Bo, 0"
    assert await kernel.invoke("whosebirthday", DAY="2024-02-29") == ["29.02.2024"]
    assert await kernel.invoke("People-move", point={"x": 1, "y": 2}, by='{"x": 3}') == Point(4, 2)


async def test_a_value_that_does_not_fit_is_named_with_its_parameter(kernel: Kernel) -> None:
    with pytest.raises(CoercionError) as caught:
        await kernel.invoke("greet", person={"name": "Ann"}, polite="perhaps")
    assert str(caught.value) == (
        "'perhaps' is not a boolean: parameter 'polite' of People.greet: "
        "input should be a valid boolean, unable to interpret input"
    )


async def test_a_missing_and_an_unknown_parameter_are_named(kernel: Kernel) -> None:
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("greet")
    assert str(caught.value) == "People.greet failed: the parameter 'person' has no value"
    for call in (kernel.invoke("greet", who=1), kernel.bind("greet")({"person": {"name": "A"}, "who": 1})):
        with pytest.raises(FunctionError) as caught:
            await call
        assert str(caught.value) == "People.greet failed: there is no parameter 'who' (it has: person, polite)"


async def test_a_parameter_that_is_given_twice_is_named(kernel: Kernel) -> None:
    with pytest.raises(FunctionError, match=r"People\.greet failed: the parameter 'person' is given twice"):
        await kernel.invoke("greet", person={"name": "A"}, PERSON={"name": "B"})


async def test_an_unknown_function_is_named_with_the_nearest_one(kernel: Kernel) -> None:
    with pytest.raises(
        UnknownFunctionError, match=r"there is no function 'People\.greed'; did you mean 'People\.greet'"
    ):
        kernel.bind("People.greed")


async def test_a_required_parameter_takes_the_variable_of_its_name() -> None:
    def greet(name: str, greeting: str = "Hi") -> str:
        return f"{greeting} {name}"

    kernel = Kernel(variables={"Name": "Ann"})
    kernel.add_functions(greet, "Text")
    assert list(kernel.skills.plugins) == ["Text"]
    assert await kernel.invoke("greet") == "Hi Ann"
    assert await kernel.invoke("greet", name="Bo", greeting="Dear") == "Dear Bo"


async def test_a_function_is_bound_once_and_replaced_by_one_of_its_name(kernel: Kernel) -> None:
    assert kernel.bind("greet") is kernel.bind("People-GREET")

    async def greet() -> str:
        return "new"

    kernel.add_functions(greet, "People")
    assert await kernel.bind("greet")({}) == Output("new")


def test_a_class_and_an_object_without_functions_are_refused() -> None:
    with pytest.raises(PackError, match=r"People: 'People' is a class; give an instance of it: People\(\)"):
        Kernel().add_functions(People, "People")
    with pytest.raises(PackError, match=r"X: 3 has no function marked with @skill or @kernel_function"):
        Kernel().add_functions(3, "X")


async def test_generators_of_both_kinds_are_collected() -> None:
    def count(to: int) -> Iterator[int]:
        yield from range(to)

    async def later(to: int) -> AsyncIterator[int]:
        for each in range(to):
            yield each

    kernel = Kernel()
    kernel.add_functions(count, "G")
    kernel.add_functions(later, "G")
    assert await kernel.invoke("count", to="3") == [0, 1, 2]
    assert await kernel.invoke("later", to=2) == [0, 1]


mode: ContextVar[str] = ContextVar("mode", default="unset")


async def test_a_synchronous_function_leaves_the_loop_free_and_keeps_context_variables() -> None:
    loop, entered, go = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def wait() -> tuple[str, bool]:
        loop.call_soon_threadsafe(entered.set)
        return mode.get(), go.wait(10)

    kernel = Kernel()
    kernel.add_functions(wait, "T")
    mode.set("mine")
    task = asyncio.create_task(kernel.invoke("wait"))
    await entered.wait()  # the loop turns while the function waits
    go.set()
    assert await task == ("mine", True)


async def test_a_quick_function_runs_on_the_loop() -> None:
    @skill(quick=True)
    def here() -> int:
        return threading.get_ident()

    def there() -> int:
        return threading.get_ident()

    kernel = Kernel()
    kernel.add_functions(here, "T")
    kernel.add_functions(there, "T")
    assert await kernel.invoke("here") == threading.get_ident()
    assert await kernel.invoke("there") != threading.get_ident()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("the rate is not known"), "the rate is not known"),
        (KeyError("x"), "KeyError: 'x'"),
        (ZeroDivisionError(), "ZeroDivisionError"),
        (SystemExit(3), "SystemExit: 3"),
        (StopIteration(), "the function raised StopIteration"),
    ],
)
async def test_what_a_function_raises_is_the_cause(error: BaseException, reason: str) -> None:
    def fail() -> None:
        raise error

    kernel = Kernel()
    kernel.add_functions(fail, "T")
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke("fail")
    assert str(caught.value) == f"T.fail failed: {reason}"
    assert caught.value.__cause__ is error or isinstance(error, StopIteration)


async def test_cancellation_passes_through() -> None:
    started = asyncio.Event()

    async def forever() -> None:
        started.set()
        await asyncio.Event().wait()

    kernel = Kernel()
    kernel.add_functions(forever, "T")
    task = asyncio.create_task(kernel.invoke("forever"))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
