"""Arithmetic. A result that is whole is written without a fraction."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Annotated

from forethought.kernel import skill

Number = int | float
Input = Annotated[float, "the number to start from"]

_LONGEST = 1_000  # characters of an expression
_LARGEST = 10_000  # bits of a whole number
_BINARY: dict[type[ast.operator], Callable[[Number, Number], object]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
    ast.FloorDiv: lambda left, right: left // right,
    ast.Mod: lambda left, right: left % right,
    ast.Pow: pow,
}


def _round(value: Number, digits: Number = 0) -> Number:
    if abs(digits) > _LONGEST:  # a whole number is rounded by way of ten to this power
        raise OverflowError
    return round(value, int(digits))


_FUNCTIONS: dict[str, Callable[..., object]] = {
    "abs": abs,
    "ceil": math.ceil,
    "floor": math.floor,
    "max": max,
    "min": min,
    "round": _round,
    "sqrt": math.sqrt,
}
_CONSTANTS: dict[str, Number] = {"pi": math.pi, "e": math.e}


@skill(effect="pure", quick=True)
def add(input: Input, amount: Annotated[float, "the number to add"]) -> float:
    """Add two numbers."""
    return _whole(input + amount)


@skill(effect="pure", quick=True)
def subtract(input: Input, amount: Annotated[float, "the number to subtract"]) -> float:
    """Subtract a number from another."""
    return _whole(input - amount)


@skill(effect="pure", quick=True)
def multiply(input: Input, factor: Annotated[float, "the number to multiply by"]) -> float:
    """Multiply two numbers."""
    return _whole(input * factor)


@skill(effect="pure", quick=True)
def divide(input: Input, divisor: Annotated[float, "the number to divide by"]) -> float:
    """Divide a number by another."""
    if divisor == 0:
        raise ValueError(f"'{_whole(input)}' cannot be divided by 0")
    return _whole(input / divisor)


@skill(name="round", effect="pure", quick=True)
def round_number(input: Input, digits: Annotated[int, "how many digits to keep after the point"] = 0) -> float:
    """Round a number."""
    return _whole(round(input, digits))


@skill(name="sum", effect="pure", quick=True)
def sum_numbers(input: Annotated[list[float], "the numbers"]) -> float:
    """Add up a list of numbers."""
    return _whole(math.fsum(input))


@skill(effect="pure", quick=True)
def average(input: Annotated[list[float], "the numbers"]) -> float:
    """Find the average of a list of numbers."""
    if not input:
        raise ValueError("an empty list has no average")
    return _whole(math.fsum(input) / len(input))


@skill(effect="pure", quick=True)
def evaluate(
    input: Annotated[str, "an expression such as (3 + 4) * 2 / sqrt(9), with + - * / // % ** and functions"],
) -> float:
    """Work out an arithmetic expression."""
    if len(input) > _LONGEST:
        raise ValueError(f"the expression is longer than {_LONGEST} characters")
    try:
        tree = ast.parse(input.strip(), mode="eval")
        return _whole(_evaluate(tree.body))
    except SyntaxError as error:
        raise ValueError(f"'{input}' is not an arithmetic expression") from error
    except ZeroDivisionError as error:
        raise ValueError(f"'{input}' divides by 0") from error
    except (OverflowError, RecursionError, MemoryError) as error:
        raise ValueError(f"'{input}' is too large") from error


def _evaluate(node: ast.expr) -> Number:
    """Work out one node; only numbers, operators, and the functions and constants named above have a meaning."""
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _evaluate(operand)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _operate(op, _evaluate(left), _evaluate(right))
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as given, keywords=[]) if name in _FUNCTIONS:
            return _real(_FUNCTIONS[name](*map(_evaluate, given)))
        case _:
            pass
    raise ValueError(f"'{ast.unparse(node)}' is not arithmetic")


def _operate(op: ast.operator, left: Number, right: Number) -> Number:
    powers = isinstance(op, ast.Pow) and isinstance(left, int) and isinstance(right, int)
    if powers and int(left).bit_length() * abs(right) > _LARGEST:
        raise OverflowError
    result = _real(_BINARY[type(op)](left, right))
    if isinstance(result, int) and result.bit_length() > _LARGEST:
        raise OverflowError
    return result


def _real(value: object) -> Number:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"'{value}' is not a real number")
    return value


def _whole(value: Number) -> Number:
    if not math.isfinite(value):
        raise ValueError(f"'{value}' is not a number")
    return int(value) if value == int(value) else value
