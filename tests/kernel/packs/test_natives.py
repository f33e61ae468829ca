"""Native functions are read from their text: signatures, effects and problems, and nothing runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from forethought.kernel.functions import EVERYTHING, PURE, Effect, FunctionSignature, Parameter
from forethought.kernel.packs.pack import NativeSource, Pack, PackFunction
from forethought.kernel.packs.reading import read_pack
from forethought.kernel.problems import Place, Severity
from forethought.kernel.values import ANY, STRING, ValueType

MakePack = Callable[[Mapping[str, str]], Path]
Read = Callable[[str], Pack]


@pytest.fixture
def read(make_pack: MakePack) -> Read:
    """Read a pack with the one file `f.py`."""

    def read_text(text: str) -> Pack:
        return read_pack(make_pack({"f.py": text}))

    return read_text


SKILL_LINES = 'from forethought.kernel import skill\n\n@skill\ndef 函数(a="值", *其他): "d"\n'


def told(pack: Pack) -> list[tuple[str, str]]:
    return [(problem.code, problem.message) for problem in pack.problems]


def names(pack: Pack) -> list[str]:
    return [each.signature.name for each in pack.functions]


def test_a_skill_has_the_signature_that_it_is_written_with(make_pack: MakePack) -> None:
    folder = make_pack(
        {
            "mail.py": '''
from typing import Annotated
from forethought.kernel import skill

@skill(effect="writes:mail", idempotent=True, open_world=True)
async def send(to: Annotated[str, "Who gets it"], body: str, copies: int = 1) -> Annotated[bool, "whether it went out"]:
    """Send a mail
    to somebody.

    More about it.
    """
'''
        }
    )
    pack = read_pack(folder)
    assert pack.problems == ()
    assert pack.functions == (
        PackFunction(
            FunctionSignature(
                plugin="Demo",
                name="send",
                description="Send a mail to somebody.",
                parameters=(
                    Parameter("to", STRING, True, None, "Who gets it"),
                    Parameter("body", STRING),
                    Parameter("copies", ValueType("integer"), False, 1),
                ),
                returns=ValueType("boolean"),
                returns_description="whether it went out",
                effect=Effect(writes=frozenset({"mail"})),
                idempotent=True,
                open_world=True,
            ),
            NativeSource(folder / "mail.py", "send", "skill"),
        ),
    )
    assert pack.functions[0].signature.source == str(folder / "mail.py")


@pytest.mark.parametrize(
    ("imports", "mark"),
    [
        ("from forethought.kernel import skill", "@skill"),
        ("from forethought.kernel import skill", "@skill()"),
        ("from forethought.kernel.functions import skill as marked", "@marked"),
        ("import forethought.kernel as fk", "@fk.skill(quick=True)"),
        ("import forethought.kernel", "@forethought.kernel.skill"),
        ("from forethought.kernel.functions import *", "@skill"),
        ("try:\n    from forethought.kernel import skill\nexcept ImportError:\n    pass", "@skill"),
    ],
)
def test_skill_is_known_under_whatever_name_it_was_imported(read: Read, imports: str, mark: str) -> None:
    pack = read(f'{imports}\n{mark}\ndef f():\n    "d"\n')
    assert names(pack) == ["f"]
    assert pack.problems == ()


@pytest.mark.parametrize(
    "imports", ["from elsewhere import skill", "def skill(f): return f", "from .mine import skill"]
)
def test_somebody_elses_skill_is_not_ours(read: Read, imports: str) -> None:
    assert read(f"{imports}\n@skill\ndef f(): ...\n").functions == ()


def test_an_undeclared_native_function_is_taken_for_the_worst(read: Read) -> None:
    signature = read('from forethought.kernel import skill\n@skill\ndef f():\n    "d"\n').functions[0].signature
    assert signature.effect == Effect(writes=frozenset({EVERYTHING}))
    assert (signature.idempotent, signature.destructive, signature.open_world) == (False, True, True)


def test_a_declared_effect_is_taken_at_its_word(read: Read) -> None:
    pack = read('from forethought.kernel import skill\n@skill(effect="reads", quick=True)\ndef f():\n    "d"\n')
    signature = pack.functions[0].signature
    assert signature.effect == Effect(reads=frozenset({"demo"}))
    assert (signature.idempotent, signature.destructive, signature.open_world, signature.quick) == (
        False,
        False,
        False,
        True,
    )


def test_a_pure_function_is_idempotent(read: Read) -> None:
    signature = (
        read('from forethought.kernel import skill\n@skill(effect="pure")\ndef f():\n    "d"\n').functions[0].signature
    )
    assert (signature.effect, signature.idempotent) == (PURE, True)


def test_decorators_say_name_and_description_also_through_constants(read: Read) -> None:
    pack = read(
        'from forethought.kernel import skill\nABOUT = "what" " it does"\n'
        '@skill(name="other-name", description=ABOUT)\ndef f():\n    "unused"\n'
    )
    assert (names(pack), pack.functions[0].signature.description) == (["other-name"], "what it does")


def test_a_word_that_the_decorator_does_not_know_is_an_error_before_it_runs(read: Read) -> None:
    pack = read('from forethought.kernel import skill\n@skill(efect="pure", effect="read:x")\ndef f():\n    "d"\n')
    assert [str(each).partition(".py:")[2] for each in pack.problems] == [
        "3:1: error: 'efect' is nothing that @skill takes"
        " (it takes name, description, effect, idempotent, destructive, open_world, quick) [unknown-key]",
        "3:1: error: 'read:x' is not an effect: write pure, reads, writes, or reads:RESOURCE [bad-effect]",
    ]


def test_what_is_no_literal_is_reported_and_an_unknown_effect_is_a_barrier(read: Read) -> None:
    pack = read(
        'import os\nfrom forethought.kernel import skill\n@skill(effect=os.environ["E"])\n'
        'def f(at: str = os.getcwd()):\n    "d"\n'
    )
    (function,) = pack.functions
    assert str(function.signature.effect) == "writes:*"
    assert function.signature.destructive
    assert function.signature.parameters == (Parameter("at", STRING, False, None),)
    assert [(each.code, each.severity, each.message, each.place) for each in pack.problems] == [
        (
            "not-literal",
            Severity.WARNING,
            "'effect' of the decorator is not a literal, and is not known before it runs",
            Place(4, 1),
        ),
        (
            "not-literal",
            Severity.NOTICE,
            "the default of 'at' is not a literal, and is not known before it runs",
            Place(4, 7, 2),
        ),
    ]


def test_descriptions_come_from_annotations_first_and_docstrings_second(read: Read) -> None:
    pack = read(
        '''
from typing import Annotated
from pydantic import Field
from forethought.kernel import skill

@skill(effect="pure")
def f(a: Annotated[str, "from the annotation"], b: int, c: Annotated[int, Field(description="from the field")]):
    """Do it.

    Args:
        a: from the docstring
        b (int): over
            two lines
    """
'''
    )
    assert [each.description for each in pack.functions[0].signature.parameters] == [
        "from the annotation",
        "over two lines",
        "from the field",
    ]


def test_methods_of_classes_are_functions_and_self_is_no_parameter(read: Read) -> None:
    pack = read(
        """
