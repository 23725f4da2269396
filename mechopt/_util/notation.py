"""The formulas of requirements, objectives and variables, typeset.

Formulas are written once, as plain text beside the rows that they describe: ``L_k Q_k - T_k``.
Letters have subscripts (``Q_k``, ``T_{k+1}``), longer words are names of variables, ``Σ_k`` is a
sum over k, ``E[q | k]`` an expectation given k.
"""

from __future__ import annotations

import re
import unicodedata

from mechopt._util.text import for_html, for_latex

_SIGNS = {
    ">=": r"\ge",
    "<=": r"\le",
    "!=": r"\ne",
    "*": r"\cdot",
    "|": r"\mid",
    "{": r"\{",
    "}": r"\}",
    "Σ": r"\sum",
    "∈": r"\in",
    "≈": r"\approx",
    "…": r"\dots",
    "...": r"\dots",
    "\u00d7": r"\times",
    "'": "'",
}
_OPERATORS = {">=": "≥", "<=": "≤", "!=": "≠", "...": "…", "*": "·", "-": "\u2212", "Σ": "∑"}
_RELATIONS = (">=", "<=", "=")
# Formulas of so many signs stay on one line.
SHORT = 20
_FUNCTIONS = ("log", "max", "min")
_TOKEN = re.compile(
    r"(?P<words>[^\W\d_]{2,}(?: [^\W\d_]+)+)"
    r"|(?P<indexed>[^\W\d]\w+?)_\{(?P<index>[^}]*)\}"
    r"|(?P<sum>Σ)(?:_(?P<over>\w+))?"
    r"|(?P<expectation>E)(?:_(?P<under>\w+))?(?=\[)"
    r"|(?P<letter>[^\W\d_])(?P<mark>'?)(?:_(?:\{(?P<braced>[^}]*)\}|(?P<bare>[^\W_]+)))?(?!\w)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<fraction>\d+/\d+)"
    r"|(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
    r"|(?P<power>\^) ?(?P<exponent>[\d./]+)"
    r"|(?P<sign>>=|<=|!=|\.\.\.|.)"
)


def typeset(formula: str) -> str:
    r"""Return a formula as LaTeX, for math mode; any text gives something that compiles.

    Examples
    --------
    >>> print(typeset("L_{k+1} (Q_{k+1} - Q_k) - (T_{k+1} - T_k) >= 0"))
    L_{k+1} (Q_{k+1} - Q_{k}) - (T_{k+1} - T_{k}) \ge 0
    >>> print(typeset("Σ_i Σ_k m_k T_k - E[cost] = 0"))
    \sum_{i} \sum_{k} m_{k} T_{k} - \mathbb{E}[\mathit{cost}] = 0
    """
    parts, end, before = [], 0, ""
    for found in _TOKEN.finditer(formula):
        parts.append(" " if formula[end : found.start()].isspace() else "")
        # A number stands close to a letter, and with some room before a word.
        parts.append(r"\," if found["name"] and re.match(r"\d", before) else "")
        parts.append(_set(found))
        end = found.end()
        before = before if found[0].isspace() else found[0]
    text = ""
    for part in parts:
        runs_on = part[:1].isalpha() and re.search(r"\\[A-Za-z]+\Z", text)
        text += f" {part}" if runs_on else part
    return text.strip()


def mathml(formula: str) -> str:
    """Return a formula as MathML, which browsers set without scripts or fonts from elsewhere.

    Examples
    --------
    >>> print(mathml("1/2 m_k"))
    <math><mfrac><mn>1</mn><mn>2</mn></mfrac><msub><mi>m</mi><mi>k</mi></msub></math>
    """
    parts: list[str] = []
    depth, before = 0, ""
    for found in _TOKEN.finditer(formula):
        depth += (found[0] in "([{") - (found[0] in ")]}")
        signed = before in ("", *_RELATIONS)
        between = found[0] in _RELATIONS or (found[0] in ("+", "-") and not signed)
        if between and not depth and len(formula) > SHORT:
            # A browser breaks lines between formulas, not within one.
            sign = _OPERATORS.get(found[0], for_html(found[0]))
            parts.append(f'</math> <math><mo form="infix" lspace="0">{sign}</mo>')
        elif found[0] == "-" and signed:
            parts.append(f'<mo form="prefix">{_OPERATORS["-"]}</mo>')
        elif found["name"] and re.match(r"\d", before):
            parts.append(f'<mspace width="0.17em"></mspace>{_mathml(found)}')
        elif found["power"]:
            base = parts.pop() if parts else "<mrow></mrow>"
            parts.append(f"<msup>{base}<mn>{for_html(found['exponent'])}</mn></msup>")
        elif not found[0].isspace():
            parts.append(_mathml(found))
        before = before if found[0].isspace() else found[0]
    return f"<math>{''.join(parts)}</math>"


