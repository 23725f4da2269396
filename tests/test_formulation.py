"""Formulations state the program that is solved: names, counts, and what each formula says."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt import environments, robust
from mechopt._util.inline import in_text
from mechopt._util.notation import typeset
from mechopt.cli.main import main
from mechopt.explain.legend import SYMBOLS
from mechopt.explain.proof import proof_of
from mechopt.explain.scaled import shapes_by_types, shapes_of, shapes_of_large
from mechopt.problem.columns import mixes_rules
from mechopt.problem.liability import Liability
from mechopt.problem.linear import Meaning, Rows
from mechopt.program.standard_form import float_program, standard_form
from mechopt.program.tangents import curves_of
from tests.draws import some
from tests.formulas import unlike_rows, value_of
from tests.latex import needs_tex, overfull

INSTANCES = Path(__file__).parents[1] / "instances"
TWO = mo.TypeSpace.finite([1, 2], ["1/4", "3/4"])
THREE = mo.TypeSpace.finite([0, "3/2", 4])
CELLS = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 3)
JOINT = mo.Joint([[0.3, 0.1, 0.1], [0.1, 0.2, 0.2]])


def kinds():
    """Return a small environment of every kind."""
    agents = [mo.Agent(n, t) for n, t in (("seller", TWO), ("buyer", THREE))]
    return {
        "bilateral-trade": mo.BilateralTrade(TWO, THREE),
        "cells": mo.BilateralTrade(CELLS, CELLS),
        "delay": mo.BilateralTrade(TWO, THREE, 2.0, 1.0),
        "dates": environments.on_dates(mo.BilateralTrade(TWO, THREE, 1.0, 2.0), 2),
        "joint": mo.Environment(
            tuple(
                mo.Agent(a.name, mo.TypeSpace.finite(a.types.mean, m))
                for a, m in zip(agents, JOINT.masses, strict=True)
            ),
            mo.Trade(),
            JOINT,
        ),
        "bargaining": mo.Bargaining(TWO, THREE),
        "auction": mo.Auction([TWO, THREE], seller_value="1/2"),
        "identical bidders": mo.Auction(THREE, count=12, units=2),
        "identical at a cost": mo.Auction(THREE, count=12, units=2, seller_value="1/2"),
        "partnership": mo.Partnership([TWO, THREE], ["1/3", "2/3"]),
        "public-good": mo.PublicGood([TWO, THREE], cost=2),
        "excludable": mo.PublicGood([TWO, THREE], cost=2, excludable=True),
        "market": mo.Market(TWO, TWO, 2, 1),
        "goods": mo.Goods([[1, 0], [0, 2], [3, 3]]),
        "screening": mo.environments.Screening(THREE, [[0, 0], [1, "1/2"], [2, 2]]),
        "procurement": mo.environments.Procurement([TWO, THREE], [[0, 0], [1, 5], [2, 8]]),
        "alternatives": alternatives(),
        "interdependent": mo.load_instance(
            f"{INSTANCES}/examples/interdependent_values.toml"
        ).problem.environment,
    }  # fmt: skip


def alternatives():
    return mo.Alternatives(
        outcomes=["hers", "his", "burned"],
        agents={"she": ["low", "high"], "he": ["low", "high"]},
        values={"she": [[2, 9], [0, 0], [-1, -2]], "he": [[0, 0], [2, 9], [-1, -1]]},
        prior={"she": ["4/5", "1/5"], "he": ["3/5", "2/5"]},
        cost=[0, "1/2", 0],
    )


def variants(environment):
    """Return requirements and objectives that make sense, as arguments of a design problem."""
    first, last = environment.agents[0], environment.agents[-1]
    shape = environment.shape
    found = {
        "welfare": {"objective": mo.Welfare(), "budget": "no-deficit"},
        "revenue": {"objective": mo.Revenue(), "budget": "subsidised"},
        "always": {
            "objective": 2 * mo.Revenue() + 0.5 * mo.Payoff(first.name),
            "incentives": "dominant",
            "participation": "ex-post",
            "budget": "no-deficit",
            "budget_holds": "ex-post",
            "requirements": [mo.PaymentLimit(50)],
        },
        "floors": {
            "objective": mo.LeastUtility(net=True),
            "participation": "none",
            "budget": "subsidised",
            "requirements": [mo.UtilityFloor(last.name, np.full(shape[-1], -0.5))],
        },
        "least gain": {"objective": mo.LeastGain(), "budget": "no-deficit"},
        "nash": {"objective": mo.NashProduct(), "budget": "no-deficit"},
        "weights": {
            "objective": mo.Welfare(tuple(0.5**i for i in range(len(shape)))),
            "budget": "no-deficit",
        },
        "by type": {
            "objective": mo.WeightedPayoffs(tuple(np.arange(1.0, n + 1) for n in shape)),
            "budget": "no-deficit",
        },
        "subsidy": {"objective": mo.Subsidy(), "budget": "subsidised"},
    }
    if environment.num_profiles < 100:
        flat = mo.Joint(np.full(shape, 1 / environment.num_profiles))
        always = found["always"] | {"requirements": []}
        found["other prior"] = always | {"objective": robust.UnderPrior(mo.Welfare(), flat)}
        priors = [flat, mo.Joint(environment.belief.density())]
        found["worst prior"] = always | {"objective": robust.WorstPrior(mo.Revenue(), priors)}
        event = mo.EventProbability(
            environment.outcomes.variables[0], at_least=0.125, types={last.name: (0,)}
        )
        mean = float(first.types.mean @ first.types.mass) if first.types.is_ordered else None
        if mean is not None:
            known = robust.known_means(environment, {first.name: mean})
            worst = robust.WorstPriorIn(mo.Revenue(), known)
            found["moments"] = always | {"objective": worst, "budget": "subsidised"}
        found["liability"] = always | {"requirements": [Liability(2.5)]}
        found["event"] = found["welfare"] | {"requirements": [event]}
    return found


def cases():
    found = {}
    for kind, environment in kinds().items():
        for name, given in variants(environment).items():
            # Of many identical bidders only what types expect has a program.
            if environment.num_profiles < 100 or name in ("welfare", "revenue", "subsidy"):
                found[f"{kind}, {name}"] = mo.DesignProblem(environment, **given)
    return found


CASES = cases()


def forms(problem):
    return standard_form(problem, groups=True)


@pytest.mark.parametrize("name", some(list(CASES), 6, 2))
def test_a_formulation_is_the_program(name):
    problem = CASES[name]
    form, found = forms(problem), mo.formulation(problem)
    names = [rows.name for rows in curves_of(problem)]
    assert [each.name for each in found.variables] == list(form.variables)
    assert [each.name for each in found.constraints] == [*form.constraints, *names]
    for each in (*found.variables, *found.constraints):
        block = (form.variables if each in found.variables else form.constraints).get(each.name)
        if block is not None:
            assert (each.size, each.meaning) == (block.size, block.meaning)
            assert each.meaning.text
    text = found.text()
    printed = " ".join(text.split())
    for each in (*found.variables, *found.constraints):
        assert " ".join(f"{each.formula} {in_text(each.holds_for)}".split()) in printed
    if name.endswith("moments"):
        return  # what its rows say of sets of priors, test_robust has
    vector = np.random.default_rng(7).normal(size=form.cost.size)
    assert list(unlike_rows(problem, form, vector, found.constraints)) == []
    value = problem.objective.sign * float(form.cost @ vector)
    said = value_of(problem, form, vector, found.objective.formula)
    assert said == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    ("kind", "block", "right", "wrong"),
    [
        ("bilateral-trade, welfare", "buyer_ic_up", "Q_{i,k+1}", "Q_{i,k}"),
        ("bilateral-trade, welfare", "buyer_quantity", "q_i(t)", "q_{seller}(t)"),
        ("market, welfare", "budget", "m_{i,k} T_{i,k}", "m_{i,k} T_{buyer_1,k}"),
        ("bilateral-trade, always", "seller_ex_post_lower", "τ_i", "τ_{buyer}"),
        ("joint, welfare", "buyer_ic_lower", "τ_i(r, t_{-i})", "τ_i(k, t_{-i})"),
        ("market, always", "buyer_1_monotonicity", "q_i(k, ", "q_i(k+1, "),
        ("auction, welfare", "units", "good_to_2(t)", "good_to_1(t)"),
        ("interdependent, always", "bob_ic_lower", "v_i(x(r, t_{-i}), k", "v_i(x(r, t_{-i}), r"),
        ("identical bidders, welfare", "bidder_1_units", "S_{k+1}", "S_k"),
        ("identical at a cost, welfare", "budget", "m_k Q_k", "m_k T_k"),
        ("cells, welfare", "seller_participation_upper", "U_{i,k}", "L_{i,k}"),
    ],
)
def test_a_wrong_index_would_be_noticed(kind, block, right, wrong):
    problem = CASES[kind]
    form, printed = forms(problem), mo.formulation(problem).constraints
    vector = np.random.default_rng(7).normal(size=form.cost.size)
    assert list(unlike_rows(problem, form, vector, printed)) == []
    (own,) = (each for each in printed if each.name == block)
    assert right in own.formula
    changed = replace(own, formula=own.formula.replace(right, wrong))
    assert list(unlike_rows(problem, form, vector, [changed])) == [block]


@pytest.mark.parametrize(
    ("block", "right", "wrong"),
    [
        ("buyer_ic_up", "N_i - 1", "N_i"),
        ("seller_participation_lower", "k = 0", "k = 1"),
        ("trade", "t", "t_{-i} of the others"),
    ],
)
def test_types_that_a_formula_does_not_hold_for_would_be_noticed(block, right, wrong):
    problem = CASES["bilateral-trade, welfare"]
    form, found = forms(problem), mo.formulation(problem)
    (own,) = (each for each in (*found.variables, *found.constraints) if each.name == block)
    words = in_text(own.holds_for)
    assert right in words
    changed = replace(own, holds_for=words.replace(right, wrong))
    vector = np.random.default_rng(7).normal(size=form.cost.size)
    try:
        found = list(unlike_rows(problem, form, vector, [changed]))
    except (IndexError, AssertionError):
        return
    assert found == [block] or block == "trade"


def test_every_symbol_of_a_formula_is_explained():
    for name in some(list(CASES), 5, 4):
        found = mo.formulation(CASES[name])
        formulas = [each.formula for each in (*found.variables, *found.constraints)]
        formulas.append(found.objective.formula)
        legend = found.text().partition("VARIABLES")[0].partition("PARAMETERS")[2]
        for symbol, words in SYMBOLS.items():
            one = rf"(?<![\w'{{]){symbol}(?:_\{{|_\w(?!\w)|(?![\w'_\[]))"
            stands = any(re.search(one, formula) for formula in formulas)
            said = " ".join(legend.split())
            # What one agent alone has is of its type.
            own = words.replace("of a profile", "of a type").removesuffix(" in a profile")
            assert stands == (words in said or own in said), (name, symbol)
        letters = re.findall(r"(?<![\w'])[^\W\d](?='?_|'?\()", " ".join(formulas))
        explained = found.text().partition("CONSTRAINTS")[0].partition("SETS")[2]
        for letter in set(letters) - {"Σ"}:
            assert re.search(rf"(?<!\w){letter}(?=[_({{'])", explained), (name, letter)


@pytest.mark.parametrize("name", some(list(CASES), 20, 5))
def test_small_programs_are_written_out_with_their_numbers(name):
    """The lines are read back, and say the rows of the program."""
    problem = CASES[name]
    form, found = forms(problem), mo.formulation(problem)
    lines = [line for part in found.parts for line in getattr(part, "lines", ())]
    rows = [
        formula
        for _, formula in lines
        if re.search(r"(?:>=|=) (?:≈ )?-?[\d./]+(?:e\S+)?$", formula)
    ]
    if not rows:
        assert form.row_lower.size > 60 or form.matrix.nnz > 500 or form.identical
        return
    assert len(rows) == form.row_lower.size
    vector = np.random.default_rng(3).uniform(1, 2, size=form.cost.size)
    from mechopt.explain.numbers import symbols

    values = dict(zip(symbols(problem.environment, form.variables), vector, strict=True))
    # Blocks that mean the same stand together.
    order = [
        part.inline[1].prefix
        for part in found.parts
        if hasattr(part, "inline")
        and isinstance(part.inline, tuple)
        and re.fullmatch(r"\(\d+\) ", str(part.inline[0]))
    ]
    blocks = {
        each.in_files.prefix: form.constraints[each.name]
        for each in found.constraints
        if each.name in form.constraints
    }
    left = np.concatenate([blocks[p].of(form.matrix @ vector).ravel() for p in order])
    right = np.concatenate([blocks[p].of(form.row_lower).ravel() for p in order])
    for text, one, other in zip(rows, left, right, strict=True):
        said = text.replace("≈ ", "")
        terms, end = re.fullmatch(r"(.*) (?:>=|=) (\S+)", said).groups()
        total = 0.0
        for sign, size, symbol in re.findall(
            r"(^-|^|[+-] )([\d./]+(?:e-?\d+)? )?([^\W\d][^ ]*)", terms
        ):
            total += (-1 if "-" in sign else 1) * float(eval(size or "1")) * values[symbol]
        assert total == pytest.approx(one, rel=1e-4, abs=1e-4), text
        assert float(eval(end)) == pytest.approx(other, rel=1e-5, abs=1e-5)


@needs_tex
def test_latex_compiles_without_a_missing_symbol_and_fits(tmp_path):
    """All kinds in one run: bodies of several formulations make one document."""
    names = some(list(CASES), 8, 1)
    pages = [mo.formulation(CASES[name], title=f"{name} & Pęski 価 100 %") for name in names]
    odd = mo.Alternatives(["a", "b"], {"ann": ["価 {x}", "a&b$ %^\\~#"]}, {"ann": [[1, 0], [0, 1]]})
    pages.append(mo.formulation(mo.ex_ante_efficiency(odd, budget="subsidised")))
    bodies = [page.latex(document=False) for page in pages]
    whole = pages[0].latex()
    text = whole.replace("\\end{document}", "\n".join(bodies[1:]) + "\n\\end{document}")
    assert overfull(text, tmp_path) == []
    assert "undefined" not in (tmp_path / "set.log").read_text(encoding="latin-1")


@needs_tex
def test_instances_are_printed_with_their_proofs(tmp_path, capsys):
    """In a document of one's own, set justified; all instances with THOROUGH=1."""
    files = sorted(INSTANCES.rglob("*.toml"))
    bodies = []
    for place, file in enumerate(some(files, 12, 3)):
        words = ["explain", str(file), "--body"]
        saved = tmp_path / f"{place}.json"
        # What took long to solve is explained without its solution, and so is what has no proof.
        quick = "wanted_width" not in file.name and "without_lotteries" not in file.name
        if quick and main(["solve", str(file), "-q", "--output", str(saved)]) == 0:
            words += ["--solution", str(saved)]
        capsys.readouterr()
        assert main(words) == 0, file
        bodies.append(capsys.readouterr().out)
    assert overfull("\n\n".join(bodies), tmp_path, 6.5) == []


