"""Questions that take several solutions: the frontier, figures, the bracket of the continuum."""
