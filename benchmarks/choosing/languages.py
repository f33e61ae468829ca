"""How well semantic memory finds notes in four languages: by a question in their words, and by one in other words.

    python -m benchmarks.choosing.languages [--embedder SPEC]

Each language has twelve notes; a hit is the note itself in first place (by chance, one in twelve). The last rows ask
in one language for notes in another.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import cast, get_args

from forethought.kernel.memory.memory import SemanticMemory
from forethought.kernel.memory.records import Mode, Record

__all__ = ["main"]

NOTES = Path(__file__).with_name("languages.yaml")
LANGUAGES = ("english", "chinese", "japanese", "arabic")
MODES = cast("tuple[Mode, ...]", get_args(Mode))


async def measure(embedder: str) -> None:
    """Print the table."""
    import yaml

    notes = cast("list[dict[str, list[str]]]", yaml.safe_load(NOTES.read_text(encoding="utf-8")))
    print(f"| notes in | questions in | asked in | {' | '.join(MODES)} |\n|{'---|' * (3 + len(MODES))}")
    async with SemanticMemory.open(":memory:", embedder=embedder) as memory:
        for language in LANGUAGES:
            records = [Record(id=str(number), text=each[language][0]) for number, each in enumerate(notes)]
            await memory.save_many(language, records)
        asked = [(language, language, way) for language in LANGUAGES for way in (1, 2)]
        asked += [("english", language, 1) for language in LANGUAGES[1:]]
        for language, of_question, way in asked:
            questions = [each[of_question][way] for each in notes]
            found = [f"{await _first(memory, language, questions, mode)}/{len(notes)}" for mode in MODES]
            words = "its words" if language == of_question and way == 1 else "other words"
            print(f"| {language.title()} | {of_question.title()} | {words} | {' | '.join(found)} |", flush=True)


async def _first(memory: SemanticMemory, language: str, questions: Sequence[str], mode: Mode) -> int:
    """Return how many of the questions find their own note first."""
    count = 0
    for number, question in enumerate(questions):
        hits = await memory.search(question, collection=language, mode=mode, limit=1)
        count += bool(hits) and hits[0].record.id == str(number)
    return count


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--embedder", default="local", help="the embedder's spec (default: local)")
    asyncio.run(measure(cast("str", parser.parse_args().embedder)))


if __name__ == "__main__":
    main()
