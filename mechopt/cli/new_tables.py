"""The table of an environment as ``mechopt new`` writes it, from the words of the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from mechopt._util.arrays import shown
from mechopt.cli.prior_words import number_text as number, parts_of, quoted
from mechopt.environments.kinds import REQUIRED, Kind, KindField
from mechopt.errors import InvalidInputError

# Lines of the table of a prior, from an option's name and a few words.
PriorLines = Callable[[str, str], list[str]]
OF_AGENTS = ("agent", "agents", "one or several")
YES_NO = ("true", "false")

# How an option is written that holds priors, or what amounts cost.
EXAMPLES = {
    "agent": "uniform",
    "agents": '"uniform; count=3"',
    "one or several": "uniform",
    "amounts": 'quadratic:c=1, or "1,1/2|2,2" for pairs of an amount and money',
}


def environment_lines(
    kind: Kind, given: Mapping[str, Sequence[str]], prior_lines: PriorLines
) -> list[str]:
    r"""Return the lines of the environment's tables.

    Parameters
    ----------
    kind
        What its keys hold.
    given
        Name of each option -> its values, in order.
    prior_lines
        Returns the lines of a prior's table.

    Raises
    ------
    InvalidInputError
        For options that the kind does not have, those that are missing, and values of another form.

    Examples
    --------
    >>> from mechopt.environments.kinds import kinds
    >>> def prior(name, words):
    ...     return [f"types = [{words}]"]
    >>> given = {"bidders": ["1,2; count=3"], "seller_value": ["1/2"]}
    >>> print("\n".join(environment_lines(kinds()["auction"], given, prior)))
    kind = "auction"
    seller_value = "1/2"
    <BLANKLINE>
    [[environment.bidders]]
    types = [1,2]
    count = 3
    """
    unknown = [name for name in given if name not in kind.fields]
    if unknown:
        raise InvalidInputError(
            f'no such option of the kind "{kind.name}"',
            where=_option(unknown[0]),
            expected=", ".join(map(_option, kind.fields)),
            got=shown(" ".join(given[unknown[0]])),
            remedy="Correct it, or leave it out.",
        )
    keys, tables = [f"kind = {quoted(kind.name)}"], []
    for name, field in kind.fields.items():
        values = given.get(name, ())
        if not values:
            if field.default is REQUIRED:
                raise _missing(name, field)
            continue
        is_list = field.form in ("agents", "tables")
        if len(values) > 1 and not is_list and field.form != "one or several":
            raise _wrong(name, field.meaning, " ".join(values), "Give the option once.")
        if field.form in (*OF_AGENTS, "tables"):
            several = is_list or len(values) > 1
            head = f"[[environment.{name}]]" if several else f"[environment.{name}]"
            for value in values:
                lines = _table(name, field, value, prior_lines)
                tables += ["", head, *lines]
        else:
            keys.append(f"{name} = {_value(name, field, values[0])}")
    return [*keys, *tables]


def _table(name: str, field: KindField, text: str, prior_lines: PriorLines) -> list[str]:
    """Return the lines of one table of a list: a prior and keys, or keys alone."""
    parts = [part.strip() for part in parts_of(text, ";")]
    if field.form == "tables":
        lines = []
        for key, value in (_pair(name, part) for part in parts if part):
            if key not in field.fields:
                known = ", ".join(f"{each}=..." for each in field.fields)
                raise _wrong(name, f"{known}, with semicolons between", part_of(key, value))
            lines.append(f"{key} = {_value(name, field.fields[key], value)}")
        return lines
    lines = prior_lines(_option(name).removeprefix("--"), parts[0])
    for key, value in (_pair(name, part) for part in parts[1:] if part):
        lines.append(f"{key} = {quoted(value) if key == 'name' else _any(value)}")
    return lines


def part_of(key: str, value: str) -> str:
    """Return a key with its value as it was written, up to spaces."""
    return shown(f"{key}={value}")


def _pair(name: str, part: str) -> tuple[str, str]:
    key, equals, value = (text.strip() for text in part.partition("="))
    if not (equals and value and key.isidentifier()):
        expected = "NAME=VALUE after each semicolon, such as count=3 or name=ann"
        quotes = (
            "Correct the option; put the name of a column that has semicolons in double quotes."
        )
        raise _wrong(name, expected, part, quotes)
    return key, value


def _value(name: str, field: KindField, text: str) -> str:
    """Return a value as TOML has it."""
    form, text = field.form, text.strip()
    if not text:
        raise _missing(name, field)
    if form in ("number", "fraction"):
        return number(text)
    if form == "whole":
        if re.fullmatch(r"[+-]?\d+", text) is None:
            raise _wrong(name, "a whole number", text)
        return str(int(text))
    if form == "flag":
        if text not in YES_NO:
            raise _wrong(name, " or ".join(YES_NO), text)
        return text
    if form == "numbers":
        return _listed(text)
    if form == "labels":
        return f"[{', '.join(quoted(part.strip()) for part in text.split(','))}]"
    if form in ("rows", "nested"):
        return f"[{', '.join(_listed(row) for row in text.split('|'))}]"
    if form == "amounts":
        return _amounts(name, text)
    return quoted(text)


def _amounts(name: str, text: str) -> str:
    """Return a form with its numbers, or pairs of an amount and money."""
    if "|" in text or text[:1].isdigit():
        return f"[{', '.join(_listed(row) for row in text.split('|'))}]"
    form, _, numbers = text.partition(":")
    pairs = [_pair(name, part) for part in numbers.split(",") if part.strip()]
    inside = [f"form = {quoted(form.strip())}", *(f"{k} = {number(v)}" for k, v in pairs)]
    return f"{{ {', '.join(inside)} }}"


def _listed(text: str) -> str:
    return f"[{', '.join(number(part.strip()) for part in text.split(','))}]"


def _any(text: str) -> str:
    """Return a value of a prior's table: a list where there are commas, else a number or a word."""
    return _listed(text) if "," in text else number(text)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _missing(name: str, field: KindField) -> InvalidInputError:
    example = EXAMPLES.get(field.form)
    remedy = f"Give it, such as {_option(name)} {example}." if example else "Give it."
    return _wrong(name, field.meaning, "nothing", remedy)


def _wrong(
    name: str, expected: str, got: str, remedy: str = "Correct the option."
) -> InvalidInputError:
    return InvalidInputError(
        "not what the option takes",
        where=_option(name),
        expected=expected,
        got=shown(got),
        remedy=remedy,
    )
