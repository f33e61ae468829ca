"""Salvage: what of a failed run is finished, written as a plan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from forethought.kernel import Kernel, skill
from forethought.kernel.values import text
from forethought.planners import Plan, RunResult
from forethought.planners.running.salvage import salvage

Execute = Callable[..., Awaitable[RunResult]]


@skill(effect="pure")
async def keep(input: object = "nothing") -> object:
    return input


@skill(effect="pure")
async def fail(input: object) -> object:
    raise RuntimeError(f"no {input}")


KERNEL = Kernel()
KERNEL.add_functions(keep, "T")
KERNEL.add_functions(fail, "T")

WHOLE = """
  <if test="1 &lt; 2"><function.T.keep input="b"/></if><else><function.T.keep input="c"/></else>
  <if test="1 &gt; 2"><function.T.keep input="d"/></if><else><function.T.keep input="e"/></else>"""


@pytest.mark.parametrize(
    ("steps", "finished", "ids"),
    [
        pytest.param(
            '<function.T.keep input="a"/><function.T.fail input="b"/><function.T.keep/>',
            '<function.T.keep input="a"/>',
            ["1"],
            id="steps that are finished stay",
        ),
        pytest.param(
            f'<function.T.keep input="a"/>{WHOLE}<function.T.fail input="f"/>',
            f'<function.T.keep input="a"/>{WHOLE}',
            ["1", "2", "2.1", "4", "5.1"],
            id="so do blocks, and an else keeps its number",
        ),
        pytest.param(
            f'<if test="1 &lt; 2">{WHOLE}<function.T.fail input="f"/></if>',
            WHOLE,
            ["1", "1.1", "3", "4.1"],
            id="and blocks of a branch that broke off",
        ),
        pytest.param(
            """
            <function.T.keep input="a" setContextVariable="X"/>
            <if test="1 &gt; 2"><function.T.keep input="b"/></if>
            <else><function.T.keep input="$X"/><function.T.fail input="c"/></else>""",
            '<function.T.keep input="a" setContextVariable="X"/><function.T.keep input="$X"/>',
            ["1", "2"],
            id="of a branch that broke off there is what ran",
        ),
        pytest.param(
            """
            <foreach item="X" in='["$a", {"b": 1}, "c"]'>
              <function.T.keep/><function.T.keep input="see ${X}"/><function.T.fail input="$X"/>
            </foreach>""",
            '<function.T.keep input="$$a"/><function.T.keep input="see $$a"/>',
            ["1", "2"],
            id="of a loop that broke off there are its rounds, with the values that only it had",
        ),
        pytest.param(
            """
            <function.T.keep input="a" setContextVariable="Y"/>
            <while test="1 &lt; 2" max="2">
              <function.T.keep input="$Y" setContextVariable="Y"/>
              <function.T.keep input="$Y and more" setContextVariable="Y"/>
              <function.T.fail input="x"/>
            </while>""",
            """
            <function.T.keep input="a" setContextVariable="Y"/>
            <function.T.keep input="$Y" setContextVariable="Y"/>
            <function.T.keep input="$Y and more" setContextVariable="Y"/>""",
            ["1", "2", "3"],
            id="and what the plan has keeps its name",
        ),
        pytest.param(
            """
            <foreach item="X" in='["a"]'>
              <foreach item="Y" in='["$X", "b"]' setContextVariable="L"><function.T.keep input="$Y"/></foreach>
              <function.T.keep/><function.T.fail input="$L"/>
            </foreach>""",
            """
            <function.T.keep input="a"/><function.T.keep input="b"/>
            <function.T.keep input='["a", "b"]'/>""",
            ["1", "2", "3"],
            id="a list that only the loop had is written, too",
        ),
    ],
)
async def test_what_is_finished_is_a_plan(execute: Execute, steps: str, finished: str, ids: list[str]) -> None:
    result = await execute(steps, keep, fail, concurrency=1)
    assert result.status == "failed"
    found = salvage(result, KERNEL.skills)
    again = await execute(finished, keep, fail)
    assert Plan(steps=found.nodes).to_xml() == Plan(steps=again.plan.steps).to_xml()
    assert [each.id for each in found.records] == ids
    given = [text(each.output) for each in again.steps if each.status == "succeeded"]
    assert [text(each.output) for each in found.records] == given


async def test_of_a_run_that_succeeded_everything_is_finished(execute: Execute) -> None:
    result = await execute('<foreach item="X" in="[1, 2]"><function.T.keep input="$X"/></foreach>', keep)
    found = salvage(result, KERNEL.skills)
    assert (found.nodes, found.records) == (result.plan.steps, result.steps)
