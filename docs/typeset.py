"""The formulas of theory.md as LaTeX.

The theory is text that reads well where it lies, with formulas in backticks and in indented blocks;
on the site they are typeset. Letters and operators are translated one by one, so that what is
typeset is what is written.
"""

# ruff: noqa: RUF001 (letters of formulas are what they look like)

from __future__ import annotations

import re

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "λ": "lambda",
    "μ": "mu", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "varphi", "Δ": "Delta",
    "Φ": "Phi", "Σ": "sum",
}  # fmt: skip
SIGNS = {
    "<=": r"\le ", ">=": r"\ge ", "!=": r"\ne ", "->": r"\to ", "...": r"\ldots ", "·": r"\cdot ",
    "×": r"\times ", "@": r"\cdot ", "∩": r"\cap ", "½": r"\tfrac12 ", "*": r"\cdot ", "%": r"\%",
    "{": r"\{", "}": r"\}",
}  # fmt: skip
NAMES = {
    "int": r"\int ", "max": r"\max ", "min": r"\min ", "sup": r"\sup ",
    "log": r"\log ", "exp": r"\exp ", "Pr": r"\Pr ", "sqrt": r"\operatorname{sqrt}",
    "inf": r"\infty ", "infinity": r"\infty ", "MN": "MN", "mod": r"\bmod ", "alpha": r"\alpha ",
}  # fmt: skip
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
BAR = "\u0304"
TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)|(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)"
    rf"|(?P<name>[^\W\d_](?:{BAR})?(?:(?<=[A-Za-z])[A-Za-z]+(?:'s)?)?)"
    r"|(?P<sign><=|>=|!=|->|\.\.\.|.)",
    re.DOTALL,
)
WORDS = re.compile(r"\\text\{([^{}]*)\} \\text\{([^{}]*)\}")
CODE = re.compile(r"[A-Za-z_]{2,}\.[A-Za-z_.]+")
WIDE = re.compile(r"(?<![-+=<>]) {2,}(?![-+=<>])")
OPENING, CLOSING = "([{", ")]}"


def latex(formula: str) -> str:
    r"""Return a formula in LaTeX.

    >>> latex("T_k - T_{k-1} <= L_k (Q_k - Q_{k-1})")
    'T_{k} - T_{k-1} \\le L_{k} (Q_{k} - Q_{k-1})'
    >>> latex("int_{s_lo}^s u dP(u)"), latex("z = y^(1/δ)"), latex("p_2*")
    ('\\int _{s_{\\mathrm{lo}}}^{s} u \\,dP(u)', 'z = y^{1/\\delta}', 'p_{2}^{*}')
    """
    text = formula.replace("c̄", "c" + BAR).replace("d̄", "d" + BAR)
    parts = [(match.lastgroup or "", match[0]) for match in TOKEN.finditer(text)]
    found, at = [], 0
    while at < len(parts):
        piece, at = _piece(parts, at)
        found.append(piece)
    joined = re.sub(r" {2,}", " ", "".join(found)).strip()
    while joined != (joined := WORDS.sub(r"\\text{\1 \2}", joined)):
        pass
    joined = re.sub(r"(?<=[\w)}]) \\text\{", r"\\text{ ", joined)
    return re.sub(
        r"(\\text\{[^{}]*)\} (?=[\w\\(])(?!\\(?:le|ge|ne|to|cdot|times)\b)", r"\1 }", joined
    )


def typeset(page: str) -> str:
    """Return a page of text with its formulas for MathJax, in backticks and in indented blocks.

    >>> print(typeset("If `a <= b`, then `module.name`"))
    If {math}`a \\le b`, then `module.name`
    """
    page = re.sub(r"(?<=\n\n)(?: {4,}\S.*\n)+(?:\n(?: {4,}\S.*\n)+)*", _block, page)
    parts = re.split(r"(^ *```.*?^ *```$)", page, flags=re.MULTILINE | re.DOTALL)
    parts[::2] = [re.sub(r"`([^`]+)`", _inline, part) for part in parts[::2]]
    return "".join(parts)


def _inline(quoted: re.Match[str]) -> str:
    formula = " ".join(quoted[1].split())
    return quoted[0] if CODE.fullmatch(formula) else f"{{math}}`{latex(formula)}`"


