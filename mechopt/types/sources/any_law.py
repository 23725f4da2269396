"""Whatever a user calls a distribution, as a law of types."""

from __future__ import annotations

from typing import Any

from mechopt.types.continuous import ContinuousPrior
from mechopt.types.source import Source
from mechopt.types.sources.finite import Finite


def law_of(distribution: Any) -> Source | tuple[Any, Any]:
    """Return the law of a distribution; of a discrete one its types and their probabilities."""
    if isinstance(distribution, Finite):
        return distribution.types, distribution.mass
    if isinstance(distribution, Source):
        return distribution
    return ContinuousPrior.of(distribution)
