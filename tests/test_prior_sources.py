"""Priors from bids, copulas, functions, estimates and saved laws, in Python and in files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, special, stats

import mechopt as mo
from mechopt.cli.main import main
from mechopt.errors import InvalidInputError
from mechopt.instances import load_instance
from mechopt.sweeps.run import plan_of
from mechopt.types.foreign import Guarded
from mechopt.types.sources.any_law import law_of
from tests.draws import THOROUGH, some

pr = mo.priors
UNIFORM = pr.named("uniform")
SAMPLE = np.random.default_rng(4).uniform(0, 1, (40, 3)).round(4)
FILE = """
[environment]
kind = "bilateral-trade"
seller = {{ {seller}, cells = 6 }}
buyer = {{ {buyer} }}
{more}
[problem]
objective = "ex-ante-efficiency"
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("MECHOPT_TRUSTED", "prior_functions, math, numpy")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    rows = "\n".join(f"{a};{p}" for a, p in zip(SAMPLE.ravel(), np.sort(SAMPLE)[:, 1].repeat(3),
                                                strict=True))  # fmt: skip
    Path("bids.csv").write_text(f"bid;price\n{rows}\n")
    pr.save_law(pr.truncated(stats.norm(), 0, 1), "law.json")
    return tmp_path


def instance(seller, buyer="types = [1, 2]", more=""):
    Path("trade.toml").write_text(FILE.format(seller=seller, buyer=buyer, more=more))
    return load_instance("trade.toml")


# Values behind bids.


def test_first_price_bids_give_back_values_with_their_standard_errors():
    """Values with the distribution function v^2 are bid by n = 3 at four fifths, in equilibrium."""
    rng = np.random.default_rng(1)
    found = [
        pr.values_from_first_price_bids(0.8 * rng.random((250, 3)).ravel() ** 0.5, 3)
        for _ in range(60)
    ]
    types = np.array([each.types for each in found])
    errors = np.array([each.standard_errors for each in found])
    inner = slice(3, 19)
    assert_allclose(types.mean(axis=0)[inner], found[0].levels[inner] ** 0.5, atol=0.01)
    assert_allclose(errors.mean(axis=0)[inner], types.std(axis=0)[inner], rtol=0.4)
    assert np.mean(np.abs(types - found[0].levels ** 0.5)[:, inner] < 2 * errors[:, inner]) > 0.9
    assert all(each.falling == 0 and each.known == (0.0, 1.0) for each in found)
    bids = 0.8 * rng.random(300) ** 0.5
    costs = pr.values_from_first_price_bids(5 - bids, 3, lowest_wins=True)
    values = pr.values_from_first_price_bids(bids, 3)
    assert_allclose(5 - costs.types[::-1], values.types, atol=1e-9)
    assert_allclose(costs.standard_errors[::-1], values.standard_errors, rtol=1e-6)
    assert costs.law.what == "costs behind 300 bids, smoothed"


@pytest.mark.parametrize(("bidders", "rank"), some([(2, 2), (4, 2), (3, 1), (5, 4)], 2))
def test_prices_give_back_values_with_their_standard_errors(bidders, rank):
    rng = np.random.default_rng(2)
    found = [
        pr.values_from_prices(np.sort(rng.random((300, bidders)))[:, -rank], bidders, rank=rank)
        for _ in range(40)
    ]
    types = np.array([each.types for each in found])
    errors = np.array([each.standard_errors for each in found])
    low, high = found[0].known
    share = stats.beta(bidders - rank + 1, rank).cdf([low, high])
    assert_allclose(share, [1 / 300, 1 - 1 / 300])
    levels = found[0].levels
    seen = (levels > low + 0.1) & (levels < high - 0.1)
    assert seen.sum() > 4
    assert_allclose(types.mean(axis=0)[seen], levels[seen], atol=0.02)
    assert_allclose(errors.mean(axis=0)[seen], types.std(axis=0)[seen], rtol=0.5)
    assert np.isinf(errors[:, 0]).all()
    assert "little was seen outside" in found[0].sentence()
    many = pr.values_from_prices(rng.random(30), 1_000, bandwidth=1e-9)
    assert np.isinf(many.standard_errors).all()
    assert "standard error inf;" in many.sentence()


# Copulas.