def _block(found: re.Match[str]) -> str:
    """Return a block of lines, each of them formulas and words between wide spaces."""
    lines = [line for line in found[0].splitlines() if line.strip()]
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    place = " " * (margin - 4)
    rows = []
    for line in lines:
        pieces = [latex(piece) for piece in WIDE.split(line.strip())]
        further = r"\quad " if line[margin] == " " else ""
        rows.append(f"{place}&{further}" + r" \quad ".join(pieces))
    body = " \\\\\n".join(rows)
    lines = ["```{math}", r"\begin{aligned}", body, r"\end{aligned}", "```"]
    return "".join(f"{'' if line is body else place}{line}\n" for line in lines)


def _piece(parts: list[tuple[str, str]], at: int) -> tuple[str, int]:
    """Return what the token at a place stands for, with what belongs to it, and the next place."""
    kind, token = parts[at]
    before = parts[at - 1] if at else ("space", " ")
    after = parts[at + 1][1] if at + 1 < len(parts) else " "
    if kind == "space":
        return " ", at + 1
    if kind == "raised":
        return f"^{{{token.translate(RAISED)}}}", at + 1
    if kind == "name":
        return _name(token, before, after), at + 1
    if kind == "number":
        return token.replace(",", "{,}"), at + 1
    if token in "_^":
        return _script(parts, at, token)
    attached = before[0] == "name" or before[0] == "number" or before[1] in CLOSING
    if token == "*" and attached:
        stars = 2 if after == "*" else 1
        return f"^{{{'*' * stars}}}", at + stars
    if token == "+" and before[1] == ")" and after in "] ,":
        follows = parts[at + 2][0] if after == " " and at + 2 < len(parts) else ""
        if after == "]" or follows in ("sign", ""):
            return "^{+}", at + 1
    if token == "|" and before[1] == after == " ":
        return r"\mid ", at + 1
    if token == "√":
        return f"\\sqrt{{{after}}}", at + 2
    return SIGNS.get(token, token), at + 1


def _name(token: str, before: tuple[str, str], after: str) -> str:
    """Return a letter or a word."""
    letter = token.removesuffix(BAR)
    if letter in GREEK:
        return f"\\{GREEK[letter]} "
    if token.endswith(BAR):
        return f"\\bar {letter}"
    if len(token) == 1:
        return token
    if token == "sum" and after == "_":
        return r"\sum "
    if token == "in" and after == " " == before[1]:
        return r"\in "
    if token in NAMES:
        return NAMES[token]
    if len(token) == 2 and token[0] == "d" and before[0] in ("space", ""):
        return rf"\,d{token[1]}"
    if after in "_^" or before[1] in OPENING:
        return f"\\mathrm{{{token}}}"
    return f"\\text{{{token}}}"


def _script(parts: list[tuple[str, str]], at: int, token: str) -> tuple[str, int]:
    """Return an index or an exponent: a group, or a number, letters or a sign and what follows."""
    at += 1
    if parts[at][1] in "({":
        depth, end = 1, at + 1
        while depth:
            depth += (parts[end][1] in "({") - (parts[end][1] in ")}")
            end += 1
        inner = latex("".join(part for _, part in parts[at + 1 : end - 1]))
        return f"{token}{{{inner}}}", end
    sign = ""
    if parts[at][1] in "+-":
        sign, at = parts[at][1], at + 1
        if at == len(parts) or (parts[at][0] in ("space", "sign") and parts[at][1] != "("):
            return f"{token}{{{sign}}}", at
    if parts[at][1] == "(":
        inner, end = _script(parts, at - 1, "")
        return f"{token}{{{sign}({inner[1:-1]})}}", end
    word = parts[at][1]
    plain = _name(word, ("", ""), "") if word in GREEK or len(word) == 1 else word
    if word.isalpha() and len(word) > 1:
        plain = NAMES.get(word, f"\\mathrm{{{word}}}" if word in ("lo", "hi") else word)
    end = at + 1
    if sign and parts[end : end + 1] == [("sign", "/")]:
        plain, end = f"{plain}/{parts[end + 1][1]}", end + 2
    return f"{token}{{{sign}{plain}}}", end
