"""Formulas as they are printed, read and evaluated for any values of a program's variables.

The reader knows what each letter means from the problem's own data, and nothing of the rows: agents
i, types k, reports r, profiles t, and the words that say for which of them a formula holds.
"""

from __future__ import annotations

import itertools
import re

import numpy as np

from mechopt._util.inline import in_text
from mechopt.problem.participation import UtilityFloor

TOKEN = re.compile(
    r"\s+|>=|<=|!=|\d+/\d+|\d+(?:\.\d+)?(?:e-?\d+)?"
    r"|Σ_\w|[^\W\d_]'?(?:_\{[^}]*\}|_[A-Za-z0-9])?(?![\w'])|[^\W\d]\w*(?:_\{[^}]*\})?|."
)


class Point:
    """Any values of a program's variables, and what the letters of formulas say of them."""

    def __init__(self, problem, form, vector):
        self.problem, self.environment = problem, problem.environment
        self.parts = {name: block.of(vector) for name, block in form.variables.items()}
        environment, outcomes = self.environment, problem.environment.outcomes
        self.names = [agent.name for agent in environment.agents]
        self.groups = all(name not in self.parts for name in outcomes.variables)
        self.profiles = (
            [] if self.groups else list(itertools.product(*map(range, environment.shape)))
        )
        if not self.groups:
            joint = environment.prior
            self.p = environment.belief.density() if joint is None else joint.probabilities
            self.x = np.stack([self.parts[name] for name in outcomes.variables])
        first = self.parts.get(f"{self.names[0]}_payment")
        by_profile = first.ndim == len(self.names) and f"{self.names[0]}_quantity" not in self.parts
        self.by_profile = by_profile and not self.groups

    def letter(self, name, below, given):
        """Return what a letter with indices, and with arguments if it has any, is."""
        i = next((self.names.index(one) for one in below if isinstance(one, str)), 0)
        k = next((one for one in below if isinstance(one, int)), None)
        agent = self.environment.agents[i]
        if name in "mLvU" and given is None:
            part = {"m": "mass", "L": "lower", "v": "mean", "U": "upper"}[name]
            return getattr(agent.types, part)[k]
        if name in ("o", "g"):
            ends = agent.option_at_ends if name == "o" else self._floor(i)
            if given is None:
                return (ends[0][k] + ends[1][k]) / 2
            end, k = given[0]
            return ends["LU".index(end)][k]
        if name in ("Q", "T"):
            part = "quantity" if name == "Q" else "payment"
            own = self.parts.get(f"{self.names[0 if self.groups else i]}_{part}")
            if own is not None and not (self.by_profile and name == "T"):
                return own[k]
            each = self.quantity if name == "Q" else self.paid
            return self.expected(lambda t: each(i, t), lambda t: t[i] == k)
        if name == "S":
            return self.parts[f"{self.names[0]}_units"][k]
        if name == "n":
            return len(self.names)
        if name == "w":
            weights = self.problem.objective.weights[i]
            return weights if k is None else weights[k]
        if name == "q":
            return self.quantity(i, self.profile(i, given))
        if name == "τ":
            return self.paid(i, self.profile(i, given))
        if name == "x":
            return self.x[(slice(None), *self.profile(i, given))]
        if name == "v":
            t = self.profile(i, given[1:], i)
            table = self.environment.worth[i][t[i]]
            others = t[:i] + t[i + 1 :]
            shape = self.environment.shape[:i] + self.environment.shape[i + 1 :]
            place = int(np.ravel_multi_index(others, shape)) if len(table) > 1 else 0
            return table[place] @ given[0]
        if name == "cost":
            return self.environment.outcomes.cost @ self.x[(slice(None), *self.profile(i, given))]
        if name == "p'":
            return self.problem.objective.prior.density()[self.profile(i, given)]
        if name == "p":
            return self.problem.objective.priors[k - 1].density()[self.profile(i, given)]
        if name == "objective":
            return self.in_profile(self.problem.objective.objective, self.profile(i, given))
        own = self.parts[name]
        return own[self.profile(i, given)] if given else own[0]

    def profile(self, i, given, own=None):
        """Return the profile of arguments: all types, or an agent's own and those of the others."""
        if isinstance(given[0], tuple):
            return given[0]
        if len(given) > 1:
            (_, others), k = given[1], given[0]
            place = self.names.index(given[1][0])
            return (*others[:place], k, *others[place:])
        if own is not None and len(self.names) > 1:
            # Where the others' types make no difference, any will do.
            return tuple(given[0] if j == own else 0 for j in range(len(self.names)))
        return (given[0],)

    def quantity(self, i, t):
        return self.environment.outcomes.net_quantity[i] @ self.x[(slice(None), *t)]

    def paid(self, i, t):
        return self.parts[f"{self.names[i]}_payment"][t]

    def expected(self, value, condition):
        inside = [t for t in self.profiles if condition(t)]
        weights = [self.p[t] for t in inside]
        return sum(w * value(t) for w, t in zip(weights, inside, strict=True)) / sum(weights)

    def in_profile(self, objective, t):
        """Return what shares of all utilities and of the designer's money make of a profile."""
        shares, total = objective.shares_in(self.environment), 0.0
        for i, w in enumerate(shares.agents):
            table = self.environment.worth[i][t[i]]
            others, shape = t[:i] + t[i + 1 :], np.delete(self.environment.shape, i)
            place = int(np.ravel_multi_index(others, shape)) if len(table) > 1 else 0
            total += w * table[place] @ self.x[(slice(None), *t)]
            total += (shares.designer - w) * self.paid(i, t)
        return total - shares.designer * self.environment.outcomes.cost @ self.x[(slice(None), *t)]

    def _floor(self, i):
        for floor in self.problem.requirements:
            if isinstance(floor, UtilityFloor) and floor.agent == self.names[i]:
                return floor.lower, floor.at_upper
        raise AssertionError("no floor")


