"""Player 1's gap for many beliefs by one linear program with a block for each pair of beliefs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray
from mechopt.backends.settings import SOLVER_TOLERANCE
from mechopt.program.highs_model import load
from mechopt.program.standard_form import StandardForm

if TYPE_CHECKING:
    from scipy import sparse

# What a mechanism may miss, and be short of the bound that its multipliers prove, in first bests.
PROVED = 1e-12

Pair = tuple[float, float]


@dataclass(frozen=True, eq=False)
class _Programs:
    """Programs of the same shape, one for each pair of beliefs.

    Variables are who gets the good in each profile, player 1 first, and what types pay; rows are
    that there is one good, the incentives of neighbouring types, the random-monopoly bounds, and
    that payments do not sum to less than zero (theory.md, section 4). All but ``types`` have the
    beliefs on their first axis.

    Parameters
    ----------
    types
        By player, in increasing order, in money.
    mass
        By player, the probabilities of its types.
    floors
        By player, the random-monopoly bounds of its types, in money.
    """

    types: tuple[FloatArray, FloatArray]
    mass: tuple[FloatArray, FloatArray]
    floors: tuple[FloatArray, FloatArray]

    @property
    def shape(self) -> tuple[int, int]:
        """How many types the players have."""
        return self.types[0].size, self.types[1].size

    @property
    def scale(self) -> FloatArray:
        """The first best, by which money errors are judged; 1 where there is none."""
        best = np.maximum.outer(*self.types)
        expected = np.einsum("ni,nj,ij->n", *self.mass, best)
        return np.where(expected > 0.0, expected, 1.0)

    def quantities(self, goods: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the chance of each type to get the good, from that in each profile."""
        first, second = self.mass
        return (
            np.einsum("nj,nij->ni", second, goods[:, 0]),
            np.einsum("ni,nij->nj", first, goods[:, 1]),
        )

    def rows(self) -> tuple[FloatArray, FloatArray]:
        """Return the rows (beliefs, rows, variables) and what each has to be at least."""
        sizes = self.shape
        num = len(self.mass[0])
        profiles = sizes[0] * sizes[1]
        width = 2 * profiles + sum(sizes)
        goods = np.eye(width)[: 2 * profiles].reshape(2, profiles, width)
        paid = np.split(np.eye(width)[2 * profiles :], [sizes[0]])
        owned = goods.reshape(2, *sizes, width)
        one_good = np.broadcast_to(-goods.sum(axis=0), (num, profiles, width))
        parts, least = [one_good], [-np.ones((num, profiles))]
        for i, quantity in enumerate(
            (
                np.einsum("nj,ijw->niw", self.mass[1], owned[0]),
                np.einsum("ni,ijw->njw", self.mass[0], owned[1]),
            )
        ):
            types = self.types[i][:, None]
            rise, step = np.diff(quantity, axis=1), np.diff(paid[i], axis=0)
            parts += [types[1:] * rise - step, step - types[:-1] * rise]
            parts += [types * quantity - paid[i]]
            least += [np.zeros((num, 2 * (sizes[i] - 1))), self.floors[i]]
        parts.append(np.concatenate(self.mass, axis=1)[:, None] @ np.concatenate(paid))
        least.append(np.zeros((num, 1)))
        return np.concatenate(parts, axis=1), np.concatenate(least, axis=1)

    def cost(self) -> FloatArray:
        """Return what each variable adds to player 1's payoff."""
        own = self.mass[0] * self.types[0]
        gained = own[:, :, None] * self.mass[1][:, None, :]
        num, size = len(own), self.shape[0] * self.shape[1]
        nothing = np.zeros((num, size)), np.zeros((num, self.shape[1]))
        return np.concatenate([gained.reshape(num, size), nothing[0], -self.mass[0], nothing[1]], 1)

    def value(self, goods: FloatArray, paid: tuple[FloatArray, FloatArray]) -> FloatArray:
        """Return player 1's expected payoff; NaN where the mechanism is not one."""
        missed = [-goods.min(axis=(1, 2, 3)), goods.sum(axis=1).max(axis=(1, 2)) - 1.0]
        money = [-sum((m * own).sum(axis=1) for m, own in zip(self.mass, paid, strict=True))]
        utilities = []
        for own, quantity, pays, floor in zip(
            self.types, self.quantities(goods), paid, self.floors, strict=True
        ):
            # What each type gets by each report.
            lies = own[:, None] * quantity[:, None, :] - pays[:, None, :]
            truth = np.einsum("nkk->nk", lies)
            money += [(lies.max(axis=2) - truth).max(axis=1), (floor - truth).max(axis=1)]
            utilities.append(truth)
        most = np.maximum(np.max(missed, axis=0), np.max(money, axis=0) / self.scale)
        value = (self.mass[0] * utilities[0]).sum(axis=1)
        return np.where(most <= PROVED, value, np.nan)

    def bound(self, multipliers: FloatArray) -> FloatArray:
        """Return what no mechanism exceeds, whatever the multipliers of the rows.

        Payments are free, so each type's multiplier of its floor is what the others leave it, and
        those of incentives are moved until none is below zero (theory.md, section 3).
        """
        given = np.maximum(multipliers, 0.0)
        # A unit of money is worth at least what player 1 makes of it.
        money = np.maximum(given[:, -1:], 1.0)
        at = self.shape[0] * self.shape[1]
        total = np.zeros(len(given))
        worth = []
        for i, own in enumerate(self.types):
            pairs = own.size - 1
            down, up = given[:, at : at + pairs], given[:, at + pairs : at + 2 * pairs]
            at += 2 * pairs + own.size
            weight = 1.0 if i == 0 else 0.0
            spare = (money - weight) * self.mass[i]
            net = np.clip(down - up, -spare[:, :-1], spare[:, 1:])
            shift = net - (down - up)
            down, up = down + np.maximum(shift, 0.0), up - np.minimum(shift, 0.0)
            owed = spare.copy()
            owed[:, :-1] += net
            owed[:, 1:] -= net
            virtual = (owed + weight * self.mass[i]) * own
            passed = own[1:] * down - own[:-1] * up
            virtual[:, 1:] += passed
            virtual[:, :-1] -= passed
            worth.append(virtual)
            total -= (owed * self.floors[i]).sum(axis=1)
        best = np.maximum(
            self.mass[1][:, None, :] * worth[0][:, :, None],
            self.mass[0][:, :, None] * worth[1][:, None, :],
        )
        return np.asarray(total + np.maximum(best, 0.0).sum(axis=(1, 2)))

    def solved(self) -> FloatArray:
        """Return the most that player 1 can expect; NaN where it was not proved."""
        rows, least = self.rows()
        num, height, width = rows.shape
        profiles = self.shape[0] * self.shape[1]
        of_goods = np.arange(num * width) % width < 2 * profiles
        form = StandardForm(
            self.cost().ravel(),
            _block_diagonal(rows),
            least.ravel(),
            np.full(num * height, np.inf),
            np.where(of_goods, 0.0, -np.inf),
            np.where(of_goods, 1.0, np.inf),
            {},
            {},
        )
        model = load(form, SOLVER_TOLERANCE)
        model.run()
        solution = model.getSolution()
        if not (solution.value_valid and solution.dual_valid):
            return np.full(num, np.nan)
        found = np.asarray(solution.col_value).reshape(num, width)
        goods = found[:, : 2 * profiles].reshape(num, 2, *self.shape)
        goods = np.clip(goods, 0.0, 1.0)
        paid = np.split(found[:, 2 * profiles :], [self.shape[0]], axis=1)
        value = self.value(goods, (paid[0], paid[1]))
        most = self.bound(np.asarray(solution.row_dual).reshape(num, height))
        return np.where(np.abs(most - value) <= PROVED * self.scale, value, np.nan)