@needs_tex
def test_what_does_not_fit_is_seen(tmp_path):
    """A formula in one piece is too wide without what the body says of breaking it."""
    problem = mo.load_instance(INSTANCES / "cremer1988" / "two_bidders.toml").problem
    body = mo.formulation(problem).latex(document=False)
    assert overfull(body, tmp_path, 6.5) == []
    assert overfull(body.replace(r"\raggedright\emergencystretch=3em", ""), tmp_path, 6.5)


@pytest.mark.parametrize(
    ("formula", "latex"),
    [
        ("E_p[q | k] >= 0", r"\mathbb{E}_{p}[q \mid k] \ge 0"),
        ("good_to_1 <= a_b ^ 0.5", r"\mathit{good\_to\_1} \le a_{b} ^{0.5}"),
        ("1/2 T_{seller,0}", r"\tfrac{1}{2} T_{\text{seller},0}"),
        ("Σ_c price_c slack_c", r"\sum_{c} \mathit{price}_{c} \mathit{slack}_{c}"),
        ("50 % # of 価", r"50 \text{\%} \text{\#} \text{of \texttt{U+4FA1}}"),
    ],
)
def test_formulas_are_typeset(formula, latex):
    assert typeset(formula) == latex


def test_notebooks_show_it():
    found = mo.formulation(CASES["bilateral-trade, welfare"])
    assert found._repr_markdown_() == found.markdown()
    said = "$v_{i,k} Q_{i,k} - T_{i,k} \\ge 0$ for every agent $i$ and every type $k = 0, \\dots"
    assert said in found.markdown()
    assert "$$" in found._repr_latex_()
    assert str(found) == found.text()


