"""Work: an order in twelve steps, with branches side by side, a loop and counted effects; as a plan, and by hand.

Both call the same functions, which wait as long, count what they do to the world, and say who gets ahead.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from forethought.kernel import Kernel, skill

__all__ = ["EFFECTS", "PLAN", "STEPS", "Work", "jain"]

STEPS = 12
EFFECTS = 7
PLAN = """
<plan goal="Take an order">
  <input name="NUMBER"/>
  <function.Work.look input="order $NUMBER" setContextVariable="ORDER"/>
  <function.Work.reserve input="$ORDER" setContextVariable="SHELF"/>
  <function.Work.charge input="$ORDER" setContextVariable="PAID"/>
  <foreach item="WHO" in='["x", "y", "z"]' setContextVariable="SENT">
    <function.Work.look input="$WHO $ORDER" setContextVariable="LETTER"/>
    <function.Work.post input="$LETTER"/>
  </foreach>
  <if test="SHELF != ''">
    <function.Work.stamp input="$SHELF" setContextVariable="STAMP"/>
  </if>
  <else>
    <function.Work.look input="no shelf" setContextVariable="STAMP"/>
  </else>
  <function.Work.look input="$SHELF | $PAID" setContextVariable="SEEN"/>
  <function.Work.note input="$SEEN | $STAMP | $SENT"/>
</plan>
"""


class Work:
    """The functions: `wait` seconds each, but for `stamp`, which is done at once.

    An effect is counted under its name and what it was given, which holds the number of its order.
    """

    def __init__(self, orders: int, wait: float) -> None:
        self.effects: Counter[str] = Counter()
        self.half: list[int] = []
        self._wait = wait
        self._ahead = dict.fromkeys(map(str, range(orders)), 0)
        self._left = orders * STEPS // 2

    async def look(self, input: str) -> str:
        """Look at something."""
        await asyncio.sleep(self._wait)
        return self._done(input, f"<{input}>")

    async def write(self, name: str, input: str, wait: float) -> str:
        """Change the world."""
        self.effects[f"{name} {input}"] += 1
        if wait:
            await asyncio.sleep(wait)
        return self._done(input, f"{name}({input})")

    def _done(self, input: str, output: str) -> str:
        """Count a step for its order; once half of all are done, keep how far each order is."""
        number = input.partition("order ")[2].partition(">")[0]
        self._ahead[number] += 1
        self._left -= 1
        if not self._left:
            self.half = list(self._ahead.values())
        return output

    def kernel(self) -> Kernel:
        """Return a kernel that has them."""
        work, kernel = self, Kernel()

        @skill(effect="reads:world")
        async def look(input: str) -> str:
            """Look at something."""
            return await work.look(input)

        @skill(effect="writes:shelf")
        async def reserve(input: str) -> str:
            """Put something aside."""
            return await work.write("reserve", input, work._wait)

        @skill(effect="writes:money")
        async def charge(input: str) -> str:
            """Take the money."""
            return await work.write("charge", input, work._wait)

        @skill(effect="writes:mail")
        async def post(input: str) -> str:
            """Send a letter."""
            return await work.write("post", input, work._wait)

        @skill(effect="writes:stamps", idempotent=True)
        async def stamp(input: str) -> str:
            """Stamp something."""
            return await work.write("stamp", input, 0)

        @skill(effect="writes:notes")
        async def note(input: str) -> str:
            """Note something."""
            return await work.write("note", input, work._wait)

        for function in (look, reserve, charge, post, stamp, note):
            kernel.add_functions(function, "Work")
        return kernel

    async def by_hand(self, number: int) -> str:
        """Do the same as the plan, each call as early as there, without any of what makes it a plan."""
        wait = self._wait
        order = await self.look(f"order {number}")
        paying = asyncio.create_task(self.write("charge", order, wait))
        letters = [asyncio.create_task(self.look(f"{who} {order}")) for who in ("x", "y", "z")]
        sending = asyncio.create_task(self._post(letters))
        shelf = await self.write("reserve", order, wait)
        stamp = await self.write("stamp", shelf, 0) if shelf != "" else await self.look("no shelf")
        seen = await self.look(f"{shelf} | {await paying}")
        return await self.write("note", f"{seen} | {stamp} | {await sending}", wait)

    async def _post(self, letters: Sequence[asyncio.Task[str]]) -> list[str]:
        return [await self.write("post", await each, self._wait) for each in letters]


def jain(shares: Sequence[float]) -> float:
    """Return Jain's index of fairness: one where all have the same, 1/n where one of n has everything."""
    return sum(shares) ** 2 / (len(shares) * sum(each * each for each in shares))
