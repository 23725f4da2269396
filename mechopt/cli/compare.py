"""``mechopt compare``: the usual mechanisms side by side."""

from __future__ import annotations

from pathlib import Path

from mechopt._util.terminal import complain
from mechopt.cli.common import ANSWERED, FAILED
from mechopt.cli.outputs import inputs_of
from mechopt.cli.tables import AsJson, StyleOption, put, style_for
from mechopt.errors import InvalidInputError


def compare(
    file: Path,
    /,
    *,
    style: StyleOption = None,
    as_json: AsJson = False,
    output: Path | None = None,
) -> int:
    """Compare the usual mechanisms for the priors of an instance file, in one table.

    For trade: first best, second best, best posted price, take-it-or-leave-it offers, double
    auction and the ends of the frontier. For other kinds: what is optimal, and what the kind is
    known for, such as auctions at first and second prices, posted prices, prices of goods and of
    their bundle, pivotal mechanisms, equal shares. Total gains, share of the first best, utilities,
    and probability of trade or profit. Every mechanism is audited; exit status 1 if an audit
    failed.

    Example: ``mechopt compare instances/house_prices/house_prices.toml --format latex``

    Parameters
    ----------
    file
        The instance, a TOML file or the name of a bundled one; only its environment
        matters.
    style
        A table as text, CSV with all digits, LaTeX (booktabs), Markdown, or one JSON object; by the
        suffix of the output (.txt, .csv, .tex, .md, .json) unless said.
    as_json
        The same as --format json.
    output
        Write it to this file instead of standard output.

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

    path = instance_path(file)
    chosen = style_for(style, output, inputs_of(path), as_json=as_json)
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
    required = required_in_words(instance.problem)
    if required:
        complain(f"the table is under the usual requirements; the file's own are {required}")
    if isinstance(instance.problem.objective, OF_SEVERAL_PRIORS):
        complain(f"the table is under the stated prior, not {instance.problem.objective.in_words}")
    try:
        found = comparison.compare(environment)
    except InvalidInputError as error:
        raise InvalidInputError(
            "nothing to compare for this environment",
            where=f"{file}: environment",
            expected=error.expected,
            got=f'"{instance.kind}", {error.got}',
            remedy="Use mechopt solve.",
        ) from error
    table = replace(
        found,
        title=instance.title,
        unit=instance.unit,
        data=instance.data,
    )
    put(table.table(), chosen, output)
    failed = [row.name for row in table.rows if row.passed is False]
    if failed:
        complain(f"audit FAILED: {', '.join(failed)}")
    return FAILED if failed else ANSWERED
