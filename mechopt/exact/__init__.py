"""Exact optima of linear programs with rational data, proved in fractions."""

from mechopt.exact.optimum import ExactSolution, exact_optimum

__all__ = ["ExactSolution", "exact_optimum"]
