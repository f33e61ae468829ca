"""Functions in code: which ones a source has, and what each says about itself."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Annotated, Any, cast

import pytest
from pydantic import Field

from forethought.kernel import Kernel, skill
from forethought.kernel.errors import PackError
from forethought.kernel.native import functions_of, injected_parameters, signature_of


class Base:
    @skill
    def first(self) -> None: ...

    @skill
    def second(self) -> None: ...


class Derived(Base):
    @skill
    def third(self) -> None: ...

    @skill
    @staticmethod
    def fixed() -> None: ...

    @classmethod
    @skill
    def of_class(cls) -> None: ...

    @property
    def never(self) -> None:
        raise AssertionError("a property is not read to look for functions")

    @skill
    def second(self) -> None: ...


def names(source: object) -> list[str]:
    return [signature_of(function, "P").name for function in functions_of(source)]


def test_an_instance_has_the_marked_members_of_its_classes_the_bases_first() -> None:
    assert names(Derived()) == ["first", "second", "third", "fixed", "of_class"]


def test_a_module_has_its_marked_functions_and_a_function_itself() -> None:
    @skill(name="renamed")
    def marked() -> None: ...

    def plain() -> None: ...

    module = ModuleType("module")
    vars(module).update(marked=marked, plain=plain, number=3)
    assert names(module) == ["renamed"]
    assert names(plain) == ["plain"]
    assert names(3) == []


def test_descriptions_come_from_annotations_and_the_first_paragraph() -> None:
    def search(
        text: Annotated[str, "what to look for"],
        limit: Annotated[int, Field(description="how many"), "not this"] = 3,
        *rest: str,
        flag: bool = False,
        hidden: Annotated[int, {"include_in_function_choices": False}] = 5,
        **more: Any,
    ) -> Annotated[list[str], "what was found"]:
        """Search in
        everything.

        Not for planners.

        Args:
            limit: not this either
            flag: whether to go on
        """
        return []

    signature = signature_of(search, "P")
    assert signature.description == "Search in everything."
    assert [(p.name, str(p.type), p.default, p.description) for p in signature.parameters] == [
        ("text", "string", None, "what to look for"),
        ("limit", "integer", 3, "how many"),
        ("flag", "boolean", False, "whether to go on"),
    ]
    assert (str(signature.returns), signature.returns_description) == ("array[string]", "what was found")


def test_an_annotation_that_cannot_be_evaluated_is_any_and_the_others_are_read() -> None:
    def odd(x: Nowhere, y: int) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    parameters = signature_of(cast("Callable[..., object]", odd), "P").parameters
    assert [str(each.type) for each in parameters] == ["any", "integer"]


def test_what_cannot_be_called_by_name_is_refused() -> None:
    def positional(x: int, /) -> None: ...

    with pytest.raises(PackError, match=r"P\.positional: the parameter 'x' is positional-only"):
        signature_of(positional, "P")


def test_a_text_that_is_no_effect_is_refused() -> None:
    @skill(effect="sometimes")
    def odd() -> None: ...

    with pytest.raises(PackError, match=r"P\.odd: 'sometimes' is not an effect"):
        signature_of(odd, "P")


def test_two_functions_of_one_name_are_refused() -> None:
    class Twice:
        @skill(name="same")
        def one(self) -> None: ...

        @skill(name="Same")
        def two(self) -> None: ...

    with pytest.raises(PackError, match=r"P: two functions are named 'P\.Same'"):
        Kernel().add_functions(Twice(), "P")


def test_only_semantic_kernels_own_functions_are_injected() -> None:
    def ours(kernel: str, x: int) -> None: ...

    def theirs(kernel: object, x: int) -> None:
        """Look at the kernel."""

    vars(theirs).update(__kernel_function__=True, __kernel_function_name__="of-theirs")
    assert injected_parameters(ours) == frozenset()
    assert injected_parameters(theirs) == {"kernel"}
    signature = signature_of(theirs, "P")
    assert (signature.name, [p.name for p in signature.parameters]) == ("of-theirs", ["x"])


async def test_a_partial_and_a_callable_instance_are_called_as_what_they_are() -> None:
    async def add(a: int, b: int) -> int:
        return a + b

    class Adder:
        @skill
        async def __call__(self, a: int) -> int:
            return a + 2

    kernel = Kernel()
    partial = skill(name="partial")(functools.partial(add, b=1))
    kernel.add_functions(partial, "P")
    assert await kernel.invoke("partial", a="1") == 2
    instance = Adder()
    vars(instance)["__forethought_skill__"] = Adder.__call__.__forethought_skill__  # type: ignore[attr-defined]
    kernel.add_functions(instance, "P")
    assert await kernel.invoke("P.Adder", a="1") == 3


def test_a_function_without_a_name_that_a_plan_can_write_is_refused() -> None:
    with pytest.raises(PackError, match=r"A: '<lambda>' cannot name a function: use def, or say @skill\(name=…\)"):
        signature_of(lambda: 1, "A")
