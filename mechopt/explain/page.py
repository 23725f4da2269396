"""What explanations are made of, and how they are written: LaTeX, Markdown with MathJax, text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from mechopt._util.text import for_terminal, one_line
from mechopt.explain.notation import latex_text, typeset

WIDTH = 96
PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb,longtable}
\usepackage[margin=2.5cm]{geometry}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\emergencystretch=3em
\raggedright
"""


@dataclass(frozen=True)
class Math:
    """A formula, as :mod:`mechopt.explain.notation` reads it."""

    formula: str


@dataclass(frozen=True)
class Name:
    """A name in files: its prefix, and the letter and the mark of each index."""

    prefix: str
    marks: tuple[tuple[str, str], ...] = ()


Piece: TypeAlias = str | Math | Name
Inline: TypeAlias = Piece | tuple[Piece, ...]


@dataclass(frozen=True)
class Section:
    """The title of a section."""

    title: str


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    inline: Inline


@dataclass(frozen=True)
class Items:
    """A list."""

    entries: tuple[Inline, ...]


@dataclass(frozen=True)
class Grid:
    """A table."""

    head: tuple[str, ...]
    rows: tuple[tuple[Inline, ...], ...]


@dataclass(frozen=True)
class Equations:
    """Formulas on lines of their own, each with what stands before it, if anything."""

    lines: tuple[tuple[Inline, str], ...]


@dataclass(frozen=True)
class Statement:
    """What a formula states, and where it stands.

    Parameters
    ----------
    label
        Such as ``"(3)"``; empty for none.
    formula
        Empty where the words say it.
    meaning, section
        In words, and the section of theory.md.
    names
        Each name in files, and what belongs to it: how many, and for which types.
    """

    label: str
    formula: str
    meaning: str
    section: str
    names: tuple[tuple[Name, str], ...]

    @property
    def words(self) -> str:
        """The meaning with its section."""
        return f"{self.meaning} (section {self.section})" if self.section else self.meaning


Part: TypeAlias = Section | Words | Items | Grid | Equations | Statement


@dataclass(frozen=True)
class Page:
    """A title and parts, to be written as LaTeX, Markdown or text.

    Parameters
    ----------
    title
        The title.
    parts
        In order.

    Examples
    --------
    >>> page = Page("Trade", (Words(("A type has value ", Math("v_k"), ".")),))
    >>> print(page.markdown())
    # Trade
    <BLANKLINE>
    A type has value $v_{k}$.
    """

    title: str
    parts: tuple[Part, ...]

    def latex(self, *, document: bool = True) -> str:
        """Return a document that compiles as it stands, or its body for one of your own.

        The body needs the packages amsmath, amssymb and longtable.
        """
        body = "\n\n".join(map(_latex_part, self.parts))
        if not document:
            return f"{body}\n"
        title = rf"\section*{{{latex_text(self.title)}}}"
        return f"{PREAMBLE}\\begin{{document}}\n{title}\n\n{body}\n\\end{{document}}\n"

    def markdown(self) -> str:
        """Return Markdown, with formulas as MathJax reads them."""
        return "\n\n".join([f"# {_escaped(self.title)}", markdown_of(self.parts)]) + "\n"

    def text(self) -> str:
        """Return plain text for a terminal."""
        return "\n\n".join([one_line(self.title), *map(_text_part, self.parts)])

    def __str__(self) -> str:
        return self.text()

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def _repr_latex_(self) -> str:
        # Notebooks hand this to MathJax, which knows no document.
        rows = [line for part in self.parts if isinstance(part, Equations) for line in part.lines]
        return "".join(f"$${typeset(formula)}$$\n" for _, formula in rows)


def pieces(inline: Inline) -> tuple[Piece, ...]:
    """Return the pieces of what stands in a line."""
    return inline if isinstance(inline, tuple) else (inline,)


def _latex_part(part: Part) -> str:
    if isinstance(part, Section):
        return rf"\subsection*{{{latex_text(part.title)}}}"
    if isinstance(part, Words):
        return _latex(part.inline)
    if isinstance(part, Items):
        entries = "\n".join(rf"\item {_latex(entry)}" for entry in part.entries)
        return f"\\begin{{itemize}}\n{entries}\n\\end{{itemize}}"
    if isinstance(part, Statement):
        first = filter(None, (part.label, part.formula and _latex_piece(Math(part.formula))))
        names = [f"{_latex_piece(name)}: {latex_text(own)}" for name, own in part.names]
        stated = (r"\quad ".join(first), latex_text(part.words), *names)
        return r"\medskip\noindent" + "\n" + "\\\\\n".join(filter(None, stated))
    if isinstance(part, Equations):
        lines = [
            f"{_latex(before)}\\quad ${_breakable(typeset(formula))}$\\par\\smallskip"
            for before, formula in part.lines
        ]
        return "\n".join(lines)
    grid = [_latex_row([latex_text(word) for word in part.head]) + r" \hline"]
    grid += [_latex_row([_latex(cell) for cell in row]) for row in part.rows]
    text = "\n".join(grid)
    columns = "l" * len(part.head)
    return f"\\begin{{longtable}}[l]{{{columns}}}\n{text}\n\\end{{longtable}}"


