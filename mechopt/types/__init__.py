"""Type spaces, and where they come from: finite lists, distributions, samples."""

from mechopt.types.type_space import TypeSpace

__all__ = ["TypeSpace"]
