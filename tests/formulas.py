"""The formulas of the program's rows and objectives, evaluated from a problem's own data.

Each is written here once more, in NumPy and as theory.md has it; nothing is taken from the rows.
"""

from __future__ import annotations

import re

import numpy as np

from mechopt.problem.liability import Liability
from mechopt.problem.objectives import Mixture
from mechopt.problem.participation import UtilityFloor


class Point:
    """Any values of a program's variables, as the letters of formulas call them."""

    def __init__(self, problem, form, vector):
        self.problem, self.environment = problem, problem.environment
        self.parts = {name: block.of(vector) for name, block in form.variables.items()}
        environment, outcomes = self.environment, problem.environment.outcomes
        self.names = [agent.name for agent in environment.agents]
        joint = environment.prior
        self.groups = all(name not in self.parts for name in outcomes.variables)
        if not self.groups:
            self.p = environment.belief.density()
            if joint is not None:
                self.p = joint.probabilities
            self.x = np.stack([self.parts[name] for name in outcomes.variables])
            self.q = np.tensordot(outcomes.net_quantity, self.x, axes=1)
            self.cost = np.tensordot(outcomes.cost, self.x, axes=1)
        first = self.parts.get(f"{self.names[0]}_payment")
        self.by_profile = (
            first.ndim == len(self.names) and f"{self.names[0]}_quantity" not in self.parts
        )
        if self.by_profile:
            self.paid = np.stack([self.parts[f"{name}_payment"] for name in self.names])

    def own(self, i, values):
        moved = np.moveaxis(values, i, 0)
        return moved.reshape(len(moved), -1)

    def expected(self, i, values):
        """Return E[values at report r | k] by (k, r)."""
        joint = self.own(i, self.p)
        return joint / joint.sum(axis=1, keepdims=True) @ self.own(i, values).T

    def paid_by(self, i):
        if self.by_profile:
            return np.diag(self.expected(i, self.paid[i]))
        return self.parts[f"{self.names[0 if self.groups else i]}_payment"]

    def quantity(self, i):
        if self.groups:
            return self.parts[f"{self.names[0]}_quantity"]
        own = self.parts.get(f"{self.names[i]}_quantity")
        return np.diag(self.expected(i, self.q[i])) if own is None else own

    def worth(self, i):
        """Return what x at each report and profile of the others is worth to k: (k, r, others)."""
        table, size = self.environment.worth[i], self.environment.shape[i]
        x = np.stack([self.own(i, one) for one in self.x])  # variable, report, others
        table = np.broadcast_to(table, (size, x.shape[2], len(x)))
        return np.einsum("kov,vro->kro", table, x)

    def values(self, i, types):
        """Return E[v_k(x)] at the truth: of a type times a quantity, or of a table."""
        if self.environment.has_net_quantity(i):
            return types * self.quantity(i)
        joint = self.own(i, self.p)
        beliefs = joint / joint.sum(axis=1, keepdims=True)
        return np.einsum("kko,ko->k", self.worth(i), beliefs)

    def utility(self, i):
        return self.values(i, self.environment.agents[i].types.mean) - self.paid_by(i)

    def gain(self, i):
        agent = self.environment.agents[i]
        low, high = agent.option_at_ends
        return agent.types.mass @ self.utility(i), agent.types.mass @ (low + high) / 2

    def objective(self, objective, density=None):
        """Return the value of a linear objective, under a density over the profiles if given."""
        environment = self.environment
        if density is not None:
            total = 0.0
            shares = objective.shares_in(environment)
            for i, w in enumerate(shares.agents):
                worth = np.einsum("kko->ko", self.worth(i))
                total += np.sum(
                    self.own(i, density)
                    * (w * worth + (shares.designer - w) * self.own(i, self.paid[i]))
                )
            return total - shares.designer * np.sum(density * self.cost)
        masses = environment.masses
        return sum(w * masses[i] @ self.utility(i) for i, w in enumerate(objective.weights))

    def money(self):
        paid = sum(m @ self.paid_by(i) for i, m in enumerate(self.environment.masses))
        if self.groups:
            mass, cost = self.environment.masses[0], self.environment.outcomes.cost[0]
            return paid, len(self.names) * cost * (mass @ self.quantity(0))
        return paid, np.sum(self.p * self.cost)

    def value(self, objective):
        """Return what an objective's formula says, by its text."""
        formula = objective.meaning_in(self.environment).formula
        masses = self.environment.masses
        if isinstance(objective, Mixture):
            factors = re.findall(r"(?:^|\+ )(-?[\d./]+) \(", formula)
            assert len(factors) == len(objective.parts)
            return sum(
                float(eval(own)) * self.value(part)
                for own, (_, part) in zip(factors, objective.parts, strict=True)
            )
        match re.sub(r" of \w+$", " of agent", formula):
            case "Σ_i Σ_k m_k (v_k Q_k - T_k)" | "Σ_i E[v_k(x) - τ]":
                return sum(m @ self.utility(i) for i, m in enumerate(masses))
            case "Σ_i w_i Σ_k m_k (v_k Q_k - T_k)" | "Σ_i w_i E[v_k(x) - τ]":
                words = objective.meaning_in(self.environment).text
                weights = [float(eval(w)) for w in re.findall(r"([\d./]+) for ", words)]
                return sum(
                    w * (m @ self.utility(i))
                    for i, (w, m) in enumerate(zip(weights, masses, strict=True))
                )
            case "Σ_k m_k (v_k Q_k - T_k) of agent" | "E[v_k(x) - τ] of agent":
                i = self.names.index(formula.split(" of ")[1])
                return masses[i] @ self.utility(i)
            case "Σ_i Σ_k m_k T_k - E[cost]":
                return self.money()[0] - self.money()[1]
            case "E[cost] - Σ_i Σ_k m_k T_k":
                return self.money()[1] - self.money()[0]
            case "Σ_i Σ_k w_ik (v_k Q_k - T_k)" | "Σ_i Σ_k w_ik (E[v_k(x) | k] - T_k)":
                return sum(w @ self.utility(i) for i, w in enumerate(objective.weights))
            case "Σ_t p'(t) objective(t)":
                return self.objective(objective.objective, objective.prior.density())
            case "least":
                return self.parts["least"][0]
        terms = [term.split(" ") for term in formula.split(" + ")]
        return sum(float(w) * self.parts[name][0] for w, name in terms)

    def row(self, text, block):
        """Return the left side, the right side and the sign of a block of rows."""
        environment = self.environment
        i = self.names.index(block.axes[0]) if block.axes else 0
        if block.name.split("_least")[0] in self.names:
            i = self.names.index(block.name.split("_least")[0])
        if block.name.removesuffix("_gain") in self.names:
            i = self.names.index(block.name.removesuffix("_gain"))
        agent = environment.agents[i]
        low, high = agent.types.lower, agent.types.upper
        options = dict(zip("LU", agent.option_at_ends, strict=True))
        size = len(low)
        k, r = np.nonzero(~np.eye(size, dtype=bool))
        match text:
            case "Q_k - E[q | k] = 0":
                return self.quantity(i) - np.diag(self.expected(i, self.q[i])), 0
            case "L_{k+1} (Q_{k+1} - Q_k) - (T_{k+1} - T_k) >= 0":
                return low[1:] * np.diff(self.quantity(i)) - np.diff(self.paid_by(i)), 0
            case "(T_{k+1} - T_k) - U_k (Q_{k+1} - Q_k) >= 0":
                return np.diff(self.paid_by(i)) - high[:-1] * np.diff(self.quantity(i)), 0
            case "Q_{k+1} - Q_k >= 0":
                return np.diff(self.quantity(i)), 0
            case "L_k (E[q | k] - E[q | r]) - (E[τ | k] - E[τ | r]) >= 0, expectations of type k":
                return self._lies(i, low, k, r), 0
            case "U_k (E[q | k] - E[q | r]) - (E[τ | k] - E[τ | r]) >= 0, expectations of type k":
                return self._lies(i, high, k, r), 0
            case "E[v_k(x) - τ | k] - E[v_k(x) - τ | r] >= 0, expectations of type k":
                joint = self.own(i, self.p)
                beliefs = joint / joint.sum(axis=1, keepdims=True)
                u = np.einsum("kro,ko->kr", self.worth(i) - self.own(i, self.paid[i]), beliefs)
                return u[k, k] - u[k, r], 0
            case "v_k(x(k, t)) - v_k(x(r, t)) - (τ(k, t) - τ(r, t)) >= 0":
                u = self.worth(i) - self.own(i, self.paid[i])
                return u[k, k] - u[k, r], 0
            case "L_{k+1} (q_{k+1} - q_k) - (τ_{k+1} - τ_k) >= 0":
                q, t = self.own(i, self.q[i]), self.own(i, self.paid[i])
                return low[1:, None] * np.diff(q, axis=0) - np.diff(t, axis=0), 0
            case "(τ_{k+1} - τ_k) - U_k (q_{k+1} - q_k) >= 0":
                q, t = self.own(i, self.q[i]), self.own(i, self.paid[i])
                return np.diff(t, axis=0) - high[:-1, None] * np.diff(q, axis=0), 0
            case "q_{k+1} - q_k >= 0":
                return np.diff(self.own(i, self.q[i]), axis=0), 0
            case "Σ_i Σ_k m_k T_k - E[cost] = 0" | "Σ_i Σ_k m_k T_k - E[cost] >= 0":
                paid, cost = self.money()
                return np.array([paid - cost]), 0
            case "Σ_i τ_i - cost = 0" | "Σ_i τ_i - cost >= 0":
                return self.paid.sum(axis=0) - self.cost, 0
            case "S_k - S_{k+1} - n m_k Q_k = 0" | "S_N - n m_N Q_N = 0":
                total = np.append(self.parts[f"{self.names[0]}_units"], 0.0)
                won = len(self.names) * agent.types.mass * self.quantity(0)
                return total[:-1] - total[1:] - won, 0
        if found := re.fullmatch(
            r"(?:([LU])_k q|v_k\(x\)) - τ >= (?:o\((?:([LU])_)?k\)|(\S+))", text
        ):
            worth = np.einsum("kko->ko", self.worth(i))
            if found[1]:
                worth = {"L": low, "U": high}[found[1]][:, None] * self.own(i, self.q[i])
            if found[3]:
                assert found[3] == "-liability"
                limits = [r.limit for r in self.problem.requirements if isinstance(r, Liability)]
            right = -min(limits) if found[3] else options[found[2] or "L"][:, None]
            return worth - self.own(i, self.paid[i]), right
        if found := re.fullmatch(
            r"(?:([LU])_k Q_k|E\[v_k\(x\) \| k\]) - T_k( - least)? >= "
            r"(0|o|floor)(?:\((?:([LU])_)?k\))?",
            text,
        ):
            end = found[1] or found[4] or "L"
            left = self.values(i, {"L": low, "U": high}[end]) - self.paid_by(i)
            if found[2]:
                left = left - self.parts["least"][0]
            right = {"0": np.zeros(size), "o": options[end], "floor": self._floor(agent.name, end)}
            return left, right[found[3]]
        if found := re.fullmatch(
            r"E\[(?:v_k Q_k|v_k\(x\)) - T_k - o_k\] - (least|gain) >= 0", text
        ):
            left, option = self.gain(i)
            own = "least" if found[1] == "least" else f"{agent.name}_gain"
            # The program keeps the constant on the right.
            return np.array([left - self.parts[own][0]]), option
        if found := re.fullmatch(r"E\[(\w+) \| types\] (>=|<=) (\S+)", text):
            event = next(r for r in self.problem.requirements if hasattr(r, "at_least"))
            inside = np.zeros_like(self.p)
            inside[
                np.ix_(
                    *(
                        event.types.get(n, range(s))
                        for n, s in zip(self.names, self.p.shape, strict=True)
                    )
                )
            ] = 1
            weight = self.p * inside
            sign = 1 if found[2] == ">=" else -1
            return np.array(
                [sign * np.sum(weight * self.parts[found[1]]) / weight.sum()]
            ), sign * float(found[3])
        if text == "E[objective] - least >= 0":
            place = int(block.name.rsplit("_", 1)[1]) - 1
            objective = self.problem.objective
            value = self.objective(objective.objective, objective.priors[place].density())
            return np.array([value - self.parts["least"][0]]), 0
        left, _, right = re.fullmatch(r"(.*) (>=) (\S+)", text).groups()
        terms = re.findall(
            r"([+-]) (?:([0-9.e-]+) )?([A-Za-z]\w*)", f"+ {left}" if left[0] not in "+-" else left
        )
        assert len(terms) == len(re.findall("[A-Za-z]\\w*", left)), text
        rows = sum(
            (1 if s == "+" else -1) * float(f or 1) * self.parts[n].ravel() for s, f, n in terms
        )
        return rows, float(right)

    def _lies(self, i, types, k, r):
        q, t = self.expected(i, self.q[i]), self.expected(i, self.paid[i])
        return types[k] * (q[k, k] - q[k, r]) - (t[k, k] - t[k, r])

    def _floor(self, name, end):
        for floor in self.problem.requirements:
            if isinstance(floor, UtilityFloor) and floor.agent == name:
                return floor.lower if end == "L" else floor.at_upper
        return None


def unlike_rows(problem, form, vector):
    """Yield the blocks whose formulas say something else than the rows of the program."""
    rows, point = form.matrix @ vector, Point(problem, form, vector)
    for name, block in form.constraints.items():
        text = block.meaning.formula
        left, right = point.row(text, block)
        left, right = (np.ravel(v) for v in np.broadcast_arrays(left, right))
        kept = slice(None) if block.entries is None else list(block.entries)
        low = block.of(form.row_lower).ravel()
        high = block.of(form.row_upper).ravel()
        close = np.allclose(block.of(rows).ravel(), left[kept], rtol=1e-9, atol=1e-9)
        ends = np.allclose(low, right[kept], rtol=1e-12, atol=1e-12)
        if not (close and ends and ((high == low) == (" = " in text)).all()):
            yield name