@pytest.mark.parametrize(
    ("suffix", "word"),
    [(".tex", "\\begin{document}"), (".md", "## Constraints"), (".txt", "CONSTRAINTS")],
)
def test_the_command_writes_it(suffix, word, tmp_path, capsys):
    file, to = f"{INSTANCES}/examples/two_goods.toml", tmp_path / f"two{suffix}"
    assert main(["explain", file, "--output", str(to)]) == 0
    assert word in to.read_text(encoding="utf-8")
    assert "wrote" in capsys.readouterr().out
    assert main(["explain", file, "--format", "markdown"]) == 0
    assert capsys.readouterr().out.startswith("# Two goods")


def without_places(found):
    """Return blocks without where they begin, which nobody needs who has no rows."""

    def of(blocks):
        return {name: replace(block, start=0) for name, block in blocks.items()}

    return replace(found, variables=of(found.variables), constraints=of(found.constraints))


@pytest.mark.parametrize("textbook", [False, True])
@pytest.mark.parametrize("name", some(list(CASES), 6, 3))
def test_sizes_of_large_programs_are_those_of_the_rows(name, textbook):
    """Foreseen from fewer types, and counted."""
    problem = CASES[name].textbook if textbook else CASES[name]
    foreseen = shapes_of_large(problem, textbook=textbook)
    if foreseen is None:
        few = all(size <= 3 for size in problem.environment.shape)
        assert problem.environment.prior is not None or few or len(problem.environment.agents) > 6
        return
    counted = shapes_of(problem, float_program(problem, textbook=textbook))
    assert without_places(foreseen) == without_places(counted)
    assert list(foreseen.constraints) == list(counted.constraints)