def test_copulas_have_their_closed_forms():
    cells = mo.TypeSpace.from_distribution(stats.beta(2, 3), 8)
    types = mo.TypeSpace.finite([0, 1, 5], [0.2, 0.5, 0.3])
    for correlation in (-0.9999, -0.4, 0.0, 0.7, 0.999):
        found = pr.gaussian_copula(types, cells, correlation)
        table = found.joint.probabilities
        assert_allclose(table.sum(axis=0), cells.mass, atol=1e-14)
        assert_allclose(table.sum(axis=1), types.mass, atol=1e-14)
        assert found.error < 1e-14
        # Of two normal numbers, given the first, the second is normal, too; it is 0 at the median.
        spread = np.sqrt(1.0 - correlation**2)

        def chance(share, slope=correlation / spread):
            return special.ndtr(-slope * special.ndtri(share))

        corner = integrate.quad(chance, 0.0, 0.2, epsabs=1e-13, epsrel=1e-13, limit=500)[0]
        assert table[0, :4].sum() == pytest.approx(corner, abs=1e-9)
        assert_allclose(found.second.mean, cells.mean)
    independent = pr.gaussian_copula(types, cells, 0)
    assert_allclose(independent.joint.probabilities, np.outer(types.mass, cells.mass), rtol=1e-12)
    assert abs(independent.correlation) < 1e-14
    u, v = np.cumsum([0, 0.2, 0.5, 0.3]), np.arange(9) / 8
    for theta in (0.1, 2.0, 50.0):
        with np.errstate(divide="ignore"):
            whole = (u[:, None] ** -theta + v**-theta - 1) ** (-1 / theta)
        found = pr.clayton_copula(types, cells, theta)
        exact = np.diff(np.diff(whole, axis=0), axis=1)
        assert_allclose(found.joint.probabilities, exact, atol=1e-14)
        own, others = found.first.mean, found.second.mean
        moments = own @ found.joint.probabilities @ others - (types.mass @ own) * 0.4
        spread = np.sqrt(types.mass @ (own - types.mass @ own) ** 2)
        spread *= np.sqrt(np.mean((others - 0.4) ** 2))
        assert found.correlation == pytest.approx(moments / spread)


def test_rare_types_have_a_clayton_copula():
    for rare in (1e-3, 1e-5, 1e-12):
        types = mo.TypeSpace.finite([0, 1], [rare, 1 - rare])
        for theta in (1.0, 100.0):
            found = pr.clayton_copula(types, types, theta).joint.probabilities
            assert found[0, 0] == pytest.approx(rare * (2 - rare**theta) ** (-1 / theta), rel=1e-7)


def test_files_join_priors_by_a_copula_and_say_the_correlation(here):
    own = ('distribution = "uniform"', 'distribution = "beta", parameters = [2, 3], cells = 4')
    more = 'prior = { copula = "gaussian", correlation = "1/2" }'
    found = instance(*own, more)
    laws = (UNIFORM, 6), (stats.beta(2, 3), 4)
    spaces = [mo.TypeSpace.from_distribution(*each) for each in laws]
    expected = pr.gaussian_copula(*spaces, 0.5)
    environment = found.problem.environment
    assert environment.prior == expected.joint
    assert environment.agents[1].types == expected.second
    assert "none of the continuum" in found.data.sentences()[0]
    assert f"correlation {expected.correlation:.3f}" in found.data.record()["priors"][1]
    table = mo.sweep("trade.toml", {"prior.correlation": [0, 0.9]})
    independent, dependent = table.column("first_best")
    trade = mo.BilateralTrade(*(types.at_means() for types in spaces))
    assert independent == pytest.approx(trade.first_best)
    assert dependent < independent
    Path("pairs.csv").write_text("seller,buyer\n0,1\n1,2\n0,2\n1,2\n")
    listed = 'seller = {types = [0, 1]}\nbuyer = {types = [1, 2]}\nprior = { table = "pairs.csv" }'
    Path("pairs.toml").write_text(
        f'[environment]\nkind = "bilateral-trade"\n{listed}\n'
        '[problem]\nobjective = "ex-ante-efficiency"\n'
    )
    assert load_instance("pairs.toml").data.sentences() == [
        "types have the correlation 0.577 under the joint prior"
    ]


# Files.