class Reader:
    """One formula: a number for every choice of agent, types and profile."""

    def __init__(self, formula, point):
        self.formula, self.point, self.place = formula, point, 0
        self.tokens = TOKEN.findall(formula)
        self.left, self.sign, self.right = self.sum(), "", lambda given: 0.0
        if self.ahead() in (">=", "<=", "="):
            self.sign = self.next()
            self.right = self.sum()
        assert self.place == len(self.tokens), formula

    def room(self, given):
        """Return by how much the larger side is larger."""
        more = self.left(given) - self.right(given)
        return -more if self.sign == "<=" else more

    def ahead(self, spaces=True):
        place = self.place
        while spaces and place < len(self.tokens) and self.tokens[place].isspace():
            place += 1
        if spaces:
            self.place = place
        return self.tokens[place] if place < len(self.tokens) else ""

    def next(self):
        found = self.ahead()
        self.place += 1
        return found

    def expect(self, token):
        assert self.next() == token, (self.formula, token)

    def sum(self):
        parts, sign = [], 1
        while self.ahead() in "+-" and self.ahead():
            sign = -1 if self.next() == "-" else 1
        parts.append((sign, self.term()))
        while self.ahead() in ("+", "-"):
            sign = -1 if self.next() == "-" else 1
            parts.append((sign, self.term()))
        return lambda given: sum(sign * part(given) for sign, part in parts)

    def term(self):
        factors = []
        while self.ahead() and self.ahead() not in ("+", "-", ")", "]", "|", ",", ">=", "<=", "="):
            if self.ahead().startswith("Σ_"):
                factors.append(self.over(self.next()[2:]))
                break
            factors.append(self.factor())
        assert factors, self.formula
        return lambda given: np.prod([factor(given) for factor in factors])

    def over(self, letter):
        start = self.place
        inner = self.term()
        text = "".join(self.tokens[start : self.place])
        point, names = self.point, self.point.names

        def choices(given):
            if letter == "i":
                return names
            if letter == "t":
                return point.profiles
            named = [n for n in re.findall(r"_\{(\w+),", text) if n in names]
            agent = named[0] if named else given.get("i", names[0])
            return range(point.environment.shape[names.index(agent)])

        return lambda given: sum(inner({**given, letter: one}) for one in choices(given))

    def factor(self):
        token = self.next()
        if token == "(":
            inner = self.sum()
            self.expect(")")
            return inner
        if re.match(r"\d", token):
            number = float(eval(token))
            return lambda given: number
        if token == "E":
            return self.expectation()
        return self.symbol(token)

    def symbol(self, token):
        name, _, below = (
            token.partition("_")
            if re.fullmatch(r"[^\W\d_]'?_(\{.*\}|.)", token)
            else (token.partition("_{") if "{" in token else (token, "", ""))
        )
        indices = [part for part in below.strip("{}").split(",") if part]
        arguments = None
        if self.ahead(spaces=False) == "(":
            self.expect("(")
            arguments = [self.argument()]
            while self.ahead() == ",":
                self.expect(",")
                arguments.append(self.argument())
            self.expect(")")

        def value(given):
            below = [self.index(part, given) for part in indices]
            own = None if arguments is None else [argument(given) for argument in arguments]
            return self.point.letter(name, below, own)

        return value

    def argument(self):
        token = self.next()
        if token == "t":
            return lambda given: given["t"]
        if found := re.fullmatch(r"t_(\{(-?)(\w+)\}|(\w))", token):
            who = found[3] or found[4]
            return (
                self.others(who) if found[2] else lambda given: given["t"][self.agent(who, given)]
            )
        if found := re.fullmatch(r"([LU])_\{(.*)\}", token):
            last = found[2].split(",")[-1]
            return lambda given: (found[1], self.index(last, given))
        if token in "kr" and token:
            more = 0
            if self.ahead() == "+":
                self.expect("+")
                more = int(self.next())
            return lambda given: given[token] + more
        assert token == "x", (self.formula, token)
        return self.symbol(token)

    def others(self, who):
        def value(given):
            i = self.agent(who, given)
            t = given.get("t")
            return self.point.names[i], given["others"] if t is None else t[:i] + t[i + 1 :]

        return value

    def agent(self, who, given):
        return self.point.names.index(given.get(who, who))

    def index(self, part, given):
        name, _, more = part.partition("+")
        if part.isdigit():
            return int(part)
        found = given.get(name, name)
        assert isinstance(found, int) or found in self.point.names, (self.formula, part)
        return found + int(more or 0) if isinstance(found, int) else found

    def expectation(self):
        self.expect("[")
        inner = self.sum()
        conditions = []
        while self.next() != "]":  # a bar, or a comma
            name, sign = self.argument(), self.next()
            assert sign in "=∈", self.formula
            if sign == "=":
                conditions.append((name, [self.argument()]))
                continue
            self.expect("{")
            listed = []
            while (token := self.next()) != "}":
                listed += [int(token)] if token != "," else []
            conditions.append((name, [lambda given, n=n: n for n in listed]))

        def value(given):
            def at(t):
                return {**given, "t": t, **({"k": t[0]} if len(t) == 1 else {})}

            def condition(t):
                return all(
                    own(at(t)) in [one(given) for one in wanted] for own, wanted in conditions
                )

            return self.point.expected(lambda t: inner({**given, "t": t, **(
                {"k": t[0]} if len(t) == 1 else {})}), condition)  # fmt: skip

        return value


