"""Sweeps: one instance file answered at every point of a grid of its numbers."""

from mechopt.sweeps.run import Sweep, sweep
from mechopt.sweeps.variation import Variation

__all__ = ["Sweep", "Variation", "sweep"]
