"""What variables and constraints are called in exported files: safe for readers, and meaningful.

A name is its block's name and then the types it belongs to: ``trade_s3_b7`` is the trade of seller
type 3 with buyer type 7, counted from 0; ``seller_ic_up_3`` is entry 3 of that block. A block over
the types of one agent has no letter, nor has one over agents whose initials agree.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import IndexArray
from mechopt.errors import InvalidInputError

if TYPE_CHECKING:
    from mechopt.program.standard_form import Block, StandardForm

NameArray = npt.NDArray[np.object_]
"""An array of strings."""

OBJECTIVE = "cost"
LONGEST_NAME = 255
LONGEST_PREFIX = 200
# What readers of LP files take for a keyword, or for the beginning of a number.
KEYWORD = re.compile(
    r"(bin|binary|binaries|bounds?|columns|cost|end|free|gen|generals?|infinity|int|integers?|max|"
    r"maxim(um|ise|ize)|min|minim(um|ise|ize)|name|obj|objective|ranges|rhs|rows|sec|semis?|sos[12]?|"
    r"st|subject|to)\Z",
    flags=re.IGNORECASE,
)
NUMBER_LIKE = re.compile(r"e|inf|nan", flags=re.IGNORECASE)
INDEX_LIKE = re.compile(r"_[A-Za-z]?[0-9]+_*\Z")
RULES = (
    "A name is the prefix of its block, then for every axis an underscore, the axis' letter if it "
    "has one, and the index of a type, counted from 0. A block's prefix is its name, changed where "
    "a reader could misunderstand it: characters other than ASCII letters, digits and underscores "
    "become _u, their code in hexadecimal, and _ (the underscore of a _u that a hexadecimal digit "
    "follows becomes _u5f_); an underscore follows a prefix that ends like an index; an underscore "
    "precedes one that, leading underscores apart, is empty or a keyword, or begins with a digit, "
    "e, inf or nan; prefixes of more than 200 characters are cut to 183, and _ and 16 digits of "
    "their SHA-256 follow. Constraints that define a block of variables have its name with "
    "_definition added. No two names of a file agree."
)


def prefix_of(name: str) -> str:
    """Return what the names of a block begin with; different blocks have different prefixes.

    Parameters
    ----------
    name
        The block's name, any text.

    Examples
    --------
    >>> [prefix_of(name) for name in ("trade", "e1_payment", "inf", "trade_at_0", "share of A")]
    ['trade', '_e1_payment', '_inf', 'trade_at_0_', 'share_u20_of_u20_A']
    """
    safe = re.sub(r"_(?=u[0-9a-f])", "_u5f_", name)
    safe = re.sub(r"[^A-Za-z0-9_]", lambda found: f"_u{ord(found[0]):x}_", safe)
    if INDEX_LIKE.search(safe):
        safe += "_"
    core = safe.lstrip("_")
    if not core or core[0].isdigit() or KEYWORD.match(core) or NUMBER_LIKE.match(core):
        safe = "_" + safe
    if len(safe) > LONGEST_PREFIX:
        digest = hashlib.sha256(safe.encode()).hexdigest()[:16]
        safe = f"{safe[: LONGEST_PREFIX - 17]}_{digest}"
        safe += "_" if INDEX_LIKE.search(safe) else ""
    return safe


def letters_of(axes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the letter of every axis: the agents' initials, or none where they would not tell.

    Examples
    --------
    >>> letters_of(("seller", "buyer")), letters_of(("player_1", "player_2")), letters_of(("a",))
    (('s', 'b'), ('', ''), ('',))
    """
    initials = tuple(axis[:1].lower() for axis in axes)
    tell = len(set(initials)) == len(axes) > 1
    usable = all(letter.isascii() and letter.isalpha() for letter in initials)
    return initials if tell and usable else ("",) * len(axes)


def indices_of(block: Block) -> tuple[IndexArray, ...]:
    """Return the types that every entry of a block belongs to, one array per axis.

    A block over an agent's types twice that has one dimension for both holds all pairs of different
    types: what type k gets if it reports r. A single number has no axis at all.

    Examples
    --------
    >>> from mechopt.program.standard_form import Block
    >>> indices_of(Block("seller_ic_lower", 0, (6,), ("seller", "seller")))
    (array([0, 0, 1, 1, 2, 2]), array([1, 2, 0, 2, 0, 1]))
    """
    if block.entries is not None:
        return (np.array(block.entries, dtype=np.intp),)
    if block.size == 1 and not block.axes:
        return ()
    indices = tuple(np.unravel_index(np.arange(block.size), block.shape))
    if block.is_of_pairs:
        own, report = np.nonzero(~np.eye(block.full_shape[0], dtype=bool))
        return own[indices[0]], report[indices[0]], *indices[1:]
    return indices