def gaps_by_programs(
    player_1: Pair, player_2: Pair, chance: Fraction, first: FloatArray, second: FloatArray
) -> FloatArray:
    """Return player 1's gap for every pair of beliefs, two types on each side at most.

    The program of :func:`mechopt.peski2024.best_for_player_1` for one pair of beliefs differs from
    that for another in its numbers only, so the programs are the blocks of one. Every mechanism is
    audited by definition, and its value compared with the bound that the multipliers prove.

    Parameters
    ----------
    player_1, player_2
        Low and high type of each player, in money; twice the same is a single type.
    chance
        Probability that player 1 proposes.
    first, second
        Probabilities of player 1's and player 2's high type.

    Returns
    -------
    array (first.size, second.size)
        In money; NaN where audit or bound leave a doubt.

    Notes
    -----
    Source: theory.md, sections 3 and 4; Pęski (2024).

    Examples
    --------
    >>> belief = np.array([0.5])
    >>> gaps_by_programs((0.0, 2.0), (1.0, 3.0), Fraction(1, 2), belief, belief).round(9)
    array([[0.0625]])
    """
    gap = np.full((first.size, second.size), np.nan)
    chances = float(chance), float(1 - chance)
    # A power of two changes no digit, and puts types near 1, where tolerances mean something.
    unit = float(2.0 ** np.ceil(np.log2(max(*player_1, *player_2) or 1.0)))
    player_1, player_2 = (
        (float(low) / unit, float(high) / unit) for low, high in (player_1, player_2)
    )
    for own, in_rows in _by_support(player_1, first):
        for other, in_columns in _by_support(player_2, second):
            beliefs = np.meshgrid(first[in_rows], second[in_columns], indexing="ij")
            types = own, other
            mass = tuple(
                _masses(part, pair, belief.ravel())
                for part, pair, belief in zip(types, (player_1, player_2), beliefs, strict=True)
            )
            floors = tuple(
                chances[i] * _monopoly_payoffs(types[i], types[1 - i], mass[1 - i]) for i in (0, 1)
            )
            programs = _Programs(types, (mass[0], mass[1]), (floors[0], floors[1]))
            alone = (mass[0] * floors[0]).sum(axis=1)
            found = programs.solved() - alone
            gap[np.ix_(in_rows, in_columns)] = unit * found.reshape(beliefs[0].shape)
    return gap


