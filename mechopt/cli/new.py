"""``mechopt new``: write an instance file to begin from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from mechopt._util.arrays import shown
from mechopt._util.terminal import say
from mechopt.cli.common import ANSWERED, PLAIN, Talk
from mechopt.cli.new_priors import priors_lines
from mechopt.cli.new_tables import environment_lines
from mechopt.cli.prior_words import number_text, prior_lines, quoted
from mechopt.cli.table_words import in_options
from mechopt.environments.kinds import Kind, agent, fraction, kinds
from mechopt.errors import InstanceError, InvalidInputError

OBJECTIVES = Literal[
    "ex-ante-efficiency",
    "ex-post-efficiency",
    "minimum-subsidy",
    "welfare",
    "revenue",
    "least-utility",
    "nash-product",
    "player-1-gap",
    "equilibrium-bounds",
]
INCENTIVES = Literal["interim", "dominant", "none"]
PARTICIPATION = Literal["interim", "ex-post", "none"]
BUDGETS = Literal["balanced", "no-deficit", "subsidised"]


def new(
    file: Path,
    /,
    *,
    kind: str = "bilateral-trade",
    cells: int | None = None,
    title: str | None = None,
    unit: str | None = None,
    objective: OBJECTIVES | None = None,
    incentives: INCENTIVES | None = None,
    participation: PARTICIPATION | None = None,
    budget: BUDGETS | None = None,
    budget_holds: Literal["ex-ante", "ex-post"] | None = None,
    payment_limit: str | None = None,
    liability: str | None = None,
    transfers: bool | None = None,
    deterministic: Annotated[bool | None, Parameter(negative="")] = None,
    discount_factor: str | None = None,
    priors: list[str] | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    currency: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    missing: Literal["refuse", "drop"] | None = None,
    sheet: str | None = None,
    environment: bool = False,
    talk: Talk = PLAIN,
    **options: list[str],
) -> int:
    """Write an instance file from priors and numbers given in a few words.

    The keys of a kind's table are options: --seller and --buyer of bilateral trade, --bidders,
    --units and --seller-value of auctions, --consumers, --cost and --excludable of public goods,
    --player-1, --player-2 and --proposer-probability of bargaining, --buyer and --cost of screening
    (quadratic:c=1, or pairs "1,1/2|2,2"), and so on (a wrong one is answered with those that there
    are). An option for a list of agents may be given several times.

    A prior is a column of a table (survey.csv:value; also .tsv, .gz, .xlsx, .parquet; with double
    quotes around a name that has semicolons, 'survey.csv:"value; usd"'), a scipy.stats distribution
    (uniform, beta:a=2,b=3, or norm:loc=1,truncate=0..2, also with draws, rank, factor and shift), a
    list of types (0,1/2,1), a law that was saved in Python (law.json), an estimate
    from a column (kernel:survey.csv:value,bandwidth=1,low=0,high=9; smoothed:survey.csv:value;
    bids:bids.csv:bid,auction=first-price,bidders=3), or a function that may be run
    (density:my_laws:f,low=0,high=1; also cdf and quantile). Further keys of the agent follow after
    semicolons: "uniform; count=3", "1,2,3; name=ann; share=1/2". Lists have commas, lists of lists
    bars: --types "1,0|0,2|3,3".

    Examples: ``mechopt new trade.toml --seller costs.csv:cost --buyer survey.csv:value``,
    ``mechopt new auction.toml --kind auction --bidders "uniform; count=3" --seller-value 0.2``,
    ``mechopt new --environment my_market.py``

    Parameters
    ----------
    file
        The instance file to write; one that exists is left alone.
    kind
        What the environment is: auction, public-good, market, partnership, goods, alternatives and
        whatever else is installed.
    cells
        Cut samples into this many cells of equal count, distributions into this many of equal
        probability. Samples are taken value by value unless said, distributions in 200 cells.
    title
        What to call the problem; the file's name unless said.
    unit
        What money is measured in, such as dollars.
    objective
        What is asked; what the kind is known for unless said.
    incentives
        When truth must be best: on average, always, or not at all; on average unless said.
    participation
        When everyone must get the outside option; on average unless said.
    budget
        How payments must cover the cost; exactly unless said.
    budget_holds
        Whether they must in expectation or in every profile; in expectation unless said.
    payment_limit
        The most that anyone may pay or receive in any profile, in money, such as 3 or 7/2.
    liability
        The most that anyone may lose in any profile, in money, such as 0 or 1/2.
    transfers
        Whether anyone may pay or receive anything; with --no-transfers nobody does.
    deterministic
        Rule lotteries out.
    discount_factor
        What a round's delay leaves of payoffs, with the objective equilibrium-bounds.
    priors
        The priors that the designer holds possible: total_variation=1/10, wasserstein=1/4,
        marginals, "means; seller=1/2; buyer=2/5,3/5", "moments; function=0,1|1,2; at_most=3/2" or
        "listed; fair=1/4,1/4|1/4,1/4; alike=1/2,0|0,1/2".
    separator
        What separates the cells of the tables, such as ";"; found in the first row unless said.
    decimal
        The decimal mark of the tables, a point unless said.
    thousands
        The mark between thousands in the tables; none unless said.
    currency
        What stands beside numbers in the tables, such as "$".
    encoding
        How the tables are encoded, such as cp1252; UTF-8 unless said.
    header
        Whether the tables' first rows name the columns; without, columns are called 1, 2, ...
    missing
        Drop rows without a value, or refuse them.
    sheet
        Name of the sheet of a spreadsheet.
    environment
        Write the module of a new kind of environment to begin from, such as my_market.py, and an
        instance of it beside it; nothing else is taken then.
    options
        The keys of the kind's table.

    Examples
    --------
    >>> new(Path("trade.txt"), seller=["uniform"], buyer=["uniform"])
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: FILE: not the name of an instance file (expected one that...
    """
    stated = {name: value for name, value in locals().items() if value is not None}
    from mechopt._util.files import write_whole
    from mechopt.instances.load import instance_from_document, read_document

    if environment:
        of_instances = stated.keys() - {"file", "kind", "environment", "talk", "options"}
        return _new_environment(file, talk, sorted([*of_instances, *options]))
    if file.suffix != ".toml":
        raise InvalidInputError(
            "not the name of an instance file",
            where="FILE",
            expected="one that ends in .toml",
            got=str(file),
            remedy=f"Call it {file.with_suffix('.toml')}.",
        )
    _require_new(file)
    entry, possible = _kind(kind), priors_lines(priors or ())
    words = {
        "separator": separator,
        "decimal": decimal,
        "thousands": thousands,
        "currency": currency,
        "encoding": encoding,
        "missing": missing,
        "sheet": sheet,
    }
    how = [f"{name} = {quoted(word)}" for name, word in words.items() if word is not None]
    how += [] if header is None else [f"header = {str(header).lower()}"]
    given = {name.replace("-", "_"): values for name, values in options.items()}
    tables = environment_lines(
        entry, given, lambda name, text: prior_lines(name, text, cells, file.parent, how)
    )
    if how and not any("samples = " in line for line in tables):
        raise InvalidInputError(
            "no table to read that way",
            where=f"--{how[0].partition(' ')[0]}",
            expected="an agent whose prior is a column of a table",
            got="none",
            remedy="Leave it out.",
        )
    head = [f"title = {quoted(title or file.stem)}"]
    if unit is not None:
        head.append(f"unit = {quoted(unit)}")
    parts = [*head, "", "[environment]", *tables]
    required = {
        "incentives": incentives,
        "participation": participation,
        "budget": budget,
        "budget_holds": budget_holds,
    }
    parts += ["", "[problem]", f"objective = {quoted(objective or entry.asks)}"]
    parts += [f"{name} = {quoted(word)}" for name, word in required.items() if word is not None]
    limits = {
        "payment_limit": payment_limit,
        "liability": liability,
        "discount_factor": discount_factor,
    }
    parts += [f"{name} = {number_text(n)}" for name, n in limits.items() if n is not None]
    wishes = {"transfers": transfers, "deterministic": deterministic}
    parts += [f"{name} = {str(each).lower()}" for name, each in wishes.items() if each is not None]
    parts += [*possible, ""]
    write_whole(file, "\n".join(parts))
    try:
        instance = instance_from_document(read_document(file), file)
    except BaseException as error:
        # What cannot be read back is not left behind.
        file.unlink()
        if isinstance(error, InstanceError):
            faults = in_options(error.faults)
            raise InstanceError(f"{file} is not written", faults) from error
        raise
    if not talk.quiet:
        say("\n".join([f"wrote {file}; mechopt solve {file}", *instance.data.sentences()]))
    return ANSWERED


def _require_new(file: Path) -> None:
    if file.exists():
        raise InvalidInputError(
            "the file exists",
            where=str(file),
            expected="a new file",
            got="one that is there",
            remedy="Choose another name, or edit the file.",
        )


def _new_environment(file: Path, talk: Talk, options: list[str]) -> int:
    """Write the module of an environment and an instance of it."""
    from mechopt._util.files import write_whole
    from mechopt.cli.new_environment import environment_files

    if options:
        raise InvalidInputError(
            "an option of an instance file",
            where=f"--{options[0].replace('_', '-')}",
            expected="the name of a module, and no more, beside --environment",
            got="a key of an instance",
            remedy="Leave it out.",
        )
    files = environment_files(file)
    for path in files:
        _require_new(path)
    for path, text in files.items():
        write_whole(path, text)
    if not talk.quiet:
        module, instance = files
        trust = f"MECHOPT_TRUSTED={module.stem} PYTHONPATH={module.parent}"
        say(f"wrote {module} and {instance}; {trust} mechopt solve {instance}")
    return ANSWERED


def _kind(name: str) -> Kind:
    """Return the kind of a name, with the keys that a file of it has."""
    known = kinds()
    trade = known["bilateral-trade"]
    if name == trade.name:
        sides = {
            "seller": agent("seller", "the prior of the seller's cost"),
            "buyer": agent("buyer", "the prior of the buyer's value"),
        }
        return replace(trade, fields=sides)
    if name == "bargaining":
        players = {
            f"player_{i}": agent("player", f"the prior of player {i}'s value") for i in (1, 2)
        }
        chance = fraction("the probability that player 1 proposes, from 0 to 1")
        fields = {"proposer_probability": chance, **players}
        return replace(known[name], fields=fields, asks="player-1-gap")
    writable = [trade.name, "bargaining", *(each.name for each in known.values() if each.fields)]
    if name not in writable:
        raise InvalidInputError(
            "not a kind of environment that this command writes",
            where="--kind",
            expected=", ".join(writable),
            got=shown(name),
            remedy="Choose one of these, or begin from a bundled instance (mechopt list).",
        )
    return known[name]
