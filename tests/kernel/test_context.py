"""ContextVariables: immutable, without case, each with its origin."""

from __future__ import annotations

from forethought.kernel.context import ContextVariables, Origin, Variable

STEP = Origin("step", "3")


def test_names_ignore_case_and_keep_their_first_spelling() -> None:
    variables = ContextVariables({"NickName": "Steve"})
    changed = variables.with_variables({"NICKNAME": "S."}, STEP)
    assert changed["nickname"] == "S."
    assert list(changed) == ["NickName"]
    assert "NICKNAME" in changed


def test_a_change_is_a_new_value() -> None:
    variables = ContextVariables({"A": 1})
    variables.with_variables({"A": 2, "B": 3})
    assert dict(variables) == {"A": 1}


def test_every_variable_knows_where_it_came_from() -> None:
    variables = ContextVariables({"A": 1}).with_variables({"B": 2}, STEP)
    assert str(variables.variable("a").origin) == "input"
    assert str(variables.variable("b").origin) == "step 3"
    again = ContextVariables(variables).with_variables(ContextVariables({"C": 3}, origin=Origin("goal")))
    assert [str(again.variable(name).origin) for name in "ABC"] == ["input", "step 3", "goal"]


def test_variables_set_one_by_one_bring_their_own_origins_and_the_last_wins() -> None:
    variables = ContextVariables({"A": 1}).with_each(
        [Variable("a", 2, Origin("step", "1")), Variable("B", 3, Origin("goal")), Variable("A", 4, STEP)]
    )
    assert dict(variables) == {"A": 4, "B": 3}
    assert str(variables.variable("A").origin) == "step 3"
