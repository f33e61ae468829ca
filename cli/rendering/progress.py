"""Progress of a run: each event a line; on a terminal, what runs right now below them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, assert_never

from forethought.kernel.functions import Usage
from forethought.kernel.models.fallback import telling
from forethought.kernel.values import text
from forethought.planners.running.events import (
    Event,
    Listener,
    RunFinished,
    RunStarted,
    StepCancelled,
    StepFailed,
    StepFinished,
    StepRetried,
    StepStarted,
    StepWaiting,
)

from .styling import Paint, plain, visible

if TYPE_CHECKING:
    from forethought.cli.console import Console

__all__ = ["EventLines", "progress", "usage_in_words", "waiting"]

_LONGEST_OUTPUT = 72
_MOST_SHOWN = 10
_LOOPS = frozenset({"foreach", "while"})


class EventLines:
    """Says each event in one line; times are told from one second on."""

    def __init__(
        self,
        *,
        paint: Paint = plain,
        starts: bool = True,
        hide: Callable[[str, str], str] = lambda step, output: output,
    ) -> None:
        """With `starts` off, a step is told when it ends, not when it starts.

        `hide` takes the id of a step and what it gave, as text, and returns that without its secrets.
        """
        self._hide = hide
        self._paint = paint
        self._starts = starts
        self._started: dict[str, float] = {}
        self._begun = 0.0

    def __call__(self, event: Event) -> str | None:
        """Return the line for `event`, or None where there is nothing to tell."""
        paint = self._paint
        match event:
            case RunStarted(at=at, steps=steps, finished=finished):
                self._begun = at
                taken = "; what is finished does not run again" if finished else ""
                return f"running {steps} step{'' if steps == 1 else 's'}{taken}"
            case StepStarted(attempt=1):
                self._started[event.step] = event.at
                return f"{self._name(event)} started" if self._starts and event.function != "if" else None
            case StepStarted(attempt=attempt):
                return f"{self._name(event)} started again, attempt {attempt}"
            case StepFinished(output=output, note=note):
                noted = f" ({note})" if note else ""
                done = f"{self._name(event)} {paint('done', 'green')}{self._took(event)}{noted}"
                return done + (_rounds(output) if event.function in _LOOPS else self._gave(event))
            case StepRetried(error=error, wait=wait):
                return f"{self._name(event)} {paint('failed', 'yellow')}, again in {wait:.1f} s: {visible(error)}"
            case StepFailed(error=error):
                return f"{self._name(event)} {paint('failed', 'red')}{self._took(event)}: {visible(error)}"
            case StepWaiting():
                return f"{self._name(event)} {paint('waits for an approval', 'yellow')}"
            case StepCancelled():
                return f"{self._name(event)} {paint('cancelled', 'yellow')}{self._took(event)}"
            case RunFinished(status=status, usage=usage, at=at):
                spent = f", {usage_in_words(usage)}" if usage.calls else ""
                shown = paint(status, "green" if status == "succeeded" else "red")
                return f"run {shown}{_seconds(at - self._begun)}{spent}"
            case _:
                assert_never(event)

    def _gave(self, event: StepFinished) -> str:
        if event.output is None or event.output == "":
            return ""
        shown = visible(self._hide(event.step, text(event.output))[: 2 * _LONGEST_OUTPUT])
        return f": {shown if len(shown) <= _LONGEST_OUTPUT else f'{shown[: _LONGEST_OUTPUT - 3]}...'}"

    def _name(self, event: StepStarted | StepFinished | StepRetried | StepFailed | StepCancelled | StepWaiting) -> str:
        return f"[{event.step}] {self._paint(visible(event.function), 'cyan')}"

    def _took(self, event: StepFinished | StepFailed | StepCancelled) -> str:
        return _seconds(event.at - self._started.get(event.step, event.at))


def _seconds(seconds: float) -> str:
    return f" in {seconds:.1f} s" if seconds >= 1 else ""


def _rounds(count: object) -> str:
    return f": {count} round{'' if count == 1 else 's'}"


def usage_in_words(usage: Usage) -> str:
    """Return what models spent: `2 model calls, 310 + 45 tokens`."""
    calls = f"{usage.calls} model call{'' if usage.calls == 1 else 's'}"
    return f"{calls}, {usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens"


@contextmanager
def progress(console: Console) -> Generator[Listener, None, None]:
    """Yield a listener that shows a run, and every fall from one model to the next, on standard error in the block."""
    if console.live:
        with _live(console) as listener:
            yield listener
        return
    lines = EventLines(paint=console.paint_messages, hide=console.hiding.output)

    def listen(event: Event) -> None:
        line = lines(event)
        if line is not None:
            console.tell(line)

    with telling(lambda fall: console.tell(visible(str(fall)))):
        yield listen


@contextmanager
def waiting(console: Console, what: str) -> Generator[None, None, None]:
    """Say that something takes a while: one line, or on a terminal one that turns and goes away.

    Every fall from one model to the next is told in a line of its own.
    """
    if not console.live:
        console.tell(f"{visible(what)} ...")
        with telling(lambda fall: console.tell(visible(str(fall)))):
            yield
        return
    from rich.console import Console as Terminal
    from rich.text import Text

    terminal = Terminal(file=console.messages, highlight=False)
    with terminal.status(Text(visible(what))), telling(lambda fall: terminal.print(Text(visible(str(fall))))):
        yield


@contextmanager
def _live(console: Console) -> Generator[Listener, None, None]:
    from rich.console import Console as Terminal
    from rich.console import Group
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.text import Text

    terminal = Terminal(file=console.messages, highlight=False)
    lines = EventLines(paint=console.paint_messages, starts=False, hide=console.hiding.output)
    running: dict[str, Spinner] = {}
    with Live(Group(), console=terminal, transient=True) as live:

        def listen(event: Event) -> None:
            line = lines(event)
            if isinstance(event, RunStarted):
                live.start()
            elif isinstance(event, RunFinished):
                live.stop()  # what comes between two runs has the terminal for itself
            elif isinstance(event, StepStarted):
                running[event.step] = Spinner("dots", Text(f"[{event.step}] {visible(event.function)}"))
            elif isinstance(event, StepFinished | StepFailed | StepCancelled):
                running.pop(event.step, None)
            if line is not None:
                live.console.print(Text.from_ansi(console.hiding.text(line)))
            live.update(Group(*list(running.values())[:_MOST_SHOWN]))

        with telling(lambda fall: live.console.print(Text(visible(str(fall))))):
            yield listen
