"""Text as the tokens that llama.cpp makes of it, for the weights whose file is given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gguf

from forethought.kernel.models.chat import Message

__all__ = ["Tokens"]


class Tokens:
    """The tokenizer that stands in a GGUF file of SmolLM2: byte-level BPE in which each digit stands alone."""

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer, decoders, models, pre_tokenizers

        reader = gguf.GGUFReader(path)
        found = {key: reader.fields[f"tokenizer.ggml.{key}"].contents() for key in ("tokens", "merges", "token_type")}
        vocabulary = {token: index for index, token in enumerate(found["tokens"])}
        merges = [tuple(each.split(" ")) for each in found["merges"]]
        self._tokenizer = Tokenizer(models.BPE(vocabulary, merges))
        self._tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        )
        self._tokenizer.decoder = decoders.ByteLevel()
        self._start, self._end = vocabulary["<|im_start|>"], vocabulary["<|im_end|>"]

    def plain(self, text: str) -> list[int]:
        """Return the tokens of a text, in which nothing is a control token."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def text(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens."""
        return str(self._tokenizer.decode(list(tokens), skip_special_tokens=False))

    def message(self, message: Message) -> list[int]:
        """Return the tokens of a message as the model's chat template has it."""
        start = [self._start, *self.plain(f"{message.role}\n"), *self.plain(message.content)]
        return [*start, self._end, *self.plain("\n")]

    def answer(self) -> list[int]:
        """Return the tokens after which the model answers."""
        return [self._start, *self.plain("assistant\n")]
