"""Who gives and who receives in an environment, and what types and quantities are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.errors import InvalidInputError

Sign = Literal["gives", "receives", "either"]
SIGNS = ("gives", "receives", "either", None)
ROUNDING = 1e-12


class Role(NamedTuple):
    """What one agent is in an environment: its part in the exchange, and the words for it.

    Parameters
    ----------
    name
        Default name of the agent.
    sign
        ``"gives"`` if its net quantity is never above zero, ``"receives"`` if never below,
        ``"either"`` if it may be both, None if its types are not worth money per unit.
    type_word
        What its type is called, such as ``"cost"`` or ``"value"``.
    quantity_word
        What its net quantity, without its sign, is called.
    verb
        What it does with its quantity, such as ``"sells"``; empty if its name says enough.

    Examples
    --------
    >>> Role("seller", "gives", "cost").worst_off
    'highest'
    """

    name: str
    sign: Sign | None
    type_word: str = "type"
    quantity_word: str = "net quantity"
    verb: str = ""

    @property
    def gives(self) -> bool:
        """Whether the net quantity is never above zero."""
        return self.sign == "gives"

    @property
    def receives(self) -> bool:
        """Whether the net quantity is never below zero."""
        return self.sign == "receives"

    @property
    def payment_verb(self) -> str:
        """What it does with money, as a rule."""
        return "receives" if self.gives else "pays"

    @property
    def has_fixed_sign(self) -> bool:
        """Whether the net quantity has the same sign in every outcome."""
        return self.gives or self.receives

    @property
    def worst_off(self) -> Literal["lowest", "highest"]:
        """Which type gains least where staying out is worth nothing and the sign is fixed."""
        return "highest" if self.gives else "lowest"


def numbered(
    stem: str,
    count: int,
    sign: Sign | None,
    type_word: str,
    quantity_word: str,
) -> tuple[Role, ...]:
    """Return as many roles that differ in nothing but a number.

    Examples
    --------
    >>> [role.name for role in numbered("player", 2, "receives", "value", "share")]
    ['player_1', 'player_2']
    """
    return tuple(Role(f"{stem}_{i + 1}", sign, type_word, quantity_word) for i in range(count))


def require_roles(
    roles: Sequence[object],
    net_quantity: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    rows: Sequence[tuple[Sequence[float], float]],
    where: str,
) -> None:
    """Raise InvalidInputError unless roles are of the class Role, with signs that hold.

    Bounds settle most signs; where they do not, a linear program over bounds and rows does.
    """
    for i, role in enumerate(roles):
        if not isinstance(role, Role) or role.sign not in SIGNS:
            raise InvalidInputError(
                "not a role",
                where=where,
                expected="a Role(name, sign), the sign 'gives', 'receives', 'either' or None",
                got=repr(role)[:60],
                remedy='Write roles = (Role("seller", "gives", "cost"), ...), one per agent.',
            )
        if not role.has_fixed_sign or i >= len(net_quantity):
            continue
        outward = net_quantity[i] if role.gives else -net_quantity[i]
        with np.errstate(invalid="ignore"):
            most = np.where(outward > 0, outward * upper, np.where(outward < 0, outward * lower, 0))
        if float(most.sum()) <= 0.0 or _most(outward, lower, upper, rows) <= ROUNDING:
            continue
        side = "above" if role.gives else "below"
        raise InvalidInputError(
            "net quantities do not have the sign that the role says",
            where=f"{where}, {role.name}",
            expected=f"sign 'either', or net quantities never {side} zero",
            got=f"sign {role.sign!r}, net_quantity {net_quantity[i].tolist()}"[:200],
            remedy="Correct the role's sign or the net quantities.",
        )


def is_exchange_of(roles: Sequence[Role]) -> bool:
    """Return whether there are two agents, of whom the first gives and the second receives.

    Examples
    --------
    >>> is_exchange_of([Role("owner", "gives"), Role("guest", "receives")])
    True
    """
    return [role.sign for role in roles] == ["gives", "receives"]


def require_exchange_of(roles: Sequence[Role], where: str) -> None:
    """Raise InvalidInputError unless one agent gives what the other receives, in this order."""
    if not is_exchange_of(roles):
        raise InvalidInputError(
            "an exchange between agents of other roles",
            where=where,
            expected="two agents, of whom the first gives and the second receives",
            got=", ".join(f"{role.name} ({role.sign})" for role in roles)[:200],
            remedy="Put the agent that gives first, or declare no exchange.",
        )


def _most(
    outward: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    rows: Sequence[tuple[Sequence[float], float]],
) -> float:
    """Return the most that a linear function reaches over bounds and rows."""
    if not rows:
        return np.inf
    from scipy.optimize import linprog

    coefficients, limits = zip(*rows, strict=True)
    found = linprog(
        np.negative(outward),
        A_ub=np.array(coefficients, dtype=np.float64),
        b_ub=np.array(limits, dtype=np.float64),
        bounds=list(zip(lower.tolist(), upper.tolist(), strict=True)),
    )
    return np.inf if found.status != 0 or found.fun is None else -float(found.fun)
