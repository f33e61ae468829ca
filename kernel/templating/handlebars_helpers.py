"""The helpers a Handlebars prompt may use: Handlebars' own and Semantic Kernel's, under both of their spellings."""

from __future__ import annotations

__all__ = ["BLOCKS", "HELPERS"]

BLOCKS = frozenset({"each", "if", "message", "unless", "with"})
HELPERS = frozenset(
    """
    add array camelCase camel_case concat doubleClose doubleOpen double_close double_open equals get greaterThan
    greaterThanOrEqual greater_than greater_than_or_equal json lessThan lessThanOrEqual less_than less_than_or_equal
    log lookup messageToPrompt message_to_prompt messages or range set snakeCase snake_case subtract
    """.split()
)
