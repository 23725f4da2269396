"""What an audit finds: one check per requirement, and the report of them all."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mechopt.errors import AuditError


@dataclass(frozen=True)
class Check:
    """One requirement, and how far the mechanism is from meeting it.

    Parameters
    ----------
    requirement
        What is required, such as ``"incentive compatibility of buyer"``.
    violation
        By how much it is broken, in its own unit (money or probability); zero or less if met.
    scaled
        The violation beyond what rounding explains, relative to what is at stake: for whoever
        breaks a constraint of its own, or in all (the first best). Of a probability, itself.
    tolerance
        The largest scaled violation that passes.
    where
        The worst place, named where the violation is more than rounding: which type or profile.
    """

    requirement: str
    violation: float
    scaled: float
    tolerance: float
    where: str

    @property
    def passed(self) -> bool:
        """Whether the requirement is met within the tolerance; NaN never passes."""
        return bool(self.scaled <= self.tolerance)

    def __str__(self) -> str:
        if self.passed:
            return f"{self.requirement}: holds ({self.where})"
        by = f" by {self.violation:.3g}" if np.isfinite(self.violation) else ""
        # The largest violation of all is said relative to what is at stake.
        part = ""
        if by and np.isfinite(self.scaled) and self.scaled != self.violation:
            part = f"{self.scaled:.0e} of what is at stake; "
        return f"{self.requirement}: BROKEN{by} ({part}{self.where})"


@dataclass(frozen=True)
class AuditReport:
    """The outcome of an audit.

    Parameters
    ----------
    checks
        One entry per requirement.
    notes
        What was not checked, and why.
    """

    checks: tuple[Check, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether every requirement is met within its tolerance."""
        return all(check.passed for check in self.checks)

    @property
    def failed(self) -> tuple[Check, ...]:
        """The requirements that are broken, worst first; equal ones, up to rounding, as checked."""
        broken = [check for check in self.checks if not check.passed]

        def size(check: Check) -> float:
            return -np.inf if np.isnan(check.scaled) else -float(f"{check.scaled:.9g}")

        return tuple(sorted(broken, key=size))

    @property
    def max_violation(self) -> float:
        """Largest scaled violation; zero if every requirement is met exactly, NaN if one is."""
        return float(np.max([0.0, *(check.scaled for check in self.checks)]))

    def raise_if_failed(self) -> None:
        """Raise :class:`mechopt.errors.AuditError` naming every broken requirement."""
        if not self.passed:
            raise AuditError("; ".join(str(check) for check in self.failed))

    def __str__(self) -> str:
        return "\n".join([*(str(check) for check in self.checks), *self.notes])
