"""Whatever a model writes under the grammars of sketches is a plan without errors, tuned or not."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forethought.kernel.functions import PURE, FunctionSignature, Parameter
from forethought.kernel.problems import has_errors
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.testing import ScriptedModel
from forethought.kernel.values import STRING, ValueType
from forethought.planners.asking import declare_inputs
from forethought.planners.checking.check import check
from forethought.planners.language.nodes import Plan
from forethought.planners.language.parsing import parse
from forethought.planners.sketching import sketch

from ..planners.test_grammar import Sampler, parameters, types  # noqa: TID252 - the same sampler stands in

sys.path.append(str(Path(__file__).parents[2]))  # training is no part of what is installed
from training.examples import lessons

NAMES = ("A.b", "A.b-c", "top-level", "Ä.日期", "B.get_it", "X.not", "Emailer.sendEmail", "B.b")
VARIABLES = ("INPUT", "rows", "Class")


def sketched(
    functions: Sequence[FunctionSignature], goal: str, chance: random.Random, variables: Sequence[str]
) -> Plan:
    """Sketch with chance in place of a model."""
    model = ScriptedModel(lambda request: Sampler(request.grammar).write(chance), constrained=True)
    plan = parse(asyncio.run(sketch(model, functions, goal, variables=variables)).text)
    return declare_inputs(plan, variables, SkillRegistry(functions))


def test_a_thousand_sketches_over_drawn_functions_and_goals_have_no_error() -> None:
    chance = random.Random(3)
    sizes: list[int] = []
    for lesson in islice(lessons(11), 1000):
        goal = lesson.examples[0]
        plan = sketched(lesson.skills, goal.goal, chance, goal.variables)
        found = check(plan, SkillRegistry(lesson.skills))
        assert not has_errors(found), (plan, found)
        sizes.append(len(plan.steps))
    assert len(sizes) == 1000
    assert {0, 1, 2, 3, 4} <= set(sizes)


def _made(name: str, taken: Sequence[Parameter], returns: ValueType) -> FunctionSignature:
    plugin, _, own = name.rpartition(".")
    return FunctionSignature(plugin=plugin, name=own, parameters=tuple(taken), returns=returns, effect=PURE)


FUNCTIONS = st.builds(_made, st.sampled_from(NAMES), parameters, st.just(STRING) | types)
REGISTRIES = st.lists(FUNCTIONS, min_size=1, max_size=5, unique_by=lambda each: each.full_name.lower())


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    REGISTRIES, st.text(min_size=1, max_size=60).filter(str.strip), st.sets(st.sampled_from(VARIABLES)), st.randoms()
)
def test_a_sketch_over_functions_of_any_shape_has_no_error(
    functions: list[FunctionSignature], goal: str, variables: set[str], chance: random.Random
) -> None:
    plan = sketched(functions, goal.strip(), chance, sorted(variables))
    assert not has_errors(check(plan, SkillRegistry(functions)))