def choices(stated, point):
    """Return for which agents, types and profiles a formula is printed to hold, of one block."""
    words, names, shape = in_text(stated.holds_for), point.names, point.environment.shape
    own = [name for name in names if stated.name.startswith(f"{name}_")]
    agent = max(own, key=len) if own else names[0]
    if not words:
        return [{}]
    if words == "for every profile t":
        return [{"t": t} for t in point.profiles]
    found = re.fullmatch(
        r"for (?:every agent i|(i = [^k]*?))?(?:, | and )?"
        r"(?:(?:every type )?k = ([^a-z]*?(?:N_i(?: - 1)?)?)|all types (k != r))"
        r"(?:(?:,)? and every profile t_\{-(\w+)\} of the others)?",
        words,
    )
    assert found, words
    size = shape[names.index(agent)]
    given = {"i": agent} if "agent i" in words or found[1] else {}
    if found[1]:
        assert agent in found[1]
    if found[3]:
        types = [{"k": k, "r": r} for k in range(size) for r in range(size) if r != k]
    else:
        listed = found[2].replace("N_i", str(size - 1)).split(", ")
        ends = [eval(one) for one in listed if one != "..."]
        numbers = range(ends[0], ends[-1] + 1) if "..." in listed else ends
        types = [{"k": k} for k in numbers]
    others = [{}]
    if found[4]:
        assert found[4] in ("i", agent)
        rest = [n for name, n in zip(names, shape, strict=True) if name != agent]
        others = [{"others": t} for t in itertools.product(*map(range, rest))]
    return [{**given, **one, **other} for one in types for other in others]


def unlike_rows(problem, form, vector, printed):
    """Yield the blocks of which the printed formulas say something else than the program's rows."""
    rows, point = form.matrix @ vector, Point(problem, form, vector)
    for stated in printed:
        block = form.constraints.get(stated.name)
        if block is None:
            continue
        reader = Reader(stated.formula, point)
        room = [reader.room(given) for given in choices(stated, point)]
        low, high = (block.of(ends).ravel() for ends in (form.row_lower, form.row_upper))
        wanted = block.of(rows).ravel() - low
        same = len(room) == block.size and np.allclose(room, wanted, rtol=1e-9, atol=1e-9)
        if not (same and ((high == low) == (reader.sign == "=")).all()):
            yield stated.name


def value_of(problem, form, vector, formula):
    """Return what an objective's formula says."""
    reader = Reader(formula, Point(problem, form, vector))
    assert not reader.sign
    return reader.left({})