from forethought.kernel import skill

class Tools:
    @skill
    def method(self, a): "d"
    @staticmethod
    @skill
    def static(a): "d"
    @classmethod
    @skill
    def of_class(cls, a): "d"
    def unmarked(self): ...
"""
    )
    assert [each.source.qualname for each in pack.functions if isinstance(each.source, NativeSource)] == [
        "Tools.method",
        "Tools.static",
        "Tools.of_class",
    ]
    assert {each.signature.parameters for each in pack.functions} == {(Parameter("a", ANY),)}


def test_a_class_that_needs_arguments_is_an_error(read: Read) -> None:
    pack = read(
        "from forethought.kernel import skill\nclass T:\n    def __init__(self, key, x=1): ...\n"
        '    @skill\n    def f(self): "d"\n'
    )
    assert pack.functions == ()
    assert told(pack) == [("class-needs-arguments", "class 'T' cannot be made without 'key'")]
    assert pack.problems[0].hint == "give the parameters of __init__ defaults"


def test_parameters_that_no_plan_can_pass_are_reported(read: Read) -> None:
    pack = read(
        "from forethought.kernel import skill\n"
        '@skill\ndef f(a, *rest, key=None, **more): "d"\n'
        '@skill\ndef g(a, /): "d"\n'
    )
    assert [each.name for each in pack.functions[0].signature.parameters] == ["a", "key"]
    assert [(each.code, each.severity, each.place) for each in pack.problems] == [
        ("variadic", Severity.NOTICE, Place(3, 11, 4)),
        ("variadic", Severity.NOTICE, Place(3, 29, 4)),
        ("positional-only", Severity.ERROR, Place(5, 1)),
    ]


def test_places_count_characters_and_line_ends_of_every_kind(make_pack: MakePack) -> None:
    folder = make_pack({})
    text = SKILL_LINES.replace("\n", "\r\n", 1).replace("\n", "\r", 1)
    (folder / "f.py").write_text(text, encoding="utf-8", newline="")
    (problem,) = read_pack(folder).problems
    assert (problem.message, problem.place) == (
        "'*其他' is left out: a plan passes named parameters only",
        Place(4, 16, 2),
    )


def test_a_generators_items_are_collected(read: Read) -> None:
    pack = read('from forethought.kernel import skill\n@skill\nasync def f() -> str:\n    "d"\n    yield "a"\n')
    assert pack.functions[0].signature.returns == ValueType("array")


def test_a_function_without_a_description_is_noticed(read: Read) -> None:
    pack = read("from forethought.kernel import skill\n@skill\ndef f(): ...\n")
    assert told(pack) == [("missing-description", "'f' has no description")]


def test_an_illegal_name_costs_the_function(read: Read) -> None:
    pack = read('from forethought.kernel import skill\n@skill(name="../f")\ndef f(): ...\n@skill\ndef g(): "d"\n')
    assert names(pack) == ["g"]
    assert told(pack) == [("bad-name", "'../f' cannot name a function")]


def test_a_kernel_function_keeps_its_metadata_and_leaves_out_what_semantic_kernel_fills(read: Read) -> None:
    pack = read(
        '''
from typing import Annotated
from semantic_kernel.functions import kernel_function

class Lights:
    @kernel_function(name="turn-on", description="Turn a light on")
    async def turn_on(
        self,
        light: Annotated[int, "The light's number"],
        kernel: "Kernel",
        arguments: KernelArguments = None,
        tenant: Annotated[str, {"include_in_function_choices": False}] = "none",
    ) -> Annotated[str, "how it went"]: ...

    @kernel_function
    def plain(self, service: str, x: str = ""):
        """Plain."""
'''
    )
    first, second = (each.signature for each in pack.functions)
    assert (first.name, first.description, first.returns_description) == ("turn-on", "Turn a light on", "how it went")
    assert first.parameters == (Parameter("light", ValueType("integer"), True, None, "The light's number"),)
    assert first.effect == Effect(writes=frozenset({EVERYTHING}))
    assert (second.description, second.parameters) == ("Plain.", (Parameter("x", STRING, False, ""),))
    assert [(each.code, each.severity, each.message, each.hint) for each in pack.problems] == [
        (
            "injected-parameter",
            Severity.WARNING,
            "'service' is filled by Semantic Kernel itself, so no plan can pass it",
            "rename the parameter",
        )
    ]


def test_a_hidden_parameter_without_a_default_is_shown_because_something_must_fill_it(read: Read) -> None:
    pack = read(
        "from typing import Annotated\nfrom semantic_kernel.functions import kernel_function\n"
        '@kernel_function\ndef f(key: Annotated[str, {"include_in_function_choices": False}]):\n    "d"\n'
    )
    assert pack.functions[0].signature.parameters == (Parameter("key", STRING),)
    assert told(pack) == [
        ("hidden-parameter", "'key' is hidden from planners and has no default, so it is not hidden here")
    ]


OLD = """
from semantic_kernel.skill_definition import sk_function, sk_function_context_parameter
from semantic_kernel.orchestration.sk_context import SKContext