def _latex_row(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def _latex(inline: Inline) -> str:
    return "".join(map(_latex_piece, pieces(inline)))


def _latex_piece(piece: Piece) -> str:
    if isinstance(piece, Math):
        return f"${_breakable(typeset(piece.formula))}$"
    if isinstance(piece, Name):
        marks = "".join(rf"\_{letter}\textit{{{mark}}}" for letter, mark in piece.marks)
        stem = latex_text(piece.prefix).replace(r"\_", r"\_\allowbreak{}")
        return rf"\texttt{{{stem}{marks}}}"
    return latex_text(piece)


def _breakable(formula: str) -> str:
    """Return a formula that may be broken after commas, too."""
    return formula.replace(", ", r",\allowbreak{} ")


def markdown_of(parts: Sequence[Part]) -> str:
    """Return parts in Markdown; statements that follow each other are one table."""
    texts: list[str] = []
    for _, run in groupby(parts, key=lambda part: isinstance(part, Statement)):
        own = list(run)
        stated = [part for part in own if isinstance(part, Statement)]
        texts += [_markdown_part(_grid(stated))] if stated else map(_markdown_part, own)
    return "\n\n".join(texts)


def _grid(stated: Sequence[Statement]) -> Grid:
    rows = [
        (one.label, name, one.meaning, Math(one.formula) if one.formula else "", own, one.section)
        for one in stated
        for name, own in one.names
    ]
    head = ("no.", "name in the files", "meaning", "formula", "how many", "section")
    if any(one.label for one in stated):
        return Grid(head, tuple(rows))
    return Grid(head[1:], tuple(row[1:] for row in rows))


def _markdown_part(part: Part) -> str:
    if isinstance(part, Section):
        return f"## {_escaped(part.title)}"
    if isinstance(part, Words):
        return _markdown(part.inline)
    if isinstance(part, Items):
        return "\n".join(f"* {_markdown(entry)}" for entry in part.entries)
    if isinstance(part, Equations):
        lines = [
            " ".join(filter(None, (_markdown(before), f"${typeset(formula)}$")))
            for before, formula in part.lines
        ]
        return "\n".join(f"* {line}" for line in lines)
    assert isinstance(part, Grid)
    grid = [part.head, ["---"] * len(part.head), *(map(_markdown, row) for row in part.rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in grid)


def _markdown(inline: Inline) -> str:
    return "".join(map(_markdown_piece, pieces(inline)))


def _markdown_piece(piece: Piece) -> str:
    if isinstance(piece, Math):
        return f"${typeset(piece.formula)}$"
    if isinstance(piece, Name):
        return _escaped(piece.prefix) + "".join(f"\\_{x}*{mark}*" for x, mark in piece.marks)
    return _escaped(piece)


def _escaped(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    line = re.sub(r"\s", " ", for_terminal(text.replace("\n", " ")))
    return re.sub(r"([\\`*_{}\[\]<>#|$])", r"\\\1", line)


def _text_part(part: Part) -> str:
    if isinstance(part, Section):
        return part.title.upper()
    if isinstance(part, Words):
        return _filled(_plain(part.inline))
    if isinstance(part, Items):
        return "\n".join(_filled(_plain(entry), "* ", "  ") for entry in part.entries)
    if isinstance(part, Statement):
        names = [
            _filled(f"{_plain_piece(name)}: {own}", "    ", "      ") for name, own in part.names
        ]
        first = f"{part.label.ljust(5)}{part.formula}" if part.label else part.formula
        words = _filled(part.words, "    ", "    ")
        return "\n".join([*([_filled(first, "", "     ")] if first else []), words, *names])
    if isinstance(part, Equations):
        lines = (f"{_plain(before)}  {formula}".strip() for before, formula in part.lines)
        return "\n".join(_filled(line, "  ", "      ") for line in lines)
    rows = [part.head, *(tuple(map(_plain, row)) for row in part.rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(part.head))]
    if sum(widths) + 2 * len(widths) <= WIDTH:
        return "\n".join(_aligned(row, widths) for row in rows)
    # Too wide for a terminal: one entry of the table after another.
    return "\n".join(
        _filled("; ".join(f"{h}: {cell}" for h, cell in zip(part.head, row, strict=True) if cell),
                "* ", "  ")
        for row in rows[1:]
    )  # fmt: skip


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = zip(row, widths, strict=True)
    return "  ".join(cell.ljust(width) for cell, width in cells).rstrip()


def _filled(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        for_terminal(text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _plain(inline: Inline) -> str:
    return "".join(map(_plain_piece, pieces(inline)))


def _plain_piece(piece: Piece) -> str:
    if isinstance(piece, Math):
        return piece.formula
    if isinstance(piece, Name):
        return piece.prefix + "".join(f"_{x}{{{mark}}}" for x, mark in piece.marks)
    return piece
