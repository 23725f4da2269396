r"""A table as LaTeX that fits into a width: how wide its texts are, and what gives way.

LaTeX is not asked: texts are measured by the widths of Computer Modern, LaTeX's own font, than
which the fonts of journals are narrower.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mechopt._util.inline import Inline, Math, Name, in_latex, in_text, pieces
from mechopt.errors import InvalidInputError

PAGE = 6.5
"""The width of the text of a page, in inches."""

POINTS = 72.27
# Widths of letters in thousandths of the size, at 10 points.
_WIDTHS = {
    278: "ijl.,:;!'|",
    306: "f",
    333: " -",
    392: "rst()[]",
    444: "cez",
    500: "ago0123456789/*<",
    556: "bdhnpuSkvxyq?",
    653: "FILPEJZ",
    750: "_wABCDHNORTUVXY",
    778: "KQ+=&>~^",
    833: "mG#%$",
    1028: "MW@",
}
_WIDTH_OF = {letter: width / 1000 for width, letters in _WIDTHS.items() for letter in letters}
_OTHER = 0.85
# Small letters of Computer Modern are wider for their size; a fiftieth is to spare.
_SIZES = {10.0: 1.02, 9.0: 1.05, 8.0: 1.09, 7.0: 1.16}
# A document of 12 points is the largest that LaTeX has; what fits there fits unchanged.
_LARGEST = 12.0
_USUAL_SEPARATION = 6.0
_POWER = re.compile(r"(?<=\d)e([+-])0*(\d+)(?![\w.])")
_MINUS = re.compile(r"(?<![\w.$])-(?=\d)")
# Words in a narrow column look bad below this many times the size of letters.
_NARROW = 7.0


@dataclass(frozen=True)
class Layout:
    """How the columns of a table are set.

    Parameters
    ----------
    size
        Of letters, in points; None for the document's own.
    separation
        Half the distance of columns, in points.
    stacked
        Whether headings stand on several lines.
    widths
        Of each column that wraps its words, in points; None for one that does not.
    """

    size: float | None
    separation: float
    stacked: bool
    widths: tuple[float | None, ...]


def table_in_latex(
    header: Sequence[str],
    rows: Sequence[Sequence[Inline]],
    aligned: str,
    width: float = PAGE,
    *,
    keys: int = 1,
    long: bool = False,
) -> str:
    r"""Return a ``tabular``, or a ``longtable``, of the package booktabs that fits into a width.

    Parameters
    ----------
    header, rows, aligned, keys
        As in :class:`mechopt._util.table.Table`.
    width
        In inches.
    long
        Whether it may break over pages.

    Raises
    ------
    InvalidInputError
        For a width that no column fits into beside those that name the rows.

    Examples
    --------
    >>> print(table_in_latex(("", "gains"), [("first best", "-1e-09")], "lr"))
    \begin{tabular}{lr}
    \toprule
     & gains \\
    \midrule
    first best & $-$1$\cdot10^{-9}$ \\
    \bottomrule
    \end{tabular}
    """
    require_width(width)
    points = width * POINTS
    columns = [Column(header, rows, i, letter) for i, letter in enumerate(aligned)]
    layout = _layout(columns, points)
    if layout is not None:
        return _written(header, rows, aligned, layout, long=long)
    # Some columns stand below the others, each time beside those that name the rows.
    first = tuple(range(keys))
    groups = [(*first, *group) for group in _groups(columns, points, first)]
    sizes = [_layout([columns[i] for i in group], points, _SIZES) for group in groups]
    common = {min(own.size for own in sizes if own is not None and own.size is not None)}
    parts = []
    for group in groups:
        some = [tuple(row[i] for i in group) if len(row) > 1 else row for row in rows]
        own = _layout([columns[i] for i in group], points, common)
        assert own is not None
        letters = "".join(aligned[i] for i in group)
        parts.append(_written([header[i] for i in group], some, letters, own, long=long))
    return "\n\n\\medskip\\noindent\n".join(parts)


def require_width(width: float, *, where: str = "width") -> None:
    """Raise InvalidInputError unless a table can have a width, in inches."""
    if not 1.5 <= width <= 100.0:
        raise InvalidInputError(
            "not the width of a table",
            where=where,
            expected="inches, from 1.5 to 100",
            got=repr(width),
            remedy="For example 6.5, or 3.3 for a column of a journal.",
        )


class Column:
    """The widths that a column can have, in ems."""

    def __init__(
        self, header: Sequence[str], rows: Sequence[Sequence[Inline]], place: int, letter: str
    ) -> None:
        full = [row[place] for row in rows if len(row) == len(header)]
        self.wraps = letter != "r"
        self.cells = max(map(width_of, full), default=0.0)
        self.heading = width_of(header[place])
        self.word = max(map(width_of, _parts(header[place])), default=0.0)
        self.stem = max((_longest_word(cell) for cell in full), default=0.0)


def _layout(
    columns: Sequence[Column], points: float, sizes: Iterable[float] | None = None
) -> Layout | None:
    """Return the least change that makes columns fit, in some sizes; None where none does."""
    none = (None,) * len(columns)
    natural = [max(column.cells, column.heading) for column in columns]
    room = points - 2 * _USUAL_SEPARATION * len(columns)
    if sizes is None and sum(natural) * _LARGEST <= room:
        return Layout(None, _USUAL_SEPARATION, False, none)
    for size in _SIZES if sizes is None else sizes:
        em = size * _SIZES[size]
        for separation in (6.0, 4.0, 3.0):
            room = points - 2 * separation * (len(columns) - 1)
            for stacked in (False, True):
                heads = [column.word if stacked else column.heading for column in columns]
                least = [max(c.cells, head) for c, head in zip(columns, heads, strict=True)]
                if sum(least) * em <= room:
                    return Layout(size, separation, stacked, none)
        # Words give way before their letters become hard to read.
        wrapped = _wrapped(columns, em, points - 2 * 3.0 * (len(columns) - 1))
        if wrapped is not None:
            return Layout(size, 3.0, True, wrapped)
    return None


def _parts(heading: str) -> list[str]:
    """Return what stands on each line of a heading that is broken wherever it can be.

    Examples
    --------
    >>> _parts("of first best"), _parts("utilities.player_1"), _parts("95 % basic")
    (['of', 'first', 'best'], ['utilities.', 'player_1'], ['95 %', 'basic'])
    """
    words = re.split(r" (?!%)", heading)
    return [part for word in words for part in re.findall(r".+?(?:[._](?=\D)|$)", word)]


def _wrapped(columns: Sequence[Column], em: float, room: float) -> tuple[float | None, ...] | None:
    """Return the widths of columns of words that leave room for the others; None if too few."""
    wrapping = [c for c in columns if c.wraps]
    left = room - em * sum(max(c.cells, c.word) for c in columns if not c.wraps)
    widths: dict[Column, float | None] = {}
    # Those that need least get it all; the others share what is left.
    for number, column in enumerate(sorted(wrapping, key=lambda c: max(c.cells, c.word))):
        share = left / (len(wrapping) - number)
        natural = em * max(column.cells, column.word)
        if natural <= share:
            widths[column] = None
            left -= natural
            continue
        longest = max(column.stem, column.word)
        if share < em * max(longest, min(_NARROW, column.cells)):
            return None
        widths[column] = share
        left -= share
    return tuple(widths.get(column) for column in columns)


def _groups(
    columns: Sequence[Column], points: float, first: tuple[int, ...]
) -> list[tuple[int, ...]]:
    """Return the places of columns that fit beside the first ones, in groups of about one size."""

    def fits(group: Sequence[int]) -> bool:
        return _layout([columns[i] for i in (*first, *group)], points, _SIZES) is not None

    rest = range(len(first), len(columns))
    for number in range(2, len(rest) + 1):
        ends = [round(k * len(rest) / number) for k in range(number + 1)]
        groups = [tuple(rest[a:b]) for a, b in pairwise(ends)]
        if all(map(fits, groups)):
            return groups
    raise InvalidInputError(
        "a width that the table does not fit into",
        where="width",
        expected="room for one column beside those that name the rows, such as 6.5 inches",
        got=f"{points / POINTS:.6g} inches",
        remedy="Give more width, or write the table as CSV.",
    )


def _written(
    header: Sequence[str],
    rows: Sequence[Sequence[Inline]],
    aligned: str,
    layout: Layout,
    *,
    long: bool,
) -> str:
    fitted = layout.size is not None
    letters = [
        rf"p{{{width:.1f}pt}}" if width is not None else letter.replace("p", "l")
        for letter, width in zip(aligned, layout.widths, strict=True)
    ]
    ends = "@{}" if fitted else ""
    columns = f"{ends}{''.join(letters)}{ends}"
    heads = [
        _head(word, letter, stacked=layout.stacked and width is None)
        for word, letter, width in zip(header, aligned, layout.widths, strict=True)
    ]
    begin = rf"\begin{{longtable}}[l]{{{columns}}}" if long else rf"\begin{{tabular}}{{{columns}}}"
    lines = [begin, r"\toprule", _row(heads), r"\midrule", *([r"\endhead"] if long else [])]
    for row in rows:
        if len(row) < len(header):
            lines.append(rf"\multicolumn{{{len(header)}}}{{{ends}l{ends}}}{{{_cell(row[0])}}} \\")
            continue
        cells = [
            _cell(cell) if width is None else rf"\raggedright {_cell(cell)}"
            for cell, width in zip(row, layout.widths, strict=True)
        ]
        lines.append(_row(cells, wraps=layout.widths[-1] is not None))
    lines += [r"\bottomrule", rf"\end{{{'longtable' if long else 'tabular'}}}"]
    if fitted:
        size = f"{layout.size:g}"
        lines = [
            rf"{{\fontsize{{{size}}}{{{1.2 * float(size):g}}}\selectfont"
            rf"\setlength{{\tabcolsep}}{{{layout.separation:g}pt}}%",
            *lines[:-1],
            f"{lines[-1]}}}",
        ]
    return "\n".join(lines)


def _row(cells: Iterable[str], *, wraps: bool = False) -> str:
    # After words that are wrapped, LaTeX takes \\ for the end of a line of theirs.
    return " & ".join(cells) + (r" \tabularnewline" if wraps else r" \\")


def _head(word: str, letter: str, *, stacked: bool) -> str:
    parts = _parts(word)
    if not stacked or len(parts) < 2:
        return in_latex(word)
    side = "r" if letter == "r" else "l"
    lines = r"\\".join(map(in_latex, parts))
    return rf"\shortstack[{side}]{{{lines}}}"


def _cell(cell: Inline) -> str:
    return _number_in_latex(in_latex(cell)) if isinstance(cell, str) else in_latex(cell)


def width_of(inline: Inline) -> float:
    """Return how wide a text is in LaTeX, in ems; formulas roughly, and rather more than less.

    Examples
    --------
    >>> round(width_of("first best"), 2), width_of("0.25")
    (3.88, 1.778)
    """
    return sum(map(_width_of_piece, pieces(inline)))


def _width_of_piece(piece: Inline) -> float:
    text = in_text(piece)
    if isinstance(piece, Name):
        return 0.525 * len(text)
    if isinstance(piece, Math):
        return 0.62 * len(text)
    minus = 0.45 * len(_MINUS.findall(text)) + 1.2 * len(_POWER.findall(text))
    return minus + sum(_WIDTH_OF.get(letter, _OTHER) for letter in text)


def _longest_word(cell: Inline) -> float:
    longest = 0.0
    for piece in pieces(cell):
        if isinstance(piece, Name):
            # Names may be broken after an underscore.
            parts: list[Inline] = [Name(part) for part in in_text(piece).split("_")]
        elif isinstance(piece, Math):
            parts = [Math(part) for part in re.split(r"[-+=,]| >= | <= ", piece.formula)]
        else:
            parts = list(in_text(piece).split())
        longest = max([longest, *map(width_of, parts)])
    return longest


def _number_in_latex(cell: str) -> str:
    r"""Return a text of LaTeX with minus signs and powers of ten in its numbers.

    Examples
    --------
    >>> print(_number_in_latex("-0.5 to 1e-09"), _number_in_latex("second-best 1"))
    $-$0.5 to 1$\cdot10^{-9}$ second-best 1
    """
    text = _MINUS.sub("$-$", cell)
    sign = {"+": "", "-": "-"}
    return _POWER.sub(lambda m: rf"$\cdot10^{{{sign[m[1]]}{m[2]}}}$", text)