def marks_of(block: Block) -> tuple[tuple[str, str], ...]:
    """Return how to write a name of a block in general: the letter of every axis, and its index.

    Two axes of different agents have different indices; a pair of types of one agent is a type k
    and its report r.

    Examples
    --------
    >>> from mechopt.program.standard_form import Block
    >>> marks_of(Block("trade", 0, (2, 2), ("seller", "buyer")))
    (('s', 's'), ('b', 'b'))
    >>> marks_of(Block("good_to_1", 0, (2, 2), ("player_1", "player_2")))
    (('', 'k'), ('', 'j'))
    """
    # As many as indices_of returns, of which large blocks have no room for one array.
    single = block.entries is None and block.size == 1 and not block.axes
    axes = 0 if single else len(block.shape) + block.is_of_pairs
    letters = letters_of(block.axes) if len(block.axes) == axes else ("",) * axes
    pair = len(set(block.axes)) < len(block.axes)
    marks = ["k", "r" if pair else "j", *(f"j{place}" for place in range(2, axes))]
    return tuple((letter, letter or mark) for letter, mark in zip(letters, marks, strict=False))


def block_names(block: Block, name: str | None = None) -> NameArray:
    """Return the names of a block's entries, in order, under its own name or another.

    Examples
    --------
    >>> from mechopt.program.standard_form import Block
    >>> block_names(Block("trade", 0, (2, 2), ("seller", "buyer"))).tolist()
    ['trade_s0_b0', 'trade_s0_b1', 'trade_s1_b0', 'trade_s1_b1']
    """
    indices = indices_of(block)
    letters = letters_of(block.axes) if len(block.axes) == len(indices) else ("",) * len(indices)
    names = np.full(block.size, prefix_of(name or block.name), dtype=object)
    for letter, index in zip(letters, indices, strict=True):
        largest = int(index.max(initial=-1))
        parts = np.array([f"_{letter}{k}" for k in range(largest + 1)], dtype=object)
        names = names + parts[index]
    return names


@dataclass(frozen=True, eq=False)
class Names:
    """Names of all variables and constraints of a program, in its order.

    Parameters
    ----------
    variables, constraints : arrays of strings
    """

    variables: NameArray
    constraints: NameArray


def names_of(form: StandardForm) -> Names:
    """Return the names of a program's variables and constraints, as they stand in files.

    Raises
    ------
    InvalidInputError
        If two names agree or one is too long for readers, which takes very unusual block names.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> from mechopt.program.standard_form import standard_form
    >>> types = TypeSpace.finite([0, 1])
    >>> names = names_of(standard_form(ex_ante_efficiency(BilateralTrade(types, types))))
    >>> names.variables[2], names.constraints[-1]
    ('trade_s1_b0', 'budget')
    """
    return Names(names_in(form.variables), names_in(form.constraints, form.variables))


def row_name(name: str, variables: Container[str]) -> str:
    """Return what a block of constraints is called in files, where names of variables are taken.

    Examples
    --------
    >>> row_name("seller_quantity", {"seller_quantity"}), row_name("budget", {"seller_quantity"})
    ('seller_quantity_definition', 'budget')
    """
    return f"{name}_definition" if name in variables else name


def names_in(blocks: Mapping[str, Block], variables: Iterable[str] = ()) -> NameArray:
    """Return the names of all entries of blocks, in order.

    Parameters
    ----------
    blocks
        Blocks of variables, or of constraints.
    variables
        For constraints, the names of the blocks of variables, which are taken.

    Raises
    ------
    InvalidInputError
        As :func:`names_of`.
    """
    taken = list(variables)
    called = {name: row_name(name, taken) for name in blocks}
    _check_prefixes([*taken, *called.values()])
    parts = [block_names(block, called[name]) for name, block in blocks.items()]
    names = np.concatenate(parts) if parts else np.empty(0, dtype=object)
    longest = max(map(len, names.tolist()), default=0)
    if longest > LONGEST_NAME:
        raise InvalidInputError(
            "a name is too long for solvers",
            where="names",
            expected=f"at most {LONGEST_NAME} characters",
            got=f"{longest}",
            remedy="Use shorter names, or fewer agents.",
        )
    return np.asarray(names, dtype=object)


def _check_prefixes(names: Iterable[str]) -> None:
    found: dict[str, str] = {}
    for name in names:
        other = found.get(prefix_of(name))
        found[prefix_of(name)] = name
        if other is not None:
            raise InvalidInputError(
                "two blocks have the same name in files",
                where="names",
                expected="names that stay different when shortened",
                got=f"{name[:60]!r} and {other[:60]!r}",
                remedy="Use shorter names.",
            )
