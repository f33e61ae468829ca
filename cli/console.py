"""Console: standard output for what was asked, standard error for everything said about it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TextIO, TypeVar

from .hiding import Hiding
from .rendering.styling import Paint, coloured, plain, visible

if TYPE_CHECKING:
    from forethought.kernel.problems import Problem
    from forethought.planners.running.result import RunResult

__all__ = ["Console", "UsageError"]

_WIDTH = 100


class UsageError(Exception):
    """The command line itself is wrong: exit 2. `hint` is the way out."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Closable(Protocol):
    """What is to be closed."""

    def close(self) -> None: ...


Closing = TypeVar("Closing", bound=Closable)


class Console:
    """The three standard streams of the process, and what they can show.

    With `json`, standard output gets one document and nothing else. What a stream's encoding cannot say is escaped,
    never an error. Secrets are hidden on both streams, unless `secrets` are to be shown. (No dataclass: those cost a
    tenth of what `--help` may take.)
    """

    __slots__ = ("_open", "hiding", "input", "json", "messages", "output")

    def __init__(self, *, json: bool = False, secrets: bool = False) -> None:
        self.hiding = Hiding(off=secrets)
        self.output = _or_nowhere(sys.stdout)
        self.messages = _or_nowhere(sys.stderr)
        self.input: TextIO | None = sys.stdin
        self.json = json
        self._open: list[Closable] = []
        for stream in (self.output, self.messages):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")

    def closed_at_end(self, opened: Closing) -> Closing:
        """Return what was opened, to be closed once the command is over."""
        self._open.append(opened)
        return opened

    def close(self) -> None:
        """Close what was opened, the latest first."""
        while self._open:
            self._open.pop().close()

    @property
    def secrets(self) -> bool:
        """True where secrets are to be shown."""
        return self.hiding.off

    @property
    def width(self) -> int:
        """How long a line may be: what the terminal has, from 40 to 120; 100 elsewhere."""
        if not self.messages.isatty() and not self.output.isatty():
            return _WIDTH
        import shutil

        return max(40, min(shutil.get_terminal_size((_WIDTH, 24)).columns, 120))

    @property
    def paint(self) -> Paint:
        """How text on standard output is coloured."""
        return _paint(self.output)

    @property
    def paint_messages(self) -> Paint:
        """How text on standard error is coloured."""
        return _paint(self.messages)

    @property
    def foreign(self) -> TextIO:
        """Where functions print: standard error, without secrets."""
        return _Foreign(self)

    @property
    def live(self) -> bool:
        """True where standard error is a terminal that can redraw lines."""
        return self.messages.isatty() and os.environ.get("TERM") != "dumb"

    @property
    def answers(self) -> bool:
        """True where somebody can be asked: standard input and standard error are a terminal."""
        return self.input is not None and self.input.isatty() and self.messages.isatty()

    def print(self, text: str) -> None:
        """Write a line (or several) that we composed to standard output."""
        self.output.write(f"{self.hiding.text(text)}\n")

    def print_value(self, text: str) -> None:
        """Write foreign text to standard output: as it is into a file or pipe, made visible on a terminal."""
        text = self.hiding.text(text)
        self.output.write(visible(text, keep="\n\t") if self.output.isatty() else text)
        if not text.endswith("\n"):
            self.output.write("\n")

    def print_json(self, document: object) -> None:
        """Write the one JSON document."""
        import json
        import re

        dumped = json.dumps(self.hiding.value(document), ensure_ascii=not _says_everything(self.output), indent=2)
        # Controls that JSON lets pass, and those that reorder a line, are written as JSON escapes.
        shown = re.sub("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]", lambda found: f"\\u{ord(found[0]):04x}", dumped)
        self.output.write(f"{shown}\n")

    def print_run(self, result: RunResult, **more: object) -> None:
        """Write what came of a run as the one JSON document, with `more` members."""
        self.print_json({**self.hiding.document(result), **more})

    def tell(self, text: str = "") -> None:
        """Write a line (or several) that we composed to standard error."""
        self.messages.write(f"{self.hiding.text(text)}\n")
        self.messages.flush()

    def fail(self, message: str, hint: str = "") -> None:
        """Say on standard error what went wrong, in one line, and the way out; the texts may hold foreign words."""
        paint = self.paint_messages
        self.tell(f"{paint('forethought:', 'bold')} {paint('error:', 'red', 'bold')} {visible(message)}")
        if hint:
            self.tell(f"  {paint('hint:', 'bold')} {visible(hint)}")

    def tell_problems(self, problems: Sequence[Problem], *, file: str, source: str = "") -> None:
        """Show problems on standard error; nothing where there is none."""
        if problems:
            from .rendering.problems import render_problems

            source = self.hiding.source(source)
            self.tell(render_problems(problems, file=file, source=source, paint=self.paint_messages, width=self.width))

    def ask(self, question: str) -> bool:
        """Ask on standard error and read the answer; only a clear yes is one."""
        return self.line(f"{question} [y/N]").strip().lower() in ("y", "yes")

    def choose(self, question: str, choices: Mapping[str, str]) -> str:
        """Ask on standard error which of `choices` it is, by their letters; what is none of them is the last."""
        self.tell(question)
        for letter, meaning in choices.items():
            self.tell(f"  {letter}  {meaning}")
        answer = self.line(f"[{'/'.join(choices)}]").strip().lower()[:1]
        return answer if answer in choices else list(choices)[-1]

    def line(self, question: str) -> str:
        """Ask on standard error and return the line that is typed."""
        lines = self.input
        assert lines is not None

        def asked() -> str:
            self.messages.write(f"{self.hiding.text(question)} ")
            self.messages.flush()
            return lines.readline()

        return _interruptible(asked).rstrip("\n")


class _Foreign(io.StringIO):
    """Tells what is written to it."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def write(self, text: str, /) -> int:
        return self._console.messages.write(self._console.hiding.text(text))

    def flush(self) -> None:
        self._console.messages.flush()


def _interruptible(read: Callable[[], str]) -> str:
    """Ask and read; an interrupt ends that at once, where asyncio would only note it until the answer came."""
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        return read()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return read()
    finally:
        signal.signal(signal.SIGINT, before)


def _or_nowhere(stream: TextIO | None) -> TextIO:
    """Return the stream, or one that goes nowhere for one that the caller has closed."""
    return open(os.devnull, "w", encoding="utf-8") if stream is None else stream  # noqa: PTH123


def _paint(stream: TextIO) -> Paint:
    on = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return coloured if on else plain


def _says_everything(stream: TextIO) -> bool:
    return (stream.encoding or "utf-8").lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig")
