"""The table ``[problem.priors]`` as ``mechopt new`` writes it, from the words of an option."""

from __future__ import annotations

from collections.abc import Sequence

from mechopt._util.arrays import shown
from mechopt.cli.prior_words import number_text as number
from mechopt.errors import InvalidInputError

# What follows the name of each set of priors.
FORMS = {
    "total_variation": "total_variation=1/10, or with a centre, total_variation=1/10; "
    "centre=1/4,1/4|1/4,1/4",
    "wasserstein": "wasserstein=1/4, or with a centre as for total_variation",
    "means": "means; ann=1/2; bob=2/5,3/5 for a mean or the two ends of one, by agent",
    "marginals": "marginals, with nothing after it",
    "moments": "moments; function=0,1|1,2; at_most=3/2 (or equals, at_least), once per moment",
    "listed": "listed; fair=1/4,1/4|1/4,1/4; alike=1/2,0|0,1/2, a prior by name each",
}
BALLS = ("total_variation", "wasserstein")


def priors_lines(values: Sequence[str]) -> list[str]:
    r"""Return the lines of the priors that a designer holds possible.

    Parameters
    ----------
    values
        What was given of ``--priors``: the name of a set, and keys of it after semicolons.

    Raises
    ------
    InvalidInputError
        For words of another form.

    Examples
    --------
    >>> print("\n".join(priors_lines(["means; ann=1/2; bob=2/5,3/5"])))
    <BLANKLINE>
    [problem.priors.means]
    ann = "1/2"
    bob = ["2/5", "3/5"]
    """
    lines: list[str] = []
    for value in values:
        head, *rest = (part.strip() for part in value.split(";"))
        name, equals, size = (part.strip() for part in head.partition("="))
        form = name.replace("-", "_")
        pairs = [tuple(part.strip() for part in each.partition("=")) for each in rest if each]
        sized = bool(equals and size)
        fits = {
            **dict.fromkeys(BALLS, sized),
            "marginals": not equals and not pairs,
            **dict.fromkeys(("means", "moments", "listed"), not equals and bool(pairs)),
        }
        named = all(len(pair) == 3 and pair[0].isidentifier() and pair[2] for pair in pairs)
        if form not in FORMS or not fits[form] or not named:
            raise _wrong(form, value)
        if lines and form != "moments":
            raise _wrong(form, value, "one set of priors")
        if form in BALLS:
            lines += ["", "[problem.priors]", f"{form} = {number(size)}"]
        elif form == "marginals":
            lines += ["", "[problem.priors]", "marginals = true"]
        elif form == "moments":
            lines += ["", "[[problem.priors.moments]]"]
        else:
            lines += ["", f"[problem.priors.{form}]"]
        lines += [f"{key} = {_numbers(text)}" for key, _, text in pairs]
    return lines


def _numbers(text: str) -> str:
    """Return a number, a list of them, or lists of lists, which bars separate."""
    if "|" in text:
        return f"[{', '.join(_list(row) for row in text.split('|'))}]"
    return _list(text) if "," in text else number(text)


def _list(text: str) -> str:
    return f"[{', '.join(number(part.strip()) for part in text.split(','))}]"


def _wrong(form: str, got: str, expected: str | None = None) -> InvalidInputError:
    return InvalidInputError(
        "not a set of priors",
        where="--priors",
        expected=expected or FORMS.get(form) or " or ".join(FORMS),
        got=shown(got),
        remedy="Correct the option.",
    )
