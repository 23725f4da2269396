"""Instance files: good ones become problems, bad ones are reported with all their faults."""

import json
import math
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, minimum_subsidy
from mechopt.errors import InstanceError, InvalidInputError, UnsupportedProblemError
from mechopt.instances import exact_number, instance_from_document, load_instance, read_document
from mechopt.instances.agent import TraderTable
from mechopt.instances.problem import UsualProblemTable
from mechopt.problem.objectives import Welfare
from mechopt.problem.problem import AllocationRequirement, Budget, Incentives, Participation
from mechopt.types.samples import read_column

from .draws import drawn, some
from .failing_cases import CASES

INSTANCES = sorted((Path(__file__).parents[1] / "instances").glob("*/*.toml"))
HOUSES = Path(__file__).parents[1] / "instances" / "house_prices" / "house_prices.csv"

COINS = """
[environment]
kind = "bilateral-trade"
seller = { types = [0, 1] }
buyer = { types = [0, 1] }
[problem]
objective = "ex-ante-efficiency"
"""


@pytest.fixture
def written(tmp_path):
    """Return a function that writes an instance file and returns its path."""

    def write(text, name="trade.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def trade_file(seller="types = [0, 1]", buyer="types = [0, 1]", problem=None):
    problem = problem or 'objective = "ex-ante-efficiency"'
    return (
        '[environment]\nkind = "bilateral-trade"\n'
        f"[environment.seller]\n{seller}\n[environment.buyer]\n{buyer}\n[problem]\n{problem}\n"
    )


def test_every_kind_has_bad_files():
    texts = [case.path.read_bytes() for case in CASES if case.path.is_file()]
    counts = {
        kind: sum(f'kind = "{kind}"'.encode() in text for text in texts)
        for kind in {load_instance(path).kind for path in INSTANCES}
    }
    assert len(counts) == 10
    assert min(counts.values()) >= 10, counts


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.path.stem)
def test_every_fault_has_a_line_and_no_other_has(case):
    with pytest.raises(InstanceError) as caught:
        load_instance(case.path)
    lines = list(caught.value.faults)
    for fault in case.faults:
        told = [line for line in lines if line.startswith(f"{fault.key}: ") and fault.part in line]
        assert told, f"nothing on {fault.key} with {fault.part!r} in {lines}"
        lines.remove(told[0])
    assert lines == []


@pytest.mark.parametrize("case", some(CASES, 2, start=1), ids=lambda case: case.path.stem)
def test_faults_are_single_lines_in_plain_words(case):
    with pytest.raises(InstanceError) as caught:
        load_instance(case.path)
    assert caught.value.path == str(case.path)
    for line in caught.value.faults:
        assert "\n" not in line
        assert "(expected " in line
        assert ", got " in line
        assert line.endswith((".", "?"))
        assert "pydantic" not in line
        assert "Input should be" not in line


@pytest.mark.parametrize("path", INSTANCES, ids=lambda path: path.stem)
def test_instances_of_the_repository_load(path):
    instance = load_instance(path)
    assert instance.path == path
    assert instance.title
    assert instance.source
    of_papers = {"peski2024": "bargaining", "cramton1985": "bilateral-trade"}
    assert instance.kind == of_papers.get(path.parent.name, instance.kind)
    assert instance.problem.environment.first_best > 0


def test_there_are_instances():
    assert INSTANCES


def test_the_uniform_exchange_in_full():
    instance = load_instance(HOUSES.parents[1] / "cramton1985" / "uniform_exchange.toml")
    assert instance.unit == "money"
    assert instance.expected == {"objective": 0.140625, "tolerance": 1e-4}
    assert instance.problem.objective == Welfare((1.0, 1.0))
    assert instance.problem.environment.shape == (200, 200)


def test_optional_keys_have_defaults(written):
    instance = load_instance(written(COINS, "coins.toml"))
    assert (instance.title, instance.source, instance.unit) == ("coins", "", "money")
    assert instance.expected == {}
    types = TypeSpace.finite([0, 1])
    expected = ex_ante_efficiency(BilateralTrade(types, types))
    assert instance.problem.fingerprint == expected.fingerprint


