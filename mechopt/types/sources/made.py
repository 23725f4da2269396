"""Laws that a user makes of others: in functions that take any distribution for a law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import shown
from mechopt._util.given import given_numbers, is_real, real_number
from mechopt._util.rationals import as_fraction
from mechopt.errors import InvalidInputError
from mechopt.types.continuous import ContinuousPrior
from mechopt.types.source import Source
from mechopt.types.sources.affine import Affine
from mechopt.types.sources.any_law import component, restricted
from mechopt.types.sources.finite import Finite
from mechopt.types.sources.mixed_law import MixedLaw
from mechopt.types.sources.order_statistic import OrderStatistic
from mechopt.types.sources.truncated import Truncated


def named(name: str, parameters: Mapping[str, Any] | None = None, /, **keywords: Any) -> Source:
    """Return a law of scipy.stats by its name, bounded or not.

    Parameters
    ----------
    name
        Its name there, such as ``"norm"``.
    parameters, keywords
        Parameters by their names there: numbers, fractions or texts.

    Raises
    ------
    InvalidInputError
        For names and parameters that scipy does not know.

    Examples
    --------
    >>> named("beta", a=2, b=3).support
    (0.0, 1.0)
    """
    given = {key: as_fraction(value) for key, value in {**(parameters or {}), **keywords}.items()}
    return ContinuousPrior.named(name, given)


def truncated(law: Any, low: float, high: float) -> Source:
    """Return a law on condition that types lie between two numbers, both included.

    Parameters
    ----------
    law
        A law, or a distribution of scipy.stats, bounded or not.
    low, high
        The numbers, in money; infinite where nothing is cut off.

    Raises
    ------
    InvalidInputError
        Where nothing is left between them.

    Examples
    --------
    >>> import numpy as np
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> truncated(ContinuousPrior("norm"), -1, 1).below(np.array([0.0]))
    array([0.5])
    """
    return Truncated(restricted(law, low, high), _number("low", low), _number("high", high))


def mixture(laws: Sequence[Any], weights: npt.ArrayLike) -> Source:
    """Return the law of one of several laws, drawn with given probabilities.

    Parameters
    ----------
    laws
        Laws, or distributions of scipy.stats; finite ones put atoms into the mixture.
    weights : array of shape (num_laws,)
        Their probabilities, positive and summing to one; fractions and texts too.

    Raises
    ------
    InvalidInputError
        For weights that are no distribution.

    Examples
    --------
    >>> import numpy as np
    >>> from mechopt.priors import finite
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> law = mixture([ContinuousPrior("uniform"), finite([0.5])], [0.75, 0.25])
    >>> law.below(np.array([0.25, 0.5])), law.atoms
    (array([0.1875, 0.625 ]), array([0.5]))
    """
    return MixedLaw(tuple(map(component, laws)), given_numbers(weights, "weights")[0])


def shifted_and_scaled(law: Any, *, factor: float = 1.0, shift: float = 0.0) -> Source:
    """Return the law of types multiplied by a number, with another added.

    Parameters
    ----------
    law
        A law, or a distribution of scipy.stats.
    factor, shift
        ``factor * type + shift``; floats, fractions or texts.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> shifted_and_scaled(ContinuousPrior("uniform"), factor=-2, shift=3).support
    (1.0, 3.0)
    """
    given = as_fraction(factor), as_fraction(shift)
    numbers = float(given[0]), float(given[1])
    decimal = tuple(as_fraction(number) for number in numbers)
    exact = None if decimal == given else (str(given[0]), str(given[1]))
    return Affine(component(law), *numbers, exact)


def order_statistic(law: Any, draws: int, rank: int | None = None) -> Source:
    """Return the law of the k-th lowest of independent draws; of the highest, unless said.

    Parameters
    ----------
    law
        The law of one draw, or a distribution of scipy.stats.
    draws
        How many draws, at least 1.
    rank
        1 for the lowest, ``draws`` for the highest.

    Examples
    --------
    >>> import numpy as np
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> order_statistic(ContinuousPrior("uniform"), 3).below(np.array([0.5])).round(12)
    array([0.125])
    """
    return OrderStatistic(component(law), draws, draws if rank is None else rank)


def finite(types: npt.ArrayLike, probabilities: npt.ArrayLike | None = None) -> Source:
    """Return the law of finitely many types, to be mixed with others or to stand by itself.

    Parameters
    ----------
    types, probabilities
        As in :meth:`mechopt.TypeSpace.finite`; for a prior of these types alone, use that, which
        keeps fractions.

    Examples
    --------
    >>> import numpy as np
    >>> finite([1, 2], ["1/4", "3/4"]).below(np.array([1.0]))
    array([0.25])
    """
    return Finite.of(types, probabilities)


def _number(where: str, value: Any) -> float:
    try:
        number = real_number(value) if is_real(value) else float(as_fraction(value))
    except (InvalidInputError, TypeError, ValueError):
        number = float("nan")
    if np.isnan(number):
        raise InvalidInputError(
            "not a number",
            where=where,
            expected="a number, or an infinite one",
            got=shown(value),
            remedy="Give a number.",
        )
    return number
