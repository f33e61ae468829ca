"""Adapters: what was trained, as the GGUF file that llama.cpp loads beside the weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import gguf
import numpy as np

if TYPE_CHECKING:
    from .network import Network

__all__ = ["write_adapter"]


def write_adapter(network: Network, path: Path, *, rank: int) -> None:
    """Write the low-rank changes of `network` in half precision; the change applies as it is, unscaled."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(rank))
    writer.add_string("general.name", "forethought planner")
    writer.add_string("general.license", "apache-2.0")
    for index, layer in enumerate(network.layers):
        for name, each in layer.items():  # type: ignore[operator]
            for part in ("a", "b"):
                values = getattr(each, part).detach().float().numpy().astype(np.float16)
                writer.add_tensor(f"blk.{index}.{name}.weight.lora_{part}", np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
