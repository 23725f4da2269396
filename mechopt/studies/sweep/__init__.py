"""Sweeps: one instance file answered at every point of a grid of its numbers."""

from mechopt.studies.sweep.run import Sweep, sweep
from mechopt.studies.sweep.variation import Variation

__all__ = ["Sweep", "Variation", "sweep"]