BIDS = 'samples = "bids.csv", separator = ";", '
POWER = "parameters = { exponent = 2 }, low = 0, high = 1"
FORMS = {
    'law = "law.json"': lambda: pr.truncated(stats.norm(), 0, 1),
    f'kernel = {{ {BIDS}column = "bid", bandwidth = "1/5", low = 0, high = 1 }}': (
        lambda: pr.kernel_estimate(SAMPLE.ravel(), 0.2, 0, 1)
    ),
    f'smoothed = {{ {BIDS}column = "price" }}, factor = 2': lambda: pr.shifted_and_scaled(
        pr.smoothed(np.sort(SAMPLE)[:, 1].repeat(3)), factor=2
    ),
    f'bids = {{ {BIDS}column = "bid", auction = "first-price", bidders = 3 }}': (
        lambda: pr.values_from_first_price_bids(SAMPLE.ravel(), 3).law
    ),
    f'bids = {{ {BIDS}column = "price", auction = "english", bidders = 3, lowest_wins = true }}': (
        lambda: pr.values_from_prices(
            np.sort(SAMPLE)[:, 1].repeat(3), 3, lowest_wins=True
        ).law
    ),
    f'function = {{ density = "prior_functions:power_density", {POWER} }}': lambda: pr.from_density(
        lambda t: 2 * t, 0, 1, what="prior_functions:power_density"
    ),
    f'function = {{ cdf = "prior_functions:power", sf = "prior_functions:rest", {POWER} }}': (
        lambda: pr.from_distribution_function(
            lambda t: t**2.0, 0, 1, above=lambda t: 1 - t**2.0, what="prior_functions:power"
        )
    ),
    'function = { quantile = "prior_functions:root" }': (
        lambda: pr.from_quantile_function(np.sqrt, what="prior_functions:root")
    ),
    'mixture = [{ law = "law.json", weight = 0.5 }, { types = [2] }]': lambda: pr.mixture(
        [pr.truncated(stats.norm(), 0, 1), pr.finite([2])], [0.5, 0.5]
    ),
}  # fmt: skip


def test_files_say_what_the_library_does(here):
    for text, make in FORMS.items():
        found = instance(text)
        types = found.problem.environment.agents[0].types
        expected = mo.TypeSpace.from_distribution(make(), 6)
        for part in ("mass", "mean", "lower", "upper"):
            assert_allclose(getattr(types, part), getattr(expected, part), rtol=1e-9, err_msg=text)
        said = [note for note in found.data.priors if "values are estimated" in note]
        assert len(said) == text.startswith("bids"), text


def test_a_saved_law_comes_back_and_nothing_else(here):
    law = pr.mixture([pr.smoothed(SAMPLE.ravel()), pr.finite([2])], [0.5, 0.5])
    pr.save_law(law, "mixed.json")
    assert pr.load_law("mixed.json") == law
    content = json.loads(Path("law.json").read_text())
    changes = [
        ({"format_version": 2}, "format version 2"),
        ({"more": 1}, "with the keys"),
        ({"fingerprint": "0"}, "changed since it was saved"),
        ({"law": {"type": "mechopt.Nobody@1", "fields": {}}}, "law.json"),
        ({"law": 3}, "a int"),
        ({"format": "other"}, "no format field"),
    ]
    for change, words in changes:
        Path("law.json").write_text(json.dumps(content | change))
        with pytest.raises(InvalidInputError, match=words):
            pr.load_law("law.json")
    Path("law.json").write_text("{")
    with pytest.raises(InvalidInputError, match="no JSON"):
        pr.load_law("law.json")