@pytest.mark.parametrize("name", some([n for n in CASES if mixes_rules(CASES[n])], 12, 3))
def test_sizes_by_types_alone_are_those_of_the_rows(name):
    problem = CASES[name]
    counted = shapes_of(problem, float_program(problem))
    foreseen = shapes_by_types(problem)
    assert without_places(foreseen) == without_places(counted)
    assert list(foreseen.constraints) == list(counted.constraints)


def test_a_market_of_eight_is_printed_and_its_prices_are_said():
    types = mo.TypeSpace.finite(range(7))
    problem = mo.ex_ante_efficiency(mo.Market([types] * 4, [types] * 4))
    found = mo.formulation(problem)
    assert found.variables[0].size == 7**8
    sizes = {each.name: each.size for each in found.constraints}
    assert sizes["bought_is_sold"] == 7**8
    assert sizes["buyer_4_ic_down"] == 6
    assert "with one unit of outside money" in " ".join(proof_of(mo.solve(problem)).text().split())


def test_more_types_than_were_tried_are_counted_right():
    types = mo.TypeSpace.finite(range(1, 10))
    for problem in (
        mo.ex_ante_efficiency(mo.BilateralTrade(types, mo.TypeSpace.finite(range(7)))),
        mo.largest_revenue(mo.Auction([types, mo.TypeSpace.finite(range(6))])),
    ):
        for textbook in (False, True):
            asked = problem.textbook if textbook else problem
            foreseen = shapes_of_large(asked, textbook=textbook)
            counted = shapes_of(asked, float_program(asked, textbook=textbook))
            assert without_places(foreseen) == without_places(counted)