def _mathml(found: re.Match[str]) -> str:
    token, part = for_html(found[0]), found.groupdict()
    if part["indexed"]:
        return _below_it(part["indexed"], part["index"])
    if part["sum"]:
        return _below_it("∑", part["over"], "mo")
    if part["expectation"]:
        return _below_it("\U0001d53c", part["under"])
    if part["letter"]:
        return _below_it(
            part["letter"] + part["mark"].replace("'", "\u2032"), part["braced"] or part["bare"]
        )
    if part["name"] and token not in _FUNCTIONS:
        stem, _, last = found[0].rpartition("_")
        both = (stem, last) if stem and len(last) == 1 and last.isalpha() else (found[0], "")
        return _below_it(*both)
    if part["fraction"]:
        top, below = token.split("/")
        return f"<mfrac><mn>{top}</mn><mn>{below}</mn></mfrac>"
    if part["number"]:
        return f"<mn>{token}</mn>"
    if part["words"] or token in _FUNCTIONS or found[0] == ",":
        return f"<mtext>{token}&#160;</mtext>" if found[0] == "," else f"<mtext>{token}</mtext>"
    return f"<mo{_form(found[0])}>{_OPERATORS.get(found[0], token)}</mo>"


def _form(sign: str) -> str:
    """Return what keeps browsers from stretching brackets, and from setting room around them."""
    if sign in "([{":
        return ' form="prefix" stretchy="false"'
    return ' form="postfix" stretchy="false"' if sign in ")]}" else ""


def _below_it(base: str, subscript: str | None, tag: str = "mi") -> str:
    base = f"<{tag}>{for_html(base)}</{tag}>"
    if not subscript:
        return base
    parts = [_index(part) for part in re.findall(r"\w+|.", subscript)]
    below = parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"
    return f"<msub>{base}{below}</msub>"


def _index(part: str) -> str:
    """Return a part of a subscript: letters slanted, words upright."""
    tag = "mi" if len(part) == 1 and part.isalpha() else "mn" if part.isdigit() else "mtext"
    return f"<{tag}>{for_html(_OPERATORS.get(part, part))}</{tag}>"


def _set(found: re.Match[str]) -> str:
    token, part = found[0], found.groupdict()
    if part["words"]:
        return rf"\text{{{latex_text(token)}}}"
    if part["indexed"]:
        return rf"\mathit{{{_name(part['indexed'])}}}_{{{_subscript(part['index'])}}}"
    if part["sum"]:
        return rf"\sum_{{{_subscript(part['over'])}}}" if part["over"] else r"\Sigma"
    if part["expectation"]:
        under = rf"_{{{_subscript(part['under'])}}}" if part["under"] else ""
        return rf"\mathbb{{E}}{under}"
    if part["letter"]:
        subscript = part["braced"] or part["bare"] or ""
        below = f"_{{{_subscript(subscript)}}}" if subscript else ""
        return f"{_letter(part['letter'])}{part['mark']}{below}"
    if part["name"]:
        if token in _FUNCTIONS:
            return rf"\{token} "
        stem, _, last = token.rpartition("_")
        if stem and len(last) == 1 and last.isalpha():
            return rf"\mathit{{{_name(stem)}}}_{{{last}}}"
        return rf"\mathit{{{_name(token)}}}"
    if part["fraction"]:
        top, below = token.split("/")
        return rf"\tfrac{{{top}}}{{{below}}}"
    if part["power"]:
        return f"^{{{part['exponent']}}}"
    if part["number"] or token.isspace():
        return token
    if token in _SIGNS:
        return _SIGNS[token]
    return token if token in "()[]+-=<>,.;:/" else rf"\text{{{latex_text(token)}}}"


def _subscript(text: str) -> str:
    """Return a subscript: single letters and signs as they are, words upright."""
    return re.sub(r"\w+|.", lambda part: _below(part[0]), text)


def _below(part: str) -> str:
    plain = part.isascii() and (part.isdigit() or (part.isalpha() and len(part) < 3))
    return part if plain or part in "+-," else rf"\text{{{latex_text(part)}}}"


def _letter(letter: str) -> str:
    greek = {"τ": r"\tau", "β": r"\beta", "λ": r"\lambda", "μ": r"\mu"}
    return greek.get(letter) or (letter if letter.isascii() else rf"\text{{{latex_text(letter)}}}")


def _name(name: str) -> str:
    return name.replace("_", r"\_") if name.isascii() else rf"\text{{{latex_text(name)}}}"


# What LaTeX's text encodings have beyond letters with accents.
_TEXT = {
    "\u2212": "$-$",
    "\u2013": "--",
    "\u2014": "---",
    "\u2026": r"\dots{}",
    "\u00d7": r"$\times$",
    "\u2248": r"$\approx$",
    "\u03c4": r"$\tau$",
    "\u03a3": r"$\Sigma$",
    "\u2019": "'",
    "\u201c": "``",
    "\u201d": "''",
}


def latex_text(text: str) -> str:
    r"""Return a text that LaTeX sets with its own fonts; a letter they lack becomes its code.

    Examples
    --------
    >>> print(latex_text("Pęski & 価"))
    Pęski \& \texttt{U+4FA1}
    """
    return "".join(" " if mark.isspace() else _text_mark(mark) for mark in text)


def _text_mark(mark: str) -> str:
    if mark.isascii():
        return for_latex(mark)
    if mark in _TEXT:
        return _TEXT[mark]
    accented = unicodedata.decomposition(mark)
    latin = "\u00c0" <= mark <= "\u017e" and (accented or mark in "ÆØßæøŁłŒœ")
    return mark if latin else rf"\texttt{{U+{ord(mark):04X}}}"
