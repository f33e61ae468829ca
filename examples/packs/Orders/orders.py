"""Native functions of the Orders pack: an order book in memory."""

from __future__ import annotations

from typing import Annotated

from forethought.kernel import skill

ORDERS = {7: ("Ada", "three notebooks"), 8: ("Grace", "a compass")}


@skill(effect="reads:orders", quick=True)
def customer(number: Annotated[int, "the order's number"]) -> str:
    """Find the customer of an order."""
    return ORDERS[number][0]


@skill(effect="reads:orders", quick=True)
def items(number: Annotated[int, "the order's number"]) -> str:
    """Tell what was ordered."""
    return ORDERS[number][1]
