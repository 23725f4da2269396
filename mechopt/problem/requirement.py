"""What a mechanism has to satisfy: one object per requirement, each with one definition.

A requirement states its rows once, for floats and for fractions and for every backend, and checks a
mechanism by definition, never from its rows. Those of every problem are in
:mod:`mechopt.problem.incentives`, :mod:`mechopt.problem.participation` and
:mod:`mechopt.problem.budget`; a requirement of your own is a frozen dataclass that extends
:class:`Requirement`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator

from mechopt.environments import Environment
from mechopt.mechanism.check import Check
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.frame import Frame
from mechopt.problem.linear import Rows


class Requirement(ABC):
    """Something that a mechanism has to satisfy.

    A subclass is a frozen dataclass, so that it can be saved; its rows are linear in outcomes and
    payments.
    """

    @property
    def in_words(self) -> str:
        """What it requires, in a few words for reports: the name of the class unless overridden."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(self).__name__).lower()

    @property
    def by_profile(self) -> bool:
        """Whether it depends on the payments of single profiles, not only on what types expect."""
        return False

    def validate(self, environment: Environment) -> None:
        """Raise InvalidInputError if the requirement does not fit the environment."""
        del environment

    @abstractmethod
    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield the rows of a program that state the requirement."""

    @abstractmethod
    def checks(
        self, environment: Environment, mechanism: Mechanism, tolerance: float
    ) -> Iterator[Check]:
        """Yield checks of a mechanism, by definition."""

    def scaled(self, factor: float) -> Requirement:
        """Return the same requirement in another unit of money.

        The default is for requirements without amounts of money; others override it.
        """
        del factor
        return self