class Text:
    @sk_function(description="连接两段文字", name="join", input_description="第一段", input_default_value="a")
    @sk_function_context_parameter(name="second", description="第二段")
    @sk_function_context_parameter(name="between", description="in between", default_value=" ")
    def join_them(self, text: str, context: SKContext) -> str: ...

    @sk_function(description="by context only", input_description="the text")
    async def shout(self, sk: "SKContext") -> str: ...

    @sk_function(description="nothing at all")
    def now(self) -> str: ...
"""


def test_2023_declares_its_parameters_by_decorators(read: Read) -> None:
    pack = read(OLD)
    assert [(each.signature.name, each.signature.parameters) for each in pack.functions] == [
        (
            "join",
            (
                Parameter("input", STRING, False, "a", "第一段"),
                Parameter("second", STRING, True, None, "第二段"),
                Parameter("between", STRING, False, " ", "in between"),
            ),
        ),
        ("shout", (Parameter("input", STRING, True, None, "the text"),)),
        ("now", ()),
    ]
    assert {each.signature.returns for each in pack.functions} == {STRING}
    assert {each.signature.effect for each in pack.functions} == {Effect(writes=frozenset({EVERYTHING}))}
    assert [(each.code, each.severity) for each in pack.problems] == [("old-native", Severity.NOTICE)]


def test_early_2024_kept_the_ways_of_2023_under_newer_names(read: Read) -> None:
    pack = read(
        "from semantic_kernel.plugin_definition import kernel_function, kernel_function_context_parameter\n"
        'class T:\n    @kernel_function(description="d", input_description="t")\n'
        '    @kernel_function_context_parameter(name="n", description="a number", type="number", required=False)\n'
        "    def f(self, input: str, context): ...\n"
    )
    (function,) = pack.functions
    assert function.source == NativeSource(pack.directory / "f.py", "T.f", "sk_function")
    assert function.signature.parameters == (
        Parameter("input", STRING, True, None, "t"),
        Parameter("n", ValueType("number"), False, None, "a number"),
    )


@pytest.mark.parametrize("file", ["_private.py", "test_f.py", "f_test.py", "conftest.py", "setup.py", ".hidden.py"])
def test_private_files_and_tests_are_not_read(make_pack: MakePack, file: str) -> None:
    pack = read_pack(make_pack({file: "from forethought.kernel import skill\n@skill\ndef f(): ...\n"}))
    assert (pack.functions, pack.problems) == ((), ())


def test_a_file_that_is_not_python_costs_that_file_only(make_pack: MakePack) -> None:
    good = 'from forethought.kernel import skill\n@skill\ndef g(): "d"\n'
    pack = read_pack(make_pack({"bad.py": "import skill\ndef f(:\n", "good.py": good}))
    assert names(pack) == ["g"]
    (problem,) = pack.problems
    assert (problem.code, problem.place, problem.file) == ("bad-python", Place(2, 7), str(pack.directory / "bad.py"))