def test_words_vary_and_files_that_are_named_count(here, capsys):
    pr.save_law(pr.order_statistic(stats.uniform(), 2), "best.json")
    instance('law = "law.json"', "types = [0.5, 1]")
    words = ["sweep", "trade.toml", "--vary", "seller.law=law.json, best.json,none.json"]
    words += ["--output", "t.csv", "--workers", "1", "-q"]
    assert main(words) == 1
    lines = Path("t.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["law.json", "best.json", "none.json"]
    assert "cannot read the file" in lines[3]
    plan = mo.sweep("trade.toml", {"seller.law": ["law.json", "best.json"]})
    known = instance('distribution = "uniform", draws = 2', "types = [0.5, 1]").problem
    assert plan.column("objective")[1] == pytest.approx(mo.solve(known).objective)
    for name, part in (("seller.cells=a,b", "no word"), ("seller.law=1,b", "not a number"),
                       ("seller.law=a.json,,b.json", "an empty value")):  # fmt: skip
        with pytest.raises(InvalidInputError, match=part):
            mo.sweep("trade.toml", name)
    instance('law = "law.json"', "types = [0.5, 1]")
    capsys.readouterr()
    plans = [plan_of("trade.toml", "seller.cells=2:3:2").fingerprint]
    pr.save_law(UNIFORM, "law.json")
    plans.append(plan_of("trade.toml", "seller.cells=2:3:2").fingerprint)
    assert plans[0] != plans[1]
    assert main(["solve", "trade.toml", "--output", "law.json"]) == 2
    assert "the output is an input" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seller", "line"),
    [
        ("law.json", 'law = "law.json"'),
        ("smoothed:bids.csv:bid,truncate=0..1/2",
         'smoothed = { samples = "bids.csv", column = "bid", separator = ";" }'),
        ("bids:bids.csv:bid,auction=first-price,bidders=3", "bidders = 3 }"),
        ("quantile:prior_functions:root",
         'function = { quantile = "prior_functions:root" }'),
    ],
)  # fmt: skip
def test_new_writes_them(here, seller, line):
    words = ["new", "new.toml", "--seller", seller, "--buyer", "bids.csv:price", "--cells", "5"]
    assert main([*words, "--separator", ";", "-q"]) == 0
    assert line in Path("new.toml").read_text()
    assert load_instance("new.toml").problem.environment.shape == (5, 5)


def test_new_and_plot_refuse_in_one_paragraph(here, capsys):
    for words, part in [
        (["new", "a.toml", "--seller", "kernel:none,low=0", "--buyer", "uniform"], "no column"),
        (["new", "a.toml", "--seller", "cdf:math:erf", "--buyer", "uniform"], "low and high"),
        (["new", "a.toml", "--seller", "quantile:numpy:sqroot", "--buyer", "uniform"], "imported"),
        (["new", "a.toml", "--seller", "quantile:os:nice", "--buyer", "uniform"], "not trusted"),
        (["plot", "--output", "a.png"], "not one thing to draw"),
        (["plot", "--prior", "law.json", "--kind", "gap", "--output", "a.png"], "not one thing"),
        (["plot", "--prior", "law.json", "--output", "law.json"], "is an input"),
    ]:
        assert main(words) == 2
        assert part in capsys.readouterr().err
    assert not Path("a.toml").exists()