@dataclass(frozen=True)
class OnlySome(mo.Requirement):
    """A requirement of some types of the seller: every second, or those above a cost."""

    above: float | None

    def rows(self, frame):
        """Yield a row for each of them."""
        types = frame.environment.agents[0].types.mean
        places = np.flatnonzero(np.arange(types.size) % 2 == 0)
        if self.above is not None:
            places = np.flatnonzero(types > self.above)
        utility = frame.expected(0, frame.outcome("trade"))[places]
        yield Rows(
            "some", ("seller",), utility, Meaning("x", "x >= 0"), entries=places,
            full_size=types.size,
        )  # fmt: skip

    def checks(self, environment, mechanism, tolerance):
        """Yield nothing."""
        yield from ()


@pytest.mark.parametrize(("above", "count"), [(None, 5), (7.5, 2), (2.5, 7)])
def test_rows_that_follow_no_pattern_are_counted(above, count):
    """Few types would not tell: the one above 7.5 of 3 types, 4 or 5 is the last."""
    types = mo.TypeSpace.finite(range(1, 10))
    problem = replace(
        mo.ex_ante_efficiency(mo.BilateralTrade(types, types)), requirements=[OnlySome(above)]
    )
    assert shapes_of_large(problem, textbook=False) is None
    (own,) = (each for each in mo.formulation(problem).constraints if each.name == "some")
    assert own.size == count


