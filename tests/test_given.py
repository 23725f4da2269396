"""What callers give as numbers is read as what it is, or refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import mechopt as mo
from mechopt._util.rationals import as_fraction
from mechopt.errors import InstanceError, InvalidInputError
from mechopt.studies.paired_rows import PairedRows

TYPES = mo.TypeSpace.finite([0, 1])
TRADE = mo.BilateralTrade(TYPES, TYPES)

NO_NUMBERS = {
    "masked": np.ma.masked_array([1.0, 2.0], [0, 1]),
    "a masked entry": [1.0, np.ma.masked],
    "dates": np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[D]"),
    "dates of pandas": pd.to_datetime(["2020-01-01", "2020-01-02"]),
    "durations": np.array([1, 2], dtype="timedelta64[s]"),
    "truth values": [False, True],
    "an array of truth values": np.array([False, True]),
    "truth values of pandas": pd.Series([False, True]),
    "a truth value among numbers": [0.5, True],
    "numpy's truth value among numbers": [0.5, np.True_],
    "complex numbers": np.array([0 + 0j, 1 + 1j]),
    "a complex number among numbers": [0.5, 1j],
    "bytes": [b"1", b"2"],
    "an array of one truth value": [0.5, np.array(True)],
    "a gap of pandas": pd.Series([1, None], dtype="Int64"),
    "nothing": [1, None],
    "digits of another script": ["\uff11", "\uff12"],
    "underscores": ["1_000", "2_000"],
    "an underscore in a fraction": ["1_0/3", "4"],
    "5,000 decimals": [0, "0." + "1" * 5000],
    "5,000 decimals as such": [0, Decimal("0." + "1" * 5000)],
    "5,000 digits": [0, 10**5000],
    "a fraction of 5,000 digits": [0, Fraction(1, 10**5000)],
    "words": ["a", "b"],
}


@pytest.mark.parametrize("case", NO_NUMBERS)
@pytest.mark.parametrize(
    "enter",
    [
        mo.TypeSpace.finite,
        mo.TypeSpace.from_samples,
        lambda given: mo.TypeSpace.finite([0, 1], given),
        lambda given: mo.TypeSpace(given, [0, 1], [0, 1], [0, 1]),
        lambda given: mo.TypeSpace([0.5, 0.5], given, [0, 1], [0, 1]),
        lambda given: mo.ex_ante_efficiency(TRADE, list(given)),
        lambda given: PairedRows(given, [1, 2]),
        lambda given: mo.priors.homogenise(given, [1, 2]),
        lambda given: mo.environments.trade_from_rows(given, [1, 2]),
    ],
    ids=[
        "types",
        "samples",
        "probabilities",
        "masses",
        "means",
        "weights",
        "rows",
        "values",
        "joint",
    ],
)
def test_what_is_no_number_is_refused(case, enter):
    with pytest.raises(InvalidInputError) as caught:
        enter(NO_NUMBERS[case])
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("prior", [[[True]], [[1j]], np.ma.masked_array([[1.0]], [[1]])])
def test_a_joint_prior_is_of_numbers(prior):
    point = mo.TypeSpace.finite([0])
    trade = mo.BilateralTrade(point, point)
    with pytest.raises(InvalidInputError, match="not numbers"):
        mo.studies.find_dominating(trade, mo.studies.InterimPayoffs.nothing(trade), prior=prior)


@pytest.mark.parametrize("limit", ["a", True, np.True_, float("nan"), -1, 1j])
def test_a_payment_limit_is_a_number(limit):
    with pytest.raises(InvalidInputError, match="not a limit"):
        mo.PaymentLimit(limit)
    point = mo.TypeSpace.finite([0])
    trade = mo.BilateralTrade(point, point)
    with pytest.raises(InvalidInputError, match="not a limit"):
        mo.studies.find_dominating(
            trade, mo.studies.InterimPayoffs.nothing(trade), payment_limit=limit
        )


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.longdouble])
def test_a_float_of_another_precision_is_its_shortest_decimal(kind):
    given = np.array(["0.1", "0.7"]).astype(kind)
    expected = [Fraction(1, 10), Fraction(7, 10)]
    for values in (given, list(given)):
        types = mo.TypeSpace.finite(values)
        assert types.mean.tolist() == [0.1, 0.7]
        assert types.in_fractions().mean.tolist() == expected
    assert [as_fraction(value) for value in given] == expected
    assert mo.ex_ante_efficiency(TRADE, list(given)).objective.weights == (0.1, 0.7)
    rates = mo.BilateralTrade(TYPES, TYPES, given[0], given[1]).outcomes
    assert (rates.seller_rate, rates.buyer_rate) == (0.1, 0.7)


@pytest.mark.parametrize(
    ("given", "exact"),
    [
        ([np.float32(0.1), 1], ["1/10", "1"]),
        ([np.float32(0.1), 0.2], ["1/10", "1/5"]),
        ([0.5, 2**53 + 1], ["1/2", str(2**53 + 1)]),
        ([-1, np.uint64(2**63 + 1)], ["-1", str(2**63 + 1)]),
        ([0.5, "2/3", 2**60 + 1], ["1/2", "2/3", str(2**60 + 1)]),
    ],
)
def test_numbers_beside_others_keep_their_digits(given, exact):
    assert list(map(str, mo.TypeSpace.finite(given).in_fractions().mean)) == exact


@pytest.mark.parametrize(
    "given",
    [
        pd.Series([1, 3], index=[7, 9]),
        pd.Series(["1", "3"]),
        pd.Series([1, 3], dtype="Int64"),
        np.ma.masked_array([1.0, 3.0], [0, 0]),
        np.array([1, 3], dtype=object),
        (Decimal(1), Fraction(3)),
        [" 1 ", "3.0"],
        range(1, 4, 2),
    ],
    ids=lambda given: type(given).__name__,
)
def test_numbers_in_other_clothes_are_numbers(given):
    assert mo.TypeSpace.finite(given).mean.tolist() == [1.0, 3.0]


def test_numbers_that_differ_are_never_one_type_in_silence():
    given = [2**53, 2**53 + 1]
    for values in (given, np.array(given), [str(value) for value in given]):
        with pytest.raises(InvalidInputError, match=r"9007199254740993.*origin"):
            mo.TypeSpace.finite(values)
        with pytest.raises(InvalidInputError, match=r"9007199254740993.*origin"):
            mo.TypeSpace.from_samples(values)
    # Cells hold several values anyhow, and are in exact order.
    cells = mo.TypeSpace.from_samples([2**53 + 1, 2**53, 2**53 + 4], cells=2).in_fractions()
    assert (cells.lower[0], cells.upper[-1]) == (2**53, 2**53 + 4)
    assert cells.lower[1] == 2**53 + 1


def test_errors_of_a_file_are_capped():
    error = InstanceError("a.toml", [f"environment.seller.types[{i}]: no" for i in range(20_000)])
    assert len(error.faults) == 20_000
    assert len(str(error)) < 5_000
    assert str(error).splitlines()[0] == "a.toml: 20,000 faults"
    assert "more" in str(error).splitlines()[-1]
    assert len(str(InstanceError("a.toml", ["x" * 10_000]))) < 5_000
