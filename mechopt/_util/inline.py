"""What stands in a line or a cell: words, formulas, and names in files, in each language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from mechopt._util.notation import latex_text, mathml, typeset
from mechopt._util.text import for_html, for_markdown


@dataclass(frozen=True)
class Math:
    """A formula, as :mod:`mechopt._util.notation` reads it."""

    formula: str


@dataclass(frozen=True)
class Name:
    """A name in files: its prefix, and the letter and the mark of each index."""

    prefix: str
    marks: tuple[tuple[str, str], ...] = ()


Piece: TypeAlias = str | Math | Name
Inline: TypeAlias = Piece | tuple[Piece, ...]


# Indices in words, and which types a block has.
_SYMBOLS = re.compile(r"(k = (?:\d+(?:, \.\.\.)?(?:, )?)*\d|(?<![\w'])(?:k\+1|[iknrx])(?!\w))")


def with_symbols(text: str) -> Inline:
    """Return words with the indices among them as formulas.

    Examples
    --------
    >>> with_symbols("type k+1, k = 0, ..., 4")
    ('type ', Math(formula='k+1'), ', ', Math(formula='k = 0, ..., 4'))
    >>> in_text(with_symbols("agent i's type"))
    "agent i's type"
    """
    parts = _SYMBOLS.split(text)
    return tuple(Math(part) if place % 2 else part for place, part in enumerate(parts) if part)


def pieces(inline: Inline) -> tuple[Piece, ...]:
    """Return the pieces of what stands in a line."""
    return inline if isinstance(inline, tuple) else (inline,)


def in_text(inline: Inline) -> str:
    """Return what stands in a line as plain text.

    Examples
    --------
    >>> in_text(("a type ", Math("v_k"), " in ", Name("seller", (("k", "type"),))))
    'a type v_k in seller_k{type}'
    """
    return "".join(map(_piece_in_text, pieces(inline)))


def in_latex(inline: Inline) -> str:
    r"""Return what stands in a line as LaTeX, which needs the package amsmath for formulas.

    Examples
    --------
    >>> print(in_latex(("a type ", Math("v_k"), " at 5 %")))
    a type $v_{k}$ at 5 \%
    """
    return "".join(map(_piece_in_latex, pieces(inline)))


def in_markdown(inline: Inline) -> str:
    """Return what stands in a line as Markdown, with formulas as MathJax reads them."""
    return "".join(map(_piece_in_markdown, pieces(inline)))


def in_html(inline: Inline) -> str:
    """Return what stands in a line as HTML, with formulas as MathML."""
    return "".join(map(_piece_in_html, pieces(inline)))


def breakable(formula: str) -> str:
    r"""Return a formula of LaTeX that may be broken after commas, too.

    Examples
    --------
    >>> print(breakable("a, b"))
    a,\allowbreak{} b
    """
    return formula.replace(", ", r",\allowbreak{} ")


def _piece_in_text(piece: Piece) -> str:
    if isinstance(piece, Math):
        return piece.formula
    if isinstance(piece, Name):
        return piece.prefix + "".join(f"_{x}{{{mark}}}" for x, mark in piece.marks)
    return piece


def _piece_in_latex(piece: Piece) -> str:
    if isinstance(piece, Math):
        return f"${breakable(typeset(piece.formula))}$"
    if isinstance(piece, Name):
        marks = "".join(rf"\_{letter}\textit{{{mark}}}" for letter, mark in piece.marks)
        stem = latex_text(piece.prefix).replace(r"\_", r"\_\allowbreak{}")
        return rf"\texttt{{{stem}{marks}}}"
    return latex_text(piece)


def _piece_in_markdown(piece: Piece) -> str:
    if isinstance(piece, Math):
        return f"${typeset(piece.formula)}$"
    if isinstance(piece, Name):
        return for_markdown(piece.prefix) + "".join(f"\\_{x}*{mark}*" for x, mark in piece.marks)
    return for_markdown(piece)


def _piece_in_html(piece: Piece) -> str:
    if isinstance(piece, Math):
        return mathml(piece.formula)
    if isinstance(piece, Name):
        marks = "".join(f"_{x}<i>{for_html(mark)}</i>" for x, mark in piece.marks)
        return f"<code>{for_html(piece.prefix)}{marks}</code>"
    return for_html(piece)
