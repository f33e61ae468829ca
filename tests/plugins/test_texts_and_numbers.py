"""StringFunctions, TextSkill and MathSkill by exact values."""

from __future__ import annotations

import pytest

from forethought.kernel import Kernel
from forethought.kernel.errors import CoercionError, FunctionError


@pytest.mark.parametrize(
    ("function", "arguments", "value"),
    [
        ("StringFunctions.stringReplace", {"input": "a b a", "from": "a", "to": "你"}, "你 b 你"),
        ("StringFunctions.stringReplace", {"input": "a.b", "from": ".", "to": "$1"}, "a$1b"),
        ("StringFunctions.upper", {"input": "ß a"}, "SS A"),
        ("StringFunctions.lower", {"input": "A B"}, "a b"),
        ("StringFunctions.trim", {"input": " \ta \n"}, "a"),
        ("StringFunctions.substring", {"input": "abcdef", "start": 2}, "cdef"),
        ("StringFunctions.substring", {"input": "abcdef", "start": "1", "length": "2"}, "bc"),
        ("StringFunctions.substring", {"input": "abcdef", "start": -2}, "ef"),
        ("StringFunctions.substring", {"input": "abc", "start": 9, "length": 0}, ""),
        ("TextSkill.trim", {"input": " a "}, "a"),
        ("TextSkill.trimStart", {"input": " a "}, "a "),
        ("TextSkill.trimEnd", {"input": " a "}, " a"),
        ("TextSkill.uppercase", {"input": "a你"}, "A你"),
        ("TextSkill.lowercase", {"input": "A"}, "a"),
        ("TextSkill.concat", {"input": "a", "input2": "b"}, "ab"),
        ("TextSkill.concat", {"input": "a", "input2": "b", "separator": ", "}, "a, b"),
        ("TextSkill.length", {"input": "你好!"}, 3),
        ("TextSkill.countWords", {"input": " a  b\nc "}, 3),
        ("TextSkill.contains", {"input": "abc", "part": "B"}, False),
        ("TextSkill.contains", {"input": "abc", "part": "b"}, True),
        ("TextSkill.lines", {"input": "a\r\n\n  b \n"}, ["a", "b"]),
        ("TextSkill.split", {"input": "a, b,,c"}, ["a", "b", "", "c"]),
        ("TextSkill.split", {"input": "a--b", "separator": "--"}, ["a", "b"]),
        ("TextSkill.join", {"input": ["a", "b"]}, "a\nb"),
        ("TextSkill.join", {"input": '["a", "b"]', "separator": "+"}, "a+b"),
        ("MathSkill.add", {"input": 2, "amount": "3"}, 5),
        ("MathSkill.add", {"input": 0.5, "amount": 0.25}, 0.75),
        ("MathSkill.subtract", {"input": 2, "amount": 3}, -1),
        ("MathSkill.multiply", {"input": 2.5, "factor": 4}, 10),
        ("MathSkill.divide", {"input": 7, "divisor": 2}, 3.5),
        ("MathSkill.round", {"input": 2.567, "digits": 1}, 2.6),
        ("MathSkill.round", {"input": 2.567}, 3),
        ("MathSkill.sum", {"input": [0.1] * 10}, 1),
        ("MathSkill.sum", {"input": "[]"}, 0),
        ("MathSkill.average", {"input": [1, 2]}, 1.5),
        ("MathSkill.evaluate", {"input": "(3 + 4) * 2 / sqrt(49)"}, 2),
        ("MathSkill.evaluate", {"input": " -2 ** 2 + 7 // 2 % 3 "}, -4),
        ("MathSkill.evaluate", {"input": "2 ** 100"}, 2**100),
        ("MathSkill.evaluate", {"input": "round(1234, -2) + round(2.5)"}, 1202),
        ("MathSkill.evaluate", {"input": "max(1, 2.5, abs(-3)) + round(pi, 2)"}, 6.140000000000001),
    ],
)
async def test_values(kernel: Kernel, function: str, arguments: dict[str, object], value: object) -> None:
    found = await kernel.invoke(function, **arguments)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        ("StringFunctions.stringReplace", {"input": "a", "from": "", "to": "b"}, "'from' is empty"),
        (
            "StringFunctions.substring",
            {"input": "a", "start": 0, "length": -1},
            "'length' is -1: it cannot be negative",
        ),
        ("TextSkill.split", {"input": "a", "separator": ""}, "'separator' is empty"),
        ("MathSkill.divide", {"input": 1, "divisor": 0}, "'1' cannot be divided by 0"),
        ("MathSkill.average", {"input": []}, "an empty list has no average"),
        ("MathSkill.multiply", {"input": 1e308, "factor": 10}, "'inf' is not a number"),
        ("MathSkill.evaluate", {"input": "1 +"}, "'1 +' is not an arithmetic expression"),
        ("MathSkill.evaluate", {"input": "1 / 0"}, "'1 / 0' divides by 0"),
        ("MathSkill.evaluate", {"input": "x + 1"}, "'x' is not arithmetic"),
        ("MathSkill.evaluate", {"input": "True + 1"}, "'True' is not arithmetic"),
        ("MathSkill.evaluate", {"input": "__import__('os').system('true')"}, "is not arithmetic"),
        ("MathSkill.evaluate", {"input": "(lambda: 1)()"}, "is not arithmetic"),
        ("MathSkill.evaluate", {"input": "'a' * 3"}, "is not arithmetic"),
        ("MathSkill.evaluate", {"input": "9 ** 9 ** 9"}, "'9 ** 9 ** 9' is too large"),
        ("MathSkill.evaluate", {"input": "10.0 ** 1000"}, "is too large"),
        ("MathSkill.evaluate", {"input": "(-1) ** 0.5"}, "is not a real number"),
        ("MathSkill.evaluate", {"input": "round(5, -1000000000)"}, "is too large"),
        ("MathSkill.evaluate", {"input": "sqrt(-1)"}, "math domain error"),
        ("MathSkill.evaluate", {"input": "1" * 1001}, "the expression is longer than 1000 characters"),
        ("MathSkill.evaluate", {"input": "(" * 900}, "is not an arithmetic expression"),
        ("MathSkill.evaluate", {"input": "-" * 999 + "1"}, "is too large"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    kernel: Kernel, function: str, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(FunctionError) as caught:
        await kernel.invoke(function, **arguments)
    assert message in str(caught.value)


async def test_numbers_are_typed(kernel: Kernel) -> None:
    with pytest.raises(CoercionError):
        await kernel.invoke("MathSkill.add", input="two", amount=1)
