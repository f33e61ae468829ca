"""Problems and errors read as one sentence with a place and a way out."""

from __future__ import annotations

import pytest

from forethought.kernel import errors
from forethought.kernel.problems import Place, Problem, Severity, has_errors

PROBLEM = Problem(code="unknown-function", message="no 'x'", place=Place(3, 5), hint="did you mean 'y'?")


def test_a_problem_reads_as_a_compiler_writes_it() -> None:
    assert str(PROBLEM) == "3:5: error: no 'x' (did you mean 'y'?) [unknown-function]"
    assert str(Problem(code="c", message="m", severity=Severity.NOTICE)) == "notice: m [c]"
    assert str(Problem(code="c", message="m", file="a.json", place=Place(1, 2))) == "a.json:1:2: error: m [c]"
    assert str(Problem(code="c", message="m", file="a.json")) == "a.json: error: m [c]"


def test_only_errors_stop() -> None:
    assert has_errors([PROBLEM])
    assert not has_errors([Problem(code="c", message="m", severity=Severity.WARNING)])


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (errors.PackError("plugins/X", "it is empty"), "plugins/X: it is empty"),
        (errors.ModelError("openai:x", "no key", "set OPENAI_API_KEY"), "model openai:x: no key (set OPENAI_API_KEY)"),
        (errors.FunctionError("P.f", "it is Monday"), "P.f failed: it is Monday"),
        (errors.PlanningError("a goal", "it is empty"), "no plan for 'a goal': it is empty"),
        (errors.PlanError([PROBLEM]), str(PROBLEM)),
    ],
)
def test_an_error_is_the_sentence_a_user_reads(error: errors.ForethoughtError, sentence: str) -> None:
    assert str(error) == sentence


def test_without_a_model_three_ways_to_get_one_are_named() -> None:
    sentence = str(errors.ModelNotConfiguredError("Planning"))
    assert sentence.startswith("Planning needs a model, and none is configured.")
    assert all(way in sentence for way in ("openai:NAME", "ollama:NAME", "local:PATH.gguf", "FORETHOUGHT_MODEL"))