def _by_support(pair: Pair, high: FloatArray) -> list[tuple[FloatArray, npt.NDArray[np.bool_]]]:
    """Return the types that have a probability, and for which beliefs they are those."""
    if pair[0] == pair[1]:
        return [(np.array(pair[:1], dtype=np.float64), np.ones(high.size, dtype=bool))]
    supports = [
        (np.array(pair, dtype=np.float64), (high > 0.0) & (high < 1.0)),
        (np.array(pair[:1], dtype=np.float64), high == 0.0),
        (np.array(pair[1:], dtype=np.float64), high == 1.0),
    ]
    return [(types, where) for types, where in supports if where.any()]


def _masses(types: FloatArray, pair: Pair, high: FloatArray) -> FloatArray:
    return np.stack([1.0 - high, high], axis=1) if types.size == 2 else np.ones((high.size, 1))


def _monopoly_payoffs(own: FloatArray, other: FloatArray, mass: FloatArray) -> FloatArray:
    """Return what each type gets by the best price: one of the other's types, or none."""
    best = np.broadcast_to(own, (len(mass), own.size)).copy()
    refused = np.zeros((len(mass), 1))
    for price, chance in zip(other, mass.T, strict=True):
        best = np.maximum(best, refused * own + (1.0 - refused) * price)
        refused = refused + chance[:, None]
    return best


def _block_diagonal(blocks: FloatArray) -> sparse.csc_array:
    """Return the sparse matrix with these blocks (num, rows, columns) on its diagonal."""
    from scipy import sparse

    num, height, width = blocks.shape
    which, row, column = np.nonzero(blocks)
    return sparse.csc_array(
        (blocks[which, row, column], (which * height + row, which * width + column)),
        shape=(num * height, num * width),
    )
