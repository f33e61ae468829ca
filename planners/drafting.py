"""Drafting: a plan decoded step by step, so that even a small model writes one that parses and names what is there."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from forethought.kernel.functions import FunctionSignature, Usage
from forethought.kernel.models.chat import ChatModel, Message, Request
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY

from .checking.binding import bind
from .checking.uses import uses
from .grammar import END, may_fit, step_grammar
from .language.nodes import ForEach, If, Node, Plan, Step, While, else_id, numbered
from .language.parsing import parse
from .naming import result_name
from .outline import Outline

__all__ = ["Draft", "draft", "result_name", "tidied"]

STEP_TOKENS = 512
"""What one step may take; a step that takes more is dropped, and the plan ends before it."""

MAX_STEPS = 20
"""The most steps that are drafted: a plan that goes on is no plan."""

ENDED = "<answer/>"
"""What follows the last of several calls that are drafted one by one."""

_SETS = re.compile(r' setContextVariable="[^"]*"')
_NAME = re.compile(r"<function\.([^\s>/]+)")


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole `<plan>` as text, and what the model spent on it.

    `finish` is *length* where a step was cut off, or the plan itself after its most steps. `confidence` is the mean
    log-probability of the model's tokens, where the model tells.
    """

    text: str
    usage: Usage
    finish: Literal["stop", "length"] = "stop"
    confidence: float | None = None


async def draft(
    model: ChatModel,
    messages: Sequence[Message],
    skills: SkillRegistry,
    *,
    variables: Collection[str] = (),
    max_steps: int = MAX_STEPS,
    goal: str = "",
    single: bool = False,
    done: Sequence[Step] = (),
) -> Draft:
    """Let `model`, which decodes under grammars, answer `messages` with a plan over `skills`.

    Each step is decoded under a grammar of its own, after the plan so far: only real functions, their parameters, and
    `variables` or the results of earlier steps; or the tag that opens or ends a block, a test over what is known there.
    Results and items are named here, after functions and lists. The plan ends where the model ends it, or where it
    repeats itself; one that goes on after `max_steps` calls and blocks is cut off. A result that no step
    reads is part of the plan's result. Raises ModelError, and ValueError where `skills` has no function that a plan
    can name.

    Where a `goal` is given, the model is small and is held closer: it writes values in the goal's own words, gives
    required parameters alone, and each step works on the result of the one before, by a function not called yet.
    A `single` plan is one call, whatever the model would go on with. Where some are `done`, what is returned are those
    that follow alone, or `<answer/>` where the model goes on no further.
    """
    if not (goal or single):
        outline = Outline(skills, variables, max_steps, [(step, _written(step)) for step in done])
        drafted = await _draft_freely(model, messages, outline)
        if not outline.drafted:
            return dataclasses.replace(drafted, text=ENDED) if done else drafted
        if done:
            return drafted
        plan = tidied(parse(drafted.text), skills, variables)
        return dataclasses.replace(drafted, text=plan.to_xml())
    lines = [_written(step) for step in done]
    calls = [_SETS.sub("", line) for line in lines]
    called = [skills.find(each) for step in done if (each := step.function.text) in skills]
    known = dict.fromkeys(variables, ANY)
    names = [*variables, *(step.sets for step in done if step.sets)]
    usage = Usage()
    finish: Literal["stop", "length"] = "stop"
    while len(calls) < (len(done) + 1 if single else max_steps):
        offered = _following(skills, called) if goal else skills
        if calls and not len(offered):
            break
        grammar = step_grammar(
            offered,
            variables=known,
            before=called[-1].returns if called else ANY,
            may_end=bool(calls),
            words=goal,
            chained=names[-1] if goal and called else "",
        )
        prefix = "".join(f"{line}\n" for line in ["<plan>", *lines])
        answer = await model.complete(Request(messages, {"max_tokens": STEP_TOKENS}, prefix, grammar))
        usage += answer.usage
        finish = answer.finish
        named = _NAME.match(answer.text)
        if named is None or finish == "length" or answer.text in calls:
            break
        called.append(skills.find(named[1]))
        calls.append(answer.text)
        names.append(result_name(called[-1], names))
        lines.append(re.sub("(?=/?>)", f' setContextVariable="{names[-1]}"', answer.text, count=1))
    else:
        finish = "stop" if single else "length"
    if done:
        new = (calls if single else lines)[len(done) :]
        return Draft("\n".join(["<plan>", *new, END]) if new else ENDED, usage, finish)
    text = "\n".join(["<plan>", *lines, END])
    return Draft(tidied(parse(text), skills, variables).to_xml() if lines else text, usage, finish)


async def _draft_freely(model: ChatModel, messages: Sequence[Message], outline: Outline) -> Draft:
    """Let a model go on with an outline until it ends; it gives what it likes, and opens and ends blocks."""
    usage = Usage()
    while not outline.full:
        request = Request(messages, {"max_tokens": STEP_TOKENS}, outline.prefix, outline.grammar())
        answer = await model.complete(request)
        usage += answer.usage
        if answer.finish == "length":
            break
        if not outline.take(answer.text):
            return Draft(outline.text(), usage)
    return Draft(outline.text(), usage, "length")


def _following(skills: SkillRegistry, called: Sequence[FunctionSignature]) -> SkillRegistry:
    """Return the functions that can go on from the last result: with an `input` that can take it, not called yet."""
    if not called:
        return skills
    inputs = ((each, each.parameter("input")) for each in skills if each not in called)
    return skills.select(each for each, found in inputs if found and may_fit(called[-1].returns, found.type))


def _written(step: Step) -> str:
    """Return a step in one line, as it was drafted."""
    return " ".join(line.strip() for line in Plan(steps=(step,)).to_xml().splitlines()[1:-1])


def tidied(plan: Plan, skills: SkillRegistry, variables: Collection[str]) -> Plan:
    """Keep the names that are read; where results are read by nobody, and are not all the last, they are the plan's."""
    bound = bind(plan, skills, variables)
    used = uses(bound)
    results = {
        step.id
        for step in bound.steps
        if step.id not in used.read | used.chained and not (step.signature and step.signature.effect.writes)
    }
    results = set[str]() if results <= used.ending else results

    def tidy(nodes: Iterable[Node], prefix: str = "") -> tuple[Node, ...]:
        return tuple(tidy_one(id_, node) for id_, node in numbered(nodes, prefix))

    def tidy_one(id_: str, node: Node) -> Node:
        match node:
            case Step():
                appends = f"RESULT__{node.sets}" if id_ in results else None
                return node._replace(sets=node.sets if id_ in used.read else None, appends=appends)
            case If():
                otherwise = tidy(node.otherwise, f"{else_id(id_)}.")
                return dataclasses.replace(node, then=tidy(node.then, f"{id_}."), otherwise=otherwise)
            case ForEach():
                sets = node.sets if id_ in used.read else None
                return dataclasses.replace(node, body=tidy(node.body, f"{id_}."), sets=sets)
            case While():
                return dataclasses.replace(node, body=tidy(node.body, f"{id_}."))

    return dataclasses.replace(plan, steps=tidy(plan.steps))