def test_what_is_too_large_to_be_solved_by_profile_is_printed(capsys):
    assert main(["explain", f"{INSTANCES}/gresik1989/three_and_three.toml"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    sizes = " \u00d7 ".join(["200"] * 6)
    assert f"profiles of types t, in the order of the agents: {sizes} = 6.4e+13" in said
    assert "64,000,000,000,000, every profile, 0 to 1" in said
    assert "199 rows, k = 0, ..., 198 of buyer_3" in said


def test_money_has_the_unit_of_the_instance(capsys):
    assert main(["explain", f"{INSTANCES}/house_prices/house_prices.toml"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "what a unit is worth to, or costs, type k of agent i, in thousand dollars" in said
    assert "in money" not in said


def test_a_large_good_whose_cost_does_not_follow_from_quantities_is_printed():
    """Mixtures of rules do not state its program, which is by profile."""
    types = mo.TypeSpace.finite(range(1, 31))
    good = mo.PublicGood([types] * 3, cost=40, excludable=True)
    found = mo.formulation(mo.largest_revenue(good))
    sizes = {each.name: each.size for each in (*found.variables, *found.constraints)}
    assert (sizes["carried_out"], sizes["consumer_3_ic_down"]) == (30**3, 29)


def test_a_program_by_counts_is_printed_as_it_is_solved(monkeypatch):
    """Smaller versions of it are by profile, so that none of them says what its blocks are."""
    monkeypatch.setattr("mechopt.problem.counts.MOST_NUMBERS", 0)
    monkeypatch.setattr("mechopt.explain.scaled.MOST_PROFILES", 0)
    auction = mo.Auction(mo.TypeSpace.finite([1, 2, 3]), count=3)
    problem = mo.largest_revenue(auction, incentives="dominant")
    found = mo.formulation(problem)
    printed = [variable.name for variable in found.variables]
    assert printed == list(standard_form(problem).variables)
    assert "bidder_1_quantity" in printed
    said = {each.name: (each.formula, in_text(each.holds_for)) for each in found.constraints}
    assert said["units"] == ("Σ_k s_k q(k, s - e_k) <= K", "for every state s")
    assert said["bidder_1_ic_up"] == (
        "v_k q(k, s_{-i}) - τ(k, s_{-i}) >= v_k q(k+1, s_{-i}) - τ(k+1, s_{-i})",
        "for every type k = 0, 1 and every state s_{-i} of the others",
    )
    assert "* K = 1: number of units" in found.text()
