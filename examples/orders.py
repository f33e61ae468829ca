"""Functions in code, a plan as text: read it, check it, see what may overlap, run it. Needs no model."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from forethought.kernel import Kernel, skill
from forethought.planners import check, parse, run, schedule


@dataclass
class Order:
    number: int
    customer: str
    total: float


class Orders:
    @skill(effect="reads:orders")
    def largest(self, count: int = 1) -> list[Order]:
        """The largest orders, largest first."""
        orders = [Order(1, "Ada", 20.0), Order(2, "Grace", 75.5), Order(3, "Alan", 42.0)]
        return sorted(orders, key=lambda order: -order.total)[:count]

    @skill(effect="writes:orders", idempotent=True)
    def discount(self, number: int, percent: float) -> str:
        """Give a discount on one order."""
        return f"order {number}: {percent:g} % off"


PLAN = """
<plan goal="Thank the best customer with ten percent off">
  <function.Orders.largest setContextVariable="BEST"/>
  <function.Orders.discount number="$BEST[0].number" percent="10" appendToResult="RESULT__DISCOUNT"/>
</plan>
"""


async def main() -> None:
    kernel = Kernel()
    kernel.add_functions(Orders(), "Orders")
    plan = parse(PLAN)
    for problem in check(plan, kernel.skills):
        print(problem)
    for step in schedule(plan, kernel.skills).steps:
        print(step.id, step.signature.full_name, f"after {', '.join(step.after) or 'nothing'}")
    result = await run(plan, kernel)
    print(result.value)


if __name__ == "__main__":
    asyncio.run(main())
