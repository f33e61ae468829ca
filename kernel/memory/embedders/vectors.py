"""Vectors: how they are made to be of length one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from forethought.kernel.memory.embedder import FloatMatrix

__all__ = ["of_unit_length"]


def of_unit_length(vectors: FloatMatrix) -> FloatMatrix:
    """Return each row at length one; a row of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: FloatMatrix = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return unit
