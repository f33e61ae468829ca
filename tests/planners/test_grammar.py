"""The grammar of a step: what it lets a model write, and that nothing else comes out of it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forethought.kernel.functions import PURE, FunctionSignature, Parameter
from forethought.kernel.problems import has_errors
from forethought.kernel.registry import SkillRegistry
from forethought.kernel.values import ANY, STRING, Kind, ValueType
from forethought.planners.checking.check import check
from forethought.planners.grammar import END, step_grammar
from forethought.planners.language.parsing import parse

Write = Callable[[random.Random], str]

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d+)?\}|[a-z][a-z0-9-]*|[()|?*+]|\s+')
_ESCAPE = re.compile(r"\\x([0-9A-F]{2})|\\u([0-9A-F]{4})|\\(.)", re.DOTALL)


class Sampler:
    """Writes random texts of a GBNF grammar; fails for a rule that is not there or a form it does not know."""

    def __init__(self, grammar: str) -> None:
        self._rules: dict[str, Write] = {}
        for line in grammar.removesuffix("\n").split("\n"):
            name, _, body = line.partition(" ::= ")
            tokens = [token for token in _TOKEN.findall(body) if token.strip()]
            assert not _TOKEN.sub("", body), f"not GBNF: {line}"
            self._rules[name] = self._either(tokens)
            assert not tokens, f"left over in {name}: {tokens}"

    def write(self, chance: random.Random) -> str:
        return self._rules["root"](chance)

    def _either(self, tokens: list[str]) -> Write:
        ways = [self._sequence(tokens)]
        while tokens and tokens[0] == "|":
            tokens.pop(0)
            ways.append(self._sequence(tokens))
        return lambda chance: chance.choice(ways)(chance)

    def _sequence(self, tokens: list[str]) -> Write:
        parts: list[Write] = []
        while tokens and tokens[0] not in ("|", ")"):
            part = self._atom(tokens)
            if tokens and (tokens[0] == "?" or tokens[0].startswith("{")):
                part = self._repeated(part, tokens.pop(0))
            parts.append(part)
        assert parts, "an empty way"
        return lambda chance: "".join(part(chance) for part in parts)

    def _atom(self, tokens: list[str]) -> Write:
        token = tokens.pop(0)
        if token == "(":
            inner = self._either(tokens)
            assert tokens.pop(0) == ")"
            return inner
        if token.startswith('"'):
            literal = _unescaped(token[1:-1])
            return lambda _: literal
        if token.startswith("["):
            letters = _letters(token[1:-1])
            return lambda chance: chance.choice(letters)
        return lambda chance: self._rules[token](chance)  # noqa: PLW0108 - the rule may come later

    def _repeated(self, part: Write, how: str) -> Write:
        bounds = [0, 1] if how == "?" else [int(bound) for bound in how[1:-1].split(",")]
        least, most = bounds[0], min(bounds[-1], bounds[0] + 6)
        return lambda chance: "".join(part(chance) for _ in range(chance.randint(least, most)))


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)) if not found[3] else found[3], text)


@cache
def _letters(body: str) -> str:
    """Return some of what a class allows; of a negated one, what is likely to hurt."""
    if not body.startswith("^"):
        return "".join(character for character in map(chr, range(32, 127)) if re.match(f"[{body}]", character))
    barred = re.compile(f"[{body[1:]}]")
    return "".join(each for each in "aZ09_ .,;:'-/\\[]{}()$<>&\"\t\n\0\ufffe¥邮箱é😀%#@=" if not barred.match(each))


def function(full_name: str, *parameters: Parameter, returns: ValueType = STRING) -> FunctionSignature:
    plugin, _, name = full_name.rpartition(".")
    return FunctionSignature(plugin=plugin, name=name, parameters=parameters, returns=returns, effect=PURE)


JOKE = function("FunSkill.Joke", Parameter("input", STRING), Parameter("style", STRING, required=False))
ROUND = function(
    "Math.round-up",
    Parameter("value", ValueType("number")),
    Parameter("mode", ValueType("string", choices=("a<b", "c & d", 'say "$x"')), required=False),
)
TODAY = function("today", returns=ValueType("date"))
SKILLS = SkillRegistry([JOKE, ROUND, TODAY])


def texts(grammar: str, count: int = 200) -> list[str]:
    sampler, chance = Sampler(grammar), random.Random(7)
    return [sampler.write(chance) for _ in range(count)]


def test_the_grammar_of_one_function_reads_like_its_signature() -> None:
    assert step_grammar(SkillRegistry([JOKE]), variables={"NAME": STRING}) == (
        'root ::= "<function." (call-2) | "</plan>"\n'
        'reference ::= "$" ("NAME")\n'
        'text ::= (char | entity | reference gap){0,200} (char | entity | reference "."?)\n'
        'call-2 ::= "FunSkill.Joke" " input=\\"" text "\\"" (" style=\\"" text "\\"")? "/>"\n'
        r"char ::= [^$<>&\"\x00-\x1F\x7F\uFFFE\uFFFF]"
        "\n"
        'entity ::= "&amp;" | "&lt;" | "&gt;" | "&quot;" | " $" [0-9]\n'
        r'gap ::= [^A-Za-z0-9_.\[$<>&\"\x00-\x1F\x7F\uFFFE\uFFFF] | ". "'
        "\n"
    )


def test_only_functions_that_are_there_are_called_by_their_full_names() -> None:
    called = {re.split("[ />]", text)[0] for text in texts(step_grammar(SKILLS, may_end=False))}
    assert called == {"<function.FunSkill.Joke", "<function.Math.round-up", "<function.today"}


def test_a_plan_ends_only_where_it_may() -> None:
    assert END in texts(step_grammar(SKILLS))
    assert END not in texts(step_grammar(SKILLS, may_end=False))


def test_required_parameters_are_always_there_and_optional_ones_sometimes() -> None:
    calls = texts(step_grammar(SkillRegistry([JOKE]), may_end=False))
    assert all(' input="' in call for call in calls)
    assert {' style="' in call for call in calls} == {True, False}


def test_a_dollar_begins_a_known_variable_or_an_amount() -> None:
    calls = texts(
        step_grammar(SkillRegistry([JOKE]), variables={"NAME": STRING, "not a name": STRING}, may_end=False), 500
    )
    found = {name for call in calls for name in re.findall(r"\$([A-Za-z0-9_]+)", call)}
    assert "NAME" in found
    assert all(name == "NAME" or name[0].isdigit() for name in found)


def test_without_variables_there_are_no_references() -> None:
    assert not [call for call in texts(step_grammar(SkillRegistry([JOKE]))) if re.search(r"\$[A-Za-z_]", call)]


def test_a_variable_of_a_type_that_cannot_fit_is_not_offered() -> None:
    grammar = step_grammar(SkillRegistry([ROUND]), variables={"DAY": ValueType("date"), "SUM": ValueType("integer")})
    assert '"$" ("SUM")' in grammar
    assert "DAY" not in grammar


def test_an_input_is_left_out_only_where_it_can_take_what_the_call_before_returns() -> None:
    later = SkillRegistry([function("Time.later", Parameter("input", ValueType("integer"), required=False))])
    assert "<function.Time.later/>" in texts(step_grammar(later, before=STRING))
    assert "<function.Time.later/>" not in texts(step_grammar(later, before=ValueType("date")))


def test_a_parameter_that_no_attribute_can_name_is_a_child() -> None:
    odd = function(
        "Search.find", Parameter("$top", ValueType("boolean")), Parameter("setContextVariable", STRING, False)
    )
    assert set(texts(step_grammar(SkillRegistry([odd]), may_end=False))) == {
        f'<function.Search.find><arg name="$top">{value}</arg></function.Search.find>' for value in ("true", "false")
    }


def test_words_hold_a_text_to_runs_of_them_and_to_what_is_required() -> None:
    """What stands around words is kept inside a run and left out at its ends."""
    calls = texts(step_grammar(SkillRegistry([JOKE]), words='A joke, "$5 & 猫狗"!', may_end=False), 500)
    written = {call.removeprefix('<function.FunSkill.Joke input="').removesuffix('"/>') for call in calls}
    assert written == {
        *("A", "A joke", "A joke, &quot;$5", "A joke, &quot;$5 &amp; 猫", "A joke, &quot;$5 &amp; 猫狗"),
        *("joke", "joke, &quot;$5", "joke, &quot;$5 &amp; 猫", "joke, &quot;$5 &amp; 猫狗"),
        *("$5", "$5 &amp; 猫", "$5 &amp; 猫狗", "猫", "猫狗", "狗"),
    }


def test_words_give_the_numbers_where_they_have_any() -> None:
    grammar = step_grammar(SkillRegistry([ROUND]), words="Round 2.75 and -3 up", may_end=False)
    assert set(texts(grammar)) == {f'<function.Math.round-up value="{number}"/>' for number in ("2.75", "-3")}


def test_a_chained_call_takes_the_variable_as_its_input() -> None:
    grammar = step_grammar(SkillRegistry([JOKE]), words="a joke", chained="POEM", may_end=False)
    assert set(texts(grammar)) == {'<function.FunSkill.Joke input="$POEM"/>'}


def test_a_function_that_no_plan_can_call_is_left_out() -> None:
    """Its name is none in XML, or it must be given a parameter that XML or the language keeps for itself."""
    odd = [
        function("Web.{path}"),
        function("Web.keep", Parameter("setContextVariable", STRING)),
        function("Web.tag", Parameter("x:y")),
    ]
    grammar = step_grammar(SkillRegistry([*odd, TODAY]), may_end=False)
    assert set(texts(grammar)) == {"<function.today/>"}


def test_with_nothing_to_call_and_no_end_there_is_no_grammar() -> None:
    with pytest.raises(ValueError, match="there is no function to call"):
        step_grammar(SkillRegistry(), may_end=False)


KINDS: tuple[Kind, ...] = (
    "any",
    "string",
    "integer",
    "number",
    "boolean",
    "array",
    "object",
    "date",
    "date-time",
    "time",
    "duration",
)


def with_fields(kind: ValueType) -> ValueType:
    return ValueType("object", fields=(("a b", kind), ("n", ValueType("integer"))))


def taking(full_name: str, found: list[Parameter], returns: ValueType) -> FunctionSignature:
    return function(full_name, *found, returns=returns)


simple_types = st.sampled_from(KINDS).map(ValueType)
choice_texts = st.lists(st.text("ab <>&\"'$\\Z9_邮\n", min_size=1, max_size=6), min_size=1, max_size=3, unique=True)
types = st.one_of(
    simple_types,
    st.builds(ValueType, st.just("string"), choices=choice_texts.map(tuple)),
    st.builds(ValueType, st.just("array"), items=simple_types),
    st.builds(ValueType, st.just("object"), items=simple_types),
    simple_types.map(with_fields),
    st.builds(ValueType, st.sampled_from(["integer", "date", "array"]), nullable=st.just(True)),
)
names = st.sampled_from(["input", "to-whom", "$top", "setContextVariable", "a.b", "数量", "x:y", "1st", "_z"])
parameters = st.lists(
    st.builds(Parameter, names, types, required=st.booleans()), max_size=4, unique_by=lambda each: each.name.lower()
)
functions = st.builds(
    taking,
    st.sampled_from(["A.b", "A.b-c", "top-level", "Ä.日期", "B.get_it", "X.a.b"]),
    parameters,
    types,
)
registries = st.lists(functions, min_size=1, max_size=4, unique_by=lambda each: each.full_name.lower())


@settings(deadline=None, max_examples=200)
@given(
    registries.map(SkillRegistry),
    st.sampled_from(["", "Add 1 and 2.5", "0\x850", '写一个 $NAME $ <b> & "q"\n$']) | st.text(max_size=20),
    st.randoms(use_true_random=False),
)
def test_every_plan_written_under_the_grammars_parses_and_checks(
    skills: SkillRegistry, words: str, chance: random.Random
) -> None:
    """Whatever is written step by step under the grammars reads strictly as a plan and has no error."""
    known = {"NAME": STRING, "AGE": ValueType("integer"), "WHEN": ValueType("date")}
    before, lines = ANY, list[str]()
    for _ in range(chance.randint(1, 3)):
        try:
            grammar = step_grammar(skills, variables=known, before=before, words=words, may_end=False)
        except ValueError:
            assert all(
                {each.name for each in one.parameters if each.required} & {"setContextVariable", "x:y"}
                for one in skills
            )
            return
        lines.append(Sampler(grammar).write(chance))
        before = skills.find(re.split("[ />]", lines[-1])[0].removeprefix("<function.")).returns
    inputs = "".join(f'<input name="{name}" type="{kind.kind}"/>' for name, kind in known.items())
    plan = parse("\n".join(["<plan>", inputs, *lines, END]))
    assert len(plan.steps) == len(lines)
    problems = check(plan, skills)
    assert not has_errors(problems), (lines, problems)
