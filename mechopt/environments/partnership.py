"""Partnerships: partners who own shares of a good decide who shall have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.given import is_real
from mechopt._util.rationals import FractionArray, as_fraction
from mechopt._util.registry import saved_as
from mechopt.environments.agent import Agent, OutsideOption
from mechopt.environments.auction import IdenticalGoods
from mechopt.environments.environment import Environment
from mechopt.environments.kinds import agents, kind, whole
from mechopt.environments.members import agents_of
from mechopt.environments.role import Role, numbered
from mechopt.errors import InvalidInputError
from mechopt.types import TypeSpace
from mechopt.types.prior import Joint

# Shares given as floats sum to the number of units within this.
ROUNDING = 1e-12


@saved_as("mechopt.OwnShare")
@dataclass(frozen=True)
class OwnShare(OutsideOption):
    """Whoever stays out keeps a share of the good.

    Parameters
    ----------
    share
        How much of a unit it owns, from 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> OwnShare(0.25)(np.array([1.0, 2.0]))
    array([0.25, 0.5 ])
    """

    share: float | Fraction

    def __post_init__(self) -> None:
        if not (is_real(self.share) and 0 <= self.share <= 1):
            raise InvalidInputError(
                "not a share of one unit",
                where="share",
                expected="a number from 0 to 1",
                got=shown(repr(self.share)),
                remedy="Give what the partner owns, such as 0.5 or '1/3'.",
            )

    @property
    def share_of_type(self) -> float:
        """The share."""
        return float(self.share)

    def __call__(self, types: FloatArray) -> FloatArray:
        """Return the share times the type."""
        return np.asarray(float(self.share) * types, dtype=np.float64)

    def in_fractions(self, types: FractionArray) -> FractionArray:
        """Return the same with nothing rounded."""
        return np.asarray(as_fraction(self.share) * types, dtype=object)

    def scaled(self, factor: float) -> OwnShare:
        """Return the same share: it is no money."""
        del factor
        return self


@saved_as("mechopt.SharedGoods")
@dataclass(frozen=True)
class SharedGoods(IdenticalGoods):
    """Units of a good that the agents own together, of whom each wants one.

    Parameters and variables are those of :class:`IdenticalGoods` without a cost.

    Examples
    --------
    >>> [role.name for role in SharedGoods(2).roles]
    ['partner_1', 'partner_2']
    """

    @property
    def roles(self) -> tuple[Role, ...]:
        """Partners by number."""
        word = "probability of the good"
        return numbered("partner", self.num_agents, "receives", "value", word)

    def expected_in_words(self, expected: Sequence[float]) -> tuple[tuple[str, float, str], ...]:
        """Return nothing: all units go to somebody, as a rule."""
        del expected
        return ()


def _share(value: float | Fraction | str, place: str) -> float | Fraction:
    try:
        share = as_fraction(value) if isinstance(value, str) else value
        return OwnShare(share).share
    except InvalidInputError as error:
        raise InvalidInputError(
            "not a share of one unit",
            where=place,
            expected="a number from 0 to 1",
            got=shown(value),
            remedy=error.remedy,
        ) from error


@kind(
    "partnership",
    is_of=lambda environment: isinstance(environment.outcomes, SharedGoods),
    compare="mechopt.literature.cramton1987.comparison:compared",
    report="mechopt.report.traders:PartnershipAddendum",
    partners=agents(
        "partner",
        "a list of tables, with the prior and the share of each partner",
        shares=("share", "what each partner of this table owns, from 0 to 1"),
    ),
    units=whole("how many units they own together, such as 2", default=1),
)
def Partnership(  # noqa: N802 -- it reads as the environment that it returns
    partners: TypeSpace | Sequence[TypeSpace | Agent],
    shares: Sequence[float | Fraction | str],
    units: int = 1,
    prior: Joint | None = None,
) -> Environment:
    """Return partners who own shares of a good, each with a privately known value for one unit.

    What a partner can have by staying out is its share times its type.

    Parameters
    ----------
    partners
        One type space of values for all, or a list with each partner's, in money; agents where they
        have names, which are ``partner_1``, ``partner_2`` and so on otherwise.
    shares
        What each partner owns, from 0 to 1; together as much as there are units.
    units
        How many identical units they own.
    prior
        Joint prior of all types, whose marginals are the type spaces' probabilities; types are
        independent unless it is given.

    Raises
    ------
    InvalidInputError
        For shares that are no such numbers, are not as many as partners, or do not sum to the
        number of units.

    Notes
    -----
    Source: theory.md, section 6.3; Cramton, Gibbons and Klemperer (1987), doi:10.2307/1913602.

    Examples
    --------
    >>> from mechopt import TypeSpace, check_ex_post_efficiency
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> check_ex_post_efficiency(Partnership(types, [0.5, 0.5])).implementable
    True
    >>> check_ex_post_efficiency(Partnership(types, [1, 0])).implementable
    False
    """
    owned = [_share(share, f"shares[{place}]") for place, share in enumerate(shares)]
    count = len(owned) if isinstance(partners, TypeSpace) else None
    members = agents_of(partners, count, "partner")
    if len(members) != len(owned):
        raise InvalidInputError(
            "not one share per partner",
            where="shares",
            expected=f"{len(members)} numbers",
            got=f"{len(owned)}",
            remedy="Give the share of each partner, 0 for one that owns nothing.",
        )
    outcomes = SharedGoods(len(members), units)
    # A float stands for the decimal that it prints as, or for what rounding made of one.
    total = sum(map(as_fraction, owned), Fraction(0))
    allowed = ROUNDING * units if any(isinstance(share, float) for share in owned) else 0.0
    if abs(float(total - units)) > allowed:
        raise InvalidInputError(
            "shares that do not sum to what there is",
            where="shares",
            expected=f"a sum of {units}",
            got=f"a sum of {float(total):.12g}",
            remedy="Divide all units among the partners.",
        )
    owners = (
        replace(member, outside_option=OwnShare(share))
        for member, share in zip(members, owned, strict=True)
    )
    return Environment(tuple(owners), outcomes, prior)
