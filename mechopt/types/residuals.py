"""What is left of a sample after a regression on what both sides can see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, frozen
from mechopt._util.given import given_numbers, real_array
from mechopt.errors import InvalidInputError

LEVELS, LOGS = "levels", "logs"
# Columns that agree up to rounding with a combination of others leave no regression.
RANK_TOLERANCE = 1e-10
# Residuals up to this share of the deviations, or of the values, are what rounding leaves.
EXPLAINED_TOLERANCE, OUTCOME_ROUNDING = 1e-10, 16 * np.finfo(np.float64).eps


@dataclass(frozen=True)
class Regressed:
    """What a sample was regressed on, and the object that its values are for.

    Parameters
    ----------
    covariates
        Names of the columns.
    regression
        ``"levels"`` or ``"logs"``.
    at
        Means of the covariates over the rows of the regression.
    explained
        Share of the variance that the covariates explain.
    complete
        Names of the columns without which a row does not count.

    Examples
    --------
    >>> Regressed(("age",), "levels", (9.25,), 0.876, ("ask", "bid", "age")).sentence("ask", 57)
    'ask is regressed on age (levels, 57 rows, R squared 0.876); its values are those at age 9.25'
    """

    covariates: tuple[str, ...]
    regression: str
    at: tuple[float, ...]
    explained: float
    complete: tuple[str, ...]

    def record(self, num_rows: int) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "regression": self.regression,
            "at": dict(zip(self.covariates, self.at, strict=True)),
            "explained": self.explained,
            "rows": num_rows,
        }

    def sentence(self, name: str, num_rows: int) -> str:
        """Return what was done to a sample, in words."""
        means = ", ".join(f"{c} {x:.6g}" for c, x in zip(self.covariates, self.at, strict=True))
        how = f"{self.regression}, {num_rows:,} rows, R squared {self.explained:.3f}"
        columns = ", ".join(self.covariates)
        return f"{name} is regressed on {columns} ({how}); its values are those at {means}"


@dataclass(frozen=True, eq=False)
class Homogenised:
    """A sample as it would be if every object had the average covariates.

    Parameters
    ----------
    values : array of shape (sample_size,)
        The homogenised values, in money: the residual plus the fitted value at the means of the
        covariates; with logs, the exponential of that.
    residuals : array of shape (sample_size,)
        What the regression leaves: in money, or in logs of money.
    coefficients : array of shape (1 + num_covariates,)
        The constant, then one coefficient per covariate.
    at : array of shape (num_covariates,)
        The means of the covariates.
    explained
        Share of the variance that the covariates explain (R squared), 0 where there is none.

    Examples
    --------
    >>> from mechopt.priors import homogenise
    >>> found = homogenise([10.0, 21.0, 29.0], [1.0, 2.0, 3.0])
    >>> found.values.round(6)
    array([19.5, 21. , 19.5])
    """

    values: FloatArray
    residuals: FloatArray
    coefficients: FloatArray
    at: FloatArray
    explained: float


def homogenise(
    values: npt.ArrayLike, covariates: npt.ArrayLike, *, regression: str = LEVELS
) -> Homogenised:
    r"""Return a sample less what observed covariates explain of it, at their means.

    Values that differ because objects differ in what everybody can see (the size of a house) are
    not private information. The empirical auction literature removes that part by a regression:
    values, or their logarithms, on a constant and the covariates, by least squares. A residual is
    then what a type knows beyond the covariates, *if* the private part adds to the common part (or
    multiplies it, with logs) and is independent of the covariates. Neither is tested here.

    Residuals alone sum to zero and have no level. What is returned as ``values`` puts them at an
    object with average covariates, so that sellers and buyers of the same objects stay comparable:
    regress both sides on the same rows' covariates.

    Parameters
    ----------
    values : array of shape (sample_size,)
        Observed types, in money; positive with logs.
    covariates : array of shape (sample_size,) or (sample_size, num_covariates)
        What is observed beside them, one row per value.
    regression
        ``"levels"`` or ``"logs"`` (of the values; take logs of covariates yourself).

    Raises
    ------
    InvalidInputError
        For arrays that do not fit, fewer rows than coefficients, covariates that are constant or
        combine to a constant, values that have no logarithm, and covariates that explain values
        which differ up to rounding, such as the values themselves: nothing private is left.

    Notes
    -----
    Source: Haile, Hong and Shum (2003), Nonparametric tests for common values at first-price
    sealed-bid auctions, NBER Working Paper 10105.

    Examples
    --------
    >>> sizes = [80, 100, 120, 100]
    >>> found = homogenise([160, 205, 240, 195], sizes)
    >>> found.coefficients.round(6), found.values.round(6)
    (array([0., 2.]), array([200., 205., 200., 195.]))
    >>> homogenise([100, 200, 420], [1, 2, 3], regression="logs").values.round(2)
    array([204.94, 200.  , 204.94])
    """
    sample = given_numbers(values, "values")[0]
    beside = real_array(covariates, "covariates")
    beside = beside[:, None] if beside.ndim == 1 else beside
    if regression not in (LEVELS, LOGS):
        raise _refused("not a regression", "regression", '"levels" or "logs"', repr(regression))
    if beside.ndim != 2 or beside.shape[0] != sample.size or not beside.shape[1]:
        expected = f"one row for each of the {sample.size} values"
        raise _refused("covariates do not fit", "covariates", expected, f"shape {beside.shape}")
    if not (np.isfinite(sample).all() and np.isfinite(beside).all()):
        raise _refused("not finite", "covariates", "finite numbers", "nan or infinite ones")
    if regression == LOGS and not (sample > 0).all():
        got = f"{sample.min():g}"
        raise _refused("no logarithm", "values", "values above 0 with logs", got)
    at = beside.mean(axis=0)
    spread = beside.std(axis=0)
    # Deviations in units of their spread keep the constant apart and the scales alike.
    design = (beside - at) / np.where(spread > 0, spread, 1.0)
    ranks = np.linalg.svd(design, compute_uv=False)
    if sample.size <= beside.shape[1] + 1 or ranks.min() <= RANK_TOLERANCE * np.sqrt(sample.size):
        raise _refused(
            "no regression on these covariates",
            "covariates",
            f"more than {beside.shape[1] + 1} rows, and covariates that vary each by itself",
            f"{sample.size} rows, {int((ranks > RANK_TOLERANCE).sum())} that do",
        )
    outcome = np.log(sample) if regression == LOGS else sample
    middle = float(outcome.mean())
    slopes = np.linalg.lstsq(design, outcome - middle, rcond=None)[0]
    residuals = outcome - middle - design @ slopes
    rounding = EXPLAINED_TOLERANCE * np.abs(outcome - middle).max()
    rounding = max(rounding, OUTCOME_ROUNDING * np.abs(outcome).max())
    if np.ptp(sample) > 0 and np.abs(residuals).max() <= rounding:
        raise _refused(
            "the covariates explain the values up to rounding",
            "covariates",
            "covariates that leave something private",
            f"residuals of {np.abs(residuals).max():.1g} at most",
        )
    slopes = slopes / spread
    variance = float(np.mean((outcome - middle) ** 2))
    explained = 1.0 - float(np.mean(residuals**2)) / variance if variance > 0 else 0.0
    homogeneous = np.exp(middle + residuals) if regression == LOGS else middle + residuals
    return Homogenised(
        frozen(homogeneous),
        frozen(residuals),
        frozen([middle - float(slopes @ at), *slopes]),
        frozen(at),
        explained,
    )


def _refused(what: str, where: str, expected: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        what,
        where=where,
        expected=expected,
        got=got,
        remedy="Choose other covariates, or leave them out.",
    )
