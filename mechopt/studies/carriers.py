"""Rare values of a sample that carry most of the gains, such as a mark for missing values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from mechopt.environments import Environment
    from mechopt.types import TypeSpace
    from mechopt.types.samples import Sample

# A value of at most this frequency is rare; if it carries more than this share, it stands out.
RARE, MOST = 0.05, 0.5


@dataclass(frozen=True)
class Carrier:
    """A rare value that carries most of the expected gains.

    Parameters
    ----------
    side
        Name of the agent.
    value
        The value, in money, not measured from an origin.
    count, size
        How many values of the sample are that one, of how many.
    share
        Its share of the first best of the sample, uncut, and the other side's prior.

    Examples
    --------
    >>> Carrier("buyer", 9999999.0, 1, 60, 0.9986).sentence()
    'one value of buyer, 9999999 (1 of 60), carries 99.9 % of the gains: a mark for missing?'
    """

    side: str
    value: float
    count: int
    size: int
    share: float

    def record(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "side": self.side,
            "value": self.value,
            "count": self.count,
            "of": self.size,
            "share_of_first_best": self.share,
        }

    def sentence(self) -> str:
        """Return what a report says of it."""
        where = f"{self.value:.15g} ({self.count:,} of {self.size:,})"
        share = f"{100.0 * self.share:.1f} %"
        carries = f"carries {share} of the gains: a mark for missing?"
        return f"one value of {self.side}, {where}, {carries}"


def carriers_of(
    samples: Mapping[str, Sample], environment: Environment, origin: Fraction = Fraction(0)
) -> tuple[Carrier, ...]:
    """Return the values of samples that are rare and carry most of the gains of bilateral trade.

    Parameters
    ----------
    samples
        The samples by agents' names, measured from the origin, as the environment is.
    environment
        Two agents, of whom the first gives what the second receives.
    origin
        What types are measured from.
    """
    found = []
    agents, roles = environment.agents, environment.outcomes.roles
    for agent, role, other in zip(agents, roles, reversed(agents), strict=True):
        if agent.name in samples:
            sign = -1.0 if role.gives else 1.0
            carrier = _carrier(agent.name, samples[agent.name], sign, other.types, origin)
            found += [] if carrier is None else [carrier]
    return tuple(found)


def _carrier(
    side: str, sample: Sample, sign: float, other: TypeSpace, origin: Fraction
) -> Carrier | None:
    values, counts = np.unique(sample.values, return_counts=True)
    size = int(sample.values.size)
    order = np.argsort(sign * other.mean, kind="stable")
    types, mass = sign * other.mean[order], other.mass[order]
    # Below a buyer's value are the costs, and below minus a cost minus the values, that trade.
    below = np.searchsorted(types, sign * values)
    reached, paid = (np.concatenate([[0.0], np.cumsum(part)]) for part in (mass, mass * types))
    gains = np.maximum(counts * (sign * values * reached[below] - paid[below]), 0.0)
    total = float(gains.sum())
    place = int(np.argmax(gains))
    share = float(gains[place]) / total if total > 0.0 else 0.0
    if counts[place] > RARE * size or share <= MOST:
        return None
    value = float(Fraction(float(values[place])) + origin)
    return Carrier(side, value, int(counts[place]), size, share)