def test_fractions_and_decimals_are_exact_up_to_the_float(written):
    buyer = (
        'types = [0.1, "1/3", "+2/3", "0.7", 1]\nprobabilities = ["1/3", "1/6", 0.25, 0.125, "1/8"]'
    )
    buyer = load_instance(written(trade_file(buyer=buyer))).problem.environment.agents[1].types
    assert buyer.mean.tolist() == [0.1, 1 / 3, 2 / 3, 0.7, 1.0]
    assert buyer.mass.tolist() == [1 / 3, 1 / 6, 0.25, 0.125, 0.125]


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("0.1", Fraction(1, 10)),
        ("1_000.5", Fraction(2001, 2)),
        ("-3", Fraction(-3)),
        ("0x10", Fraction(16)),
        ("2.5e-3", Fraction(1, 400)),
        ("0e999999999", Fraction(0)),
        ('"2/3"', Fraction(2, 3)),
        ('" -2 / 6 "', Fraction(-1, 3)),
        ('"0.1"', Fraction(1, 10)),
        ('".5e1"', Fraction(5)),
    ],
)
def test_numbers_keep_all_their_digits(written, literal, expected):
    document = read_document(written(f"number = {literal}"))
    assert exact_number(document["number"]) == expected


@given(st.fractions())
def test_every_fraction_is_read_as_itself(number):
    text = str(number)
    if number == 0 or 1e-150 <= abs(number) <= 1e150:
        assert exact_number(text) == number


@given(st.floats(-1e150, 1e150).filter(lambda number: number == 0 or abs(number) >= 1e-150))
def test_every_float_is_read_as_itself(number):
    assert float(exact_number(Decimal(repr(number)))) == number
    assert float(exact_number(number)) == number


@given(st.text() | st.booleans() | st.none() | st.lists(st.integers()) | st.floats())
def test_a_number_is_finite_or_refused(value):
    try:
        number = exact_number(value)
    except InvalidInputError:
        return
    assert math.isfinite(float(number))


def test_samples_without_and_with_cells(written):
    seller = f"samples = {json.dumps(str(HOUSES))}\ncolumn = 'assess'"
    text = trade_file(seller, seller + "\ncells = 8")
    seller, buyer = load_instance(written(text)).problem.environment.agents
    values = read_column(HOUSES, "assess")
    assert seller.types.is_finite
    assert seller.types.mean.tolist() == sorted(set(values))
    assert buyer.types.num_cells == 8
    assert buyer.types.mass == pytest.approx(np.full(8, 1 / 8))
    assert not buyer.types.is_finite


def test_samples_are_found_beside_the_file(written):
    written("bid\n3\n1\n3\n", "bids.csv")
    instance = load_instance(written(trade_file("samples = 'bids.csv'\ncolumn = 'bid'")))
    assert instance.problem.environment.agents[0].types.mass == pytest.approx([1 / 3, 2 / 3])


def test_one_side_may_be_finite_and_the_other_a_continuum(written):
    buyer = "distribution = 'beta'\nparameters = { a = 2, b = '3', scale = 10 }\ncells = 50"
    seller, buyer = load_instance(written(trade_file(buyer=buyer))).problem.environment.agents
    assert seller.types.prior is None
    assert buyer.types.prior.shapes == (2.0, 3.0)
    assert buyer.types.prior.scale == 10.0
    assert buyer.types.num_cells == 50


@pytest.mark.parametrize(
    ("by_position", "by_name"),
    [
        ("[2, 3]", "{ a = 2, b = 3 }"),
        ("[2, 3, 1]", "{ a = 2, b = 3, loc = 1 }"),
        ("[2, 3, 1, '1/2']", "{ a = 2, b = 3, loc = 1, scale = 0.5 }"),
    ],
)
def test_parameters_in_the_order_of_scipy(written, by_position, by_name):
    agent = "distribution = 'beta'\ncells = 5\nparameters = "
    instance = load_instance(written(trade_file(agent + by_position, agent + by_name)))
    seller, buyer = instance.problem.environment.agents
    assert seller.types.prior == buyer.types.prior


