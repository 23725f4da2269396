"""Where types come from: finite lists, scipy.stats distributions, samples."""

from mechopt.priors.type_space import TypeSpace

__all__ = ["TypeSpace"]
