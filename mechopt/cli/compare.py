"""``mechopt compare``: the usual mechanisms side by side."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mechopt._util.arrays import shown
from mechopt._util.given import discount_factor, number_of_periods
from mechopt._util.terminal import complain
from mechopt.cli.common import ANSWERED, FAILED, progress_bar
from mechopt.cli.outputs import inputs_of
from mechopt.cli.tables import AsJson, StyleOption, WidthOption, put, style_for
from mechopt.errors import InvalidInputError


def compare(
    file: Path,
    /,
    *,
    style: StyleOption = None,
    width: WidthOption = None,
    as_json: AsJson = False,
    output: Path | None = None,
    institutions: Annotated[bool, Parameter(negative="")] = False,
    discount: str | None = None,
    periods: int = 2,
) -> int:
    """Compare the usual mechanisms for the priors of an instance file, in one table.

    For trade: first best, second best, best posted price, take-it-or-leave-it offers, double
    auction and the ends of the frontier. For other kinds: what is optimal, and what the kind is
    known for, such as auctions at first and second prices, posted prices, prices of goods and of
    their bundle, pivotal mechanisms, equal shares. Total gains, share of the first best, utilities,
    and probability of trade or profit; and a row for the optimum of what the file asks, where that
    is none of these. Every mechanism is audited; exit status 1 if an audit failed.

    Example: ``mechopt compare instances/house_prices/house_prices.toml --format latex``

    Example: ``mechopt compare gresik1989/three_and_three --institutions``

    Example: ``mechopt compare cramton1985/uniform_exchange --institutions --discount 9/10``

    Parameters
    ----------
    file
        The instance, a TOML file or the name of a bundled one.
    style
        A table as text, CSV with all digits, LaTeX (booktabs), Markdown, or one JSON object; by the
        suffix of the output (.txt, .csv, .tex, .md, .json) unless said.
    width
        Of the table in LaTeX, in inches: 6.5 unless said, 3.3 for a column of a journal. What is
        too wide is set in smaller letters, on several lines, or columns below each other.
    as_json
        The same as --format json.
    output
        Write it to this file instead of standard output.
    institutions
        Add rows of what people play, in equilibrium: sealed offers, prices, bids, those of many
        traders. Each row says the most that a type gains by deviating.
    discount
        What a gain is worth one period later, from 0 to less than 1: adds rows of offers over time.
    periods
        How many offers there are over time.

    Examples
    --------
    >>> compare(Path("no such file.toml"))
    Traceback (most recent call last):
        ...
    mechopt.errors.InstanceError: no such file.toml: 1 fault...
    """
    from dataclasses import replace

    from mechopt.instances import load_instance
    from mechopt.instances.bundled import instance_path
    from mechopt.report.required import required_in_words
    from mechopt.studies import comparison
    from mechopt.studies.guarantee import OF_SEVERAL_PRIORS
    from mechopt.studies.usual_rows import with_optimum

    path = instance_path(file)
    chosen = style_for(style, output, inputs_of(path), as_json=as_json, width=width)
    instance = load_instance(path).refined()
    environment = instance.problem.environment
    if environment.outcomes.exchange is not None and not environment.independent:
        raise InvalidInputError(
            "nothing to compare under a joint prior",
            where=f"{file}: environment.prior",
            expected="independent types",
            got="a joint prior",
            remedy="Use mechopt solve.",
        )
    factor = _factor(discount, periods, institutions=institutions)
    if isinstance(instance.problem.objective, OF_SEVERAL_PRIORS):
        complain(f"the table is under the stated prior, not {instance.problem.objective.in_words}")
    try:
        if institutions:
            from mechopt.literature.institutions.table import compare_institutions

            with progress_bar("rows") as progress:
                found = compare_institutions(
                    environment, discount=factor, periods=periods, progress=progress
                )
        else:
            found = comparison.compare(environment)
    except InvalidInputError as error:
        raise InvalidInputError(
            "nothing to compare for this environment",
            where=f"{file}: environment",
            expected="bilateral trade, a market, or an auction of one good"
            if institutions
            else error.expected,
            got=f'"{instance.kind}", {error.got}',
            remedy="Leave out --institutions for the usual mechanisms beside the optimum."
            if institutions
            else "Use mechopt solve.",
        ) from error
    wanted = with_optimum(found, instance.problem)
    if wanted is not found:
        required = required_in_words(instance.problem)
        under = f" ({required})" if required else ""
        asked = f"the last is the optimum of what the file asks{under}"
        if wanted is None:
            objective = instance.problem.objective.in_words
            asked = f"none is the optimum of what the file asks ({objective}){under}: see solve"
        complain(f"the rows are under the usual requirements; {asked}")
        found = wanted or found
    table = replace(
        found,
        title=instance.title,
        unit=instance.unit,
        data=instance.data,
    )
    put(table.table(), chosen, output, width)
    failed = [row.name for row in table.rows if row.passed is False]
    if failed:
        complain(f"audit FAILED: {', '.join(failed)}")
    return FAILED if failed else ANSWERED


def _factor(discount: str | None, periods: int, *, institutions: bool) -> Fraction | None:
    """Return the discount factor that is asked for, if one is.

    Raises
    ------
    InvalidInputError
        For what is none, for no periods, and for a comparison without institutions.
    """
    if discount is None:
        return None
    if not institutions:
        raise InvalidInputError(
            "no offers over time to compare",
            where="--discount",
            expected="--institutions beside it",
            got=shown(discount),
            remedy="Add --institutions, or leave it out.",
        )
    number_of_periods(periods, "--periods")
    return discount_factor(discount, "--discount")
