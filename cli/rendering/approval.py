"""What a plan will do to the world, said before it does."""

from __future__ import annotations

from forethought.planners.scheduling.schedule import Schedule, ScheduledStep

from .plans import asks, effect_in_words
from .styling import visible

__all__ = ["effects", "render_effects"]


def effects(schedule: Schedule) -> tuple[ScheduledStep, ...]:
    """Return the steps that somebody should agree to, in document order."""
    return tuple(step for step in schedule.steps if asks(step.signature))


def render_effects(steps: tuple[ScheduledStep, ...]) -> str:
    """Return one line a step: `  4. Emailer.sendEmail: writes Emailer, open world`."""
    return "\n".join(
        f"  {step.id}. {visible(step.signature.full_name)}: {effect_in_words(step.signature)}" for step in steps
    )
