"""Questions that take several solutions: the continuum, the frontier, comparisons, sweeps."""
