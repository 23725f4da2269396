"""Type spaces, and where they come from: finite lists, distributions, samples."""

from mechopt.types.type_space import TypeSpace
from mechopt.types.type_table import TypeTable

__all__ = ["TypeSpace", "TypeTable"]
