"""Polynomials through Chebyshev's nodes, which stand for smooth functions on an interval."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.polynomial.chebyshev import chebvander

from mechopt._util.arrays import FloatArray

# Where panels double from an end with a root of the probability, twenty leave 1e-14.
NUM_NODES = 20


@lru_cache(maxsize=1)
def nodes() -> FloatArray:
    """Return Chebyshev's nodes from -1 to 1, the ends included.

    Examples
    --------
    >>> nodes()[[0, -1]], nodes().size
    (array([-1.,  1.]), 20)
    """
    inner = np.sin(0.5 * np.pi * np.arange(3 - NUM_NODES, NUM_NODES - 2, 2) / (NUM_NODES - 1))
    return np.concatenate([[-1.0], inner, [1.0]])


@lru_cache(maxsize=1)
def coefficients() -> FloatArray:
    """Return the matrix from values at the nodes to coefficients of Chebyshev polynomials.

    Examples
    --------
    >>> abs(coefficients() @ nodes()).round(12)[:3]
    array([0., 1., 0.])
    """
    return np.asarray(np.linalg.inv(chebvander(nodes(), NUM_NODES - 1)), dtype=np.float64)