@pytest.mark.parametrize("cells", [1, 7])
def test_cells_override_the_file(written, cells):
    buyer = "distribution = 'uniform'\ncells = 20"
    path = written(trade_file(buyer=buyer))
    assert load_instance(path, cells=cells).problem.environment.shape == (2, cells)
    assert load_instance(path).problem.environment.shape == (2, 20)


def test_cells_override_samples_only_where_they_are_cut_into_cells(written):
    sample = f"samples = {json.dumps(str(HOUSES))}\ncolumn = 'price'"
    path = written(trade_file(sample, sample + "\ncells = 8"))
    every_value = load_instance(path).problem.environment.shape[0]
    assert load_instance(path, cells=5).problem.environment.shape == (every_value, 5)
    with pytest.raises(InstanceError, match=r"buyer\.cells: .*got 100, from the argument cells"):
        load_instance(path, cells=100)


def test_cells_for_finite_types_are_refused(written):
    with pytest.raises(InvalidInputError, match="cells") as caught:
        load_instance(written(COINS), cells=10)
    assert caught.value.where == "cells"


@pytest.mark.parametrize("cells", [0, -1, True, 2.5, "10", 10**12])
def test_cells_must_be_a_number_of_cells(cells):
    with pytest.raises(InvalidInputError, match="cells"):
        load_instance(HOUSES.parents[1] / "cramton1985" / "uniform_exchange.toml", cells=cells)


def test_requirements_of_the_problem(written):
    words = 'incentives = "none"\nparticipation = "none"\nbudget = "no-deficit"'
    problem = 'objective = "ex-post-efficiency"\n' + words
    problem = load_instance(written(trade_file(problem=problem))).problem
    assert problem.allocation is AllocationRequirement.EFFICIENT
    assert problem.incentives is Incentives.NONE
    assert problem.participation is Participation.NONE
    assert problem.budget is Budget.NO_DEFICIT


def test_minimum_subsidy_keeps_its_own_budget(written):
    problem = load_instance(written(trade_file(problem='objective = "minimum-subsidy"'))).problem
    types = TypeSpace.finite([0, 1])
    assert problem.fingerprint == minimum_subsidy(BilateralTrade(types, types)).fingerprint
    assert problem.budget is Budget.SUBSIDISED


def test_weights_by_name_in_any_order(written):
    problem = 'objective = "ex-ante-efficiency"\nweights = { buyer = "1/3", seller = 2 }'
    assert load_instance(written(trade_file(problem=problem))).problem.objective == Welfare(
        (2.0, 1 / 3)
    )


@pytest.mark.parametrize("rate", ["2.5", '"5/2"', '"2.5"'])
def test_equal_rates_in_any_form(written, rate):
    agents = [f"types = [0, 1]\ndiscount_rate = {value}" for value in ("2.5", rate)]
    types = TypeSpace.finite([0, 1])
    expected = ex_ante_efficiency(BilateralTrade(types, types, 2.5, 2.5))
    assert load_instance(written(trade_file(*agents))).problem.fingerprint == expected.fingerprint


def test_unequal_rates(written):
    seller, buyer = "types = [0, 1]\ndiscount_rate = 2", "types = [0, 1]\ndiscount_rate = 'inf'"
    types = TypeSpace.finite([0, 1])
    expected = ex_ante_efficiency(BilateralTrade(types, types, 2.0, math.inf))
    problem = load_instance(written(trade_file(seller, buyer))).problem
    assert problem.fingerprint == expected.fingerprint


def test_rates_that_the_library_does_not_accept_are_a_fault(written, monkeypatch):
    def refuse(seller, buyer, seller_rate=1.0, buyer_rate=1.0):
        if seller_rate != buyer_rate:
            raise UnsupportedProblemError("rates differ. Give both sides the same rate.")
        return BilateralTrade(seller, buyer, seller_rate, buyer_rate)

    monkeypatch.setattr("mechopt.instances.bilateral_trade.BilateralTrade", refuse)
    path = written(trade_file("types = [0, 1]\ndiscount_rate = 2", "types = [1, 0]"))
    with pytest.raises(InstanceError) as caught:
        load_instance(path)
    assert [line.split(":")[0] for line in caught.value.faults] == [
        "environment.buyer.types",
        "environment.buyer.discount_rate",
    ]


