"""Tokens a function takes in the manual of the shipped packs: ours, or the form of Semantic Kernel 1.32's planner.

Semantic Kernel's form has, for each function, its full name, its description, and one line a parameter with its
description and default. Both are counted by the embedded model's own tokenizer: a prompt with the manual less the same
prompt without.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable

from forethought.kernel import FunctionSignature, Kernel, Parameter
from forethought.kernel.models.chat import ChatModel, Message, Request
from forethought.kernel.models.local import open_local
from forethought.planners.manual import manual
from forethought.plugins import SHIPPED


def sk_form(functions: Iterable[FunctionSignature]) -> str:
    """Write the manual as Semantic Kernel 1.32 did."""
    return "\n\n".join(
        f"{each.plugin}-{each.name}:\n  description: {each.description}\n  inputs:\n"
        + "\n".join(f"  - {_sk_parameter(parameter)}" for parameter in each.parameters)
        for each in functions
    )


def _sk_parameter(parameter: Parameter) -> str:
    default = f" (default value: {parameter.default})" if parameter.default else ""
    return f"{parameter.name}: {parameter.description}{default}"


async def tokens(model: ChatModel, text: str) -> int:
    """Count the tokens of a prompt with `text`."""
    answer = await model.complete(Request([Message("user", text)], {"max_tokens": 1}))
    return answer.usage.prompt_tokens


async def main(form: str) -> float:
    kernel = Kernel.from_packs(SHIPPED)
    model = open_local("local")
    functions = list(kernel.skills)
    text = manual(functions) if form == "ours" else sk_form(functions)
    empty = await tokens(model, "x")
    return (await tokens(model, f"x{text}") - empty) / len(functions)


if __name__ == "__main__":
    print(asyncio.run(main(sys.argv[1])))