def test_the_bootstrap_estimates_laws_again(here, capsys):
    smooth = f'{{ smoothed = {{ {BIDS}column = "bid" }}, weight = 0.5 }}'
    instance(f"mixture = [{smooth}, {{ types = [0.5] }}]")
    assert main(["bootstrap", "trade.toml", "--replications", "3", "--seed", "5", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)

    def again(sample):
        law = pr.mixture([pr.smoothed(sample), pr.finite([0.5])], [0.5, 0.5])
        return mo.TypeSpace.from_distribution(law, 6)

    known = mo.TypeSpace.finite([1, 2])
    found = mo.bootstrap(SAMPLE.ravel(), known, giver_types=again, replications=3, seed=5)
    assert record["second_best"]["percentile"] == pytest.approx(found.second_best.percentile)
    assert found.first_best.standard_error > 0
    assert main(["bootstrap", "trade.toml", "--paired"]) == 2
    assert "not drawn in pairs" in capsys.readouterr().err
    with pytest.raises(InvalidInputError, match="a second statement of the cells"):
        mo.bootstrap(SAMPLE.ravel(), known, giver_types=again, giver_cells=3)


# Pictures.


def test_priors_are_drawn_with_their_cells():
    from matplotlib.figure import Figure

    law = pr.mixture([stats.beta(2, 2), pr.finite([0.5])], [0.75, 0.25])
    types = mo.TypeSpace.from_distribution(law, 9)
    ax = mo.plot.prior(types, ax=Figure().add_subplot(), name="Ada", unit="euros")
    assert ax.get_title(loc="left") == "Ada: density"
    curve = ax.lines[0]
    assert_allclose(curve.get_ydata(), law.density(curve.get_xdata()))
    assert [text.get_text() for text in ax.texts] == ["0.25"]
    steps = ax.collections[0].get_paths()[0].vertices
    wide = types.upper > types.lower
    heights = types.mass[wide] / (types.upper - types.lower)[wide]
    assert steps[:, 1].max() == pytest.approx(heights.max())
    ax = mo.plot.prior(types, "distribution", Figure().add_subplot())
    curve, ends = ax.lines
    assert_allclose(curve.get_ydata(), law.below(curve.get_xdata()))
    assert_allclose(ends.get_ydata(), np.cumsum(types.mass))
    finite = mo.TypeSpace.finite([1, 2, 4], [0.5, 0.25, 0.25])
    ax = mo.plot.prior(finite, "distribution", Figure().add_subplot(), position=1)
    assert ax.lines[0].get_ydata().tolist() == [0, 0.5, 0.5, 0.75, 0.75, 1]
    samples = mo.TypeSpace.from_samples(np.arange(10.0), cells=5)
    ax = mo.plot.prior(samples, ax=Figure().add_subplot())
    assert ax.get_ylabel() == "density (per money)"
    singular = mo.TypeSpace.from_distribution(stats.beta(0.5, 0.5), 5)
    ax = mo.plot.prior(singular, ax=Figure().add_subplot())
    assert ax.get_ylim()[1] < 20
    with pytest.raises(InvalidInputError, match="no such picture"):
        mo.plot.prior(finite, "mass", Figure().add_subplot())


def test_the_command_draws_priors_of_files_and_laws(here):
    instance('law = "law.json"')
    pictures = []
    for source in ("law.json", "trade.toml", *(["law.json"] if THOROUGH else [])):
        assert main(["plot", "--prior", source, "--output", "a.pdf"]) == 0
        pictures.append(Path("a.pdf").read_bytes())
    assert pictures[0] != pictures[1]
    assert pictures[2:] in ([], pictures[:1])


# Refusals.


class Bell(stats.rv_continuous):
    """A law without ends that scipy does not know."""

    def _cdf(self, x):
        return special.ndtr(x)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: law_of(Bell(name="bell")()), r"truncated\(law, -4\.75342, 4\.75"),
        (lambda: law_of(stats.make_distribution(stats.gumbel_r)()), r"-2\.62579, 13\.8155"),
        (lambda: pr.from_distribution_function(stats.norm.cdf, -np.inf, np.inf), r"at -4\.75342, "),
        (lambda: pr.from_density(lambda t: np.exp(-t), 0, np.inf), r"at 0, 13\.8155 each tail"),
        (lambda: pr.truncated(Bell(name="bell")(), 40, 50), "nothing is left"),
        (lambda: pr.values_from_first_price_bids(np.arange(50), 1), "not a number of bidders"),
        (lambda: pr.values_from_first_price_bids(np.arange(19), 2), "too few distinct bids"),
        (lambda: pr.values_from_first_price_bids(np.arange(50), 2, bandwidth=0), "not a bandwidth"),
        (lambda: pr.values_from_prices(np.arange(50), 2, rank=3), "at least 3"),
        (lambda: pr.values_from_prices(np.arange(50), 2, rank=0), "not a rank"),
        (lambda: pr.gaussian_copula(*[mo.TypeSpace.finite([0, 1])] * 2, 1), "to 0.9999"),
        (lambda: pr.clayton_copula(*[mo.TypeSpace.finite([0, 1])] * 2, 0), "above 0"),
    ],
)  # fmt: skip
def test_refusals_say_what_to_do(make, what):
    with pytest.raises(InvalidInputError, match=what):
        make()


def test_unbounded_laws_of_ones_own_can_be_truncated():
    x = np.linspace(-1, 2, 7)
    law = pr.truncated(Bell(name="bell")(), -1, 2)
    assert_allclose(law.below(x), stats.truncnorm(-1, 2).cdf(x), atol=1e-12)
    gumbel = pr.truncated(stats.make_distribution(stats.gumbel_r)(), -1, 2)
    theirs = stats.gumbel_r
    share = theirs.cdf(2) - theirs.cdf(-1)
    assert_allclose(gumbel.below(x), (theirs.cdf(x) - theirs.cdf(-1)) / share, atol=1e-12)


def test_cells_of_far_tails_do_not_halve_noise(monkeypatch):
    """Quantiles of a normal law cut off at 8 standard deviations are rounded to 1e-16 of 1."""
    points = []
    spent = Guarded._each

    def counted(self, function, given):
        points.append(np.size(given))
        return spent(self, function, given)

    monkeypatch.setattr(Guarded, "_each", counted)
    cells = mo.TypeSpace.from_distribution(stats.truncnorm(-8, 8), 20_000)
    assert sum(points) < 100 * 20_000
    assert max(points) < 10 * 20_000
    assert_allclose(cells.mean, -cells.mean[::-1], atol=1e-9)