def test_expected_answers_may_be_fractions(written):
    text = COINS + '[expected]\nobjective = "9/64"\ntolerance = 1e-9\nalpha = 0'
    assert load_instance(written(text)).expected == {
        "objective": 9 / 64,
        "tolerance": 1e-9,
        "alpha": 0.0,
    }


AGENT_KEYS = st.sampled_from([*TraderTable.model_fields, "typs", "cell"])
PROBLEM_KEYS = st.sampled_from([*UsualProblemTable.model_fields, "weight"])
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-3, 30),
    st.just(10**400),
    st.decimals(-9, 9, places=2),
    st.sampled_from([Decimal("inf"), Decimal("nan"), Decimal("1e999999999")]),
    st.dates(),
    st.sampled_from(["uniform", "beta", "norm", "none", "balanced", "price", "1/3", "1/0", "\0"]),
    st.sampled_from(["bilateral-trade", "ex-ante-efficiency", "minimum-subsidy", str(HOUSES), ""]),
)
VALUES = st.recursive(
    SCALARS,
    lambda values: (
        st.lists(values, max_size=4)
        | st.dictionaries(AGENT_KEYS | st.text(max_size=5), values, max_size=5)
    ),
    max_leaves=12,
)
AGENTS = st.dictionaries(AGENT_KEYS, VALUES, max_size=4) | VALUES


@given(
    seller=AGENTS,
    buyer=AGENTS,
    problem=st.dictionaries(PROBLEM_KEYS, VALUES, max_size=3) | VALUES,
    rest=st.dictionaries(st.sampled_from(["title", "unit", "expected", "environment"]), VALUES),
)
@settings(max_examples=len(drawn(100, 2)))
def test_no_other_error_escapes(seller, buyer, problem, rest):
    environment = {"kind": "bilateral-trade", "seller": seller, "buyer": buyer}
    document = {"environment": environment, "problem": problem, **rest}
    faults = ["none"]
    try:
        instance_from_document(document, "trade.toml")
    except InstanceError as error:
        faults = error.faults
    assert faults
    assert not any("\n" in line for line in faults)


def test_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path):
    path = tmp_path / "trade.toml"
    path.write_bytes(b"\xef\xbb\xbf" + COINS.replace("\n", "\r\n").encode())
    assert load_instance(path).problem.environment.shape == (2, 2)


def test_relative_paths_and_text_paths(written, monkeypatch):
    monkeypatch.chdir(written(COINS, "coins.toml").parent)
    assert load_instance("coins.toml").title == "coins"


def test_a_document_can_be_changed_before_it_is_read(written):
    path = written(COINS)
    document = read_document(path)
    document["environment"]["buyer"] = {"types": [0, 0.5, 1]}
    assert instance_from_document(document, path).problem.environment.shape == (2, 3)


def test_scipy_is_not_imported_for_finite_types(written, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    load_instance(written(COINS))


def test_what_scipy_cannot_compute_is_a_fault(written, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("did not converge\nat all")

    monkeypatch.setattr(TypeSpace, "from_distribution", fail)
    agent = "distribution = 'uniform'\ncells = 5"
    with pytest.raises(InstanceError) as caught:
        load_instance(written(trade_file(agent)))
    (line,) = caught.value.faults
    assert line.startswith("environment.seller.distribution: scipy cannot")
    assert "RuntimeError: did not converge at all" in line


def test_a_column_is_read_in_order(written):
    path = written(
        '\ufeffname, price ,area\r\n"Ada, Countess",3.5,1\r\nBen, -2e1 ,2\r\n\r\n\n', "a.csv"
    )
    assert read_column(path, "price").tolist() == [3.5, -20.0]
    assert read_column(str(path), " area").tolist() == [1.0, 2.0]


@pytest.mark.parametrize("cell", ["1_000", "1,5", "nan", "-inf", "1e999", "", "0x10", "NA"])
def test_cells_that_are_no_finite_numbers(written, cell):
    path = written(f'a,b\n1,2\n"{cell}",2\n', "a.csv")
    with pytest.raises(InvalidInputError, match='line 3, column "a"') as caught:
        read_column(path, "a")
    assert caught.value.where == "samples"
    assert caught.value.got == f'"{cell}"'
