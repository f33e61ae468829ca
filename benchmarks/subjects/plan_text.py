"""The plan that parsers read: N steps over four functions, in the form that Semantic Kernel 1.32 and we both read."""

from __future__ import annotations


def plan_text(steps: int) -> str:
    """Return a plan of `steps` steps, each fed by the one before."""
    lines = ["<plan>"]
    for number in range(steps):
        source = f"$V{number - 1}" if number else "hello"
        lines.append(
            f'  <function.Text-f{number % 4} input="{source}" amount="{number}" note="step {number} of the plan" '
            f'setContextVariable="V{number}"/>'
        )
    lines[-1] = lines[-1].replace("setContextVariable", "appendToResult")
    lines.append("</plan>")
    return "\n".join(lines)
