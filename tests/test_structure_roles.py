"""Nothing outside an environment's own files asks which environment it is, or names its roles.

What belongs to an environment is its own file and what its kind declares: the reader of its
instance files, its report, its pictures. A paper's package may know the environments it is about.
Everything else goes by roles, by what outcomes declare, or by the registry of kinds.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import mechopt
from mechopt.environments.kinds import kinds

ROOT = Path(mechopt.__file__).parent
PAPERS = ("literature/", "cramton1985.py", "peski2024.py")
# Files that may name an environment or a role, each with the reason.
ALLOWED = {
    "__init__.py": "the table of public names",
    "environments/__init__.py": "the table of public names",
    "environments/role.py": "a message shows how a role is written",
    "cli/bench.py": "states problems of bilateral trade, to see what they take",
    "cli/new.py": "writes instance files of one kind, whose keys are its options",
    "studies/simple_prices.py": "prices of goods mean nothing where others are asked for",
    "studies/bootstrap.py": "makes the environment of two samples, and never asks which it has",
    "sweeps/variation.py": "a message shows what a user may vary",
    "testing/backend.py": "states problems of environments that the package has, to try a backend",
}


@cache
def sources() -> dict[str, str]:
    """Return the text of each file of the package, by its path below it."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(ROOT.rglob("*.py"))
    }


def called(node: ast.AST) -> str:
    """Return the name of the function that a node calls, if it is such a node."""
    return getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""


def first_text(node: ast.Call) -> str:
    value = node.args[0] if node.args else None
    return str(value.value) if isinstance(value, ast.Constant) else ""


@cache
def own_files() -> frozenset[str]:
    """Return the files of particular environments, and those that their kinds declare."""
    declared = {
        part.partition(":")[0].replace(".", "/").removeprefix("mechopt/") + ".py"
        for kind in kinds().values()
        for part in (kind.reader, kind.report, kind.plots, kind.compare, kind.page)
        if part
    }
    return frozenset(defining()) | declared


@cache
def defining() -> tuple[str, ...]:
    """Return the files that define a kind of outcomes, or a kind of environment."""
    found = []
    for name, text in sources().items():
        if name.startswith("environments/"):
            tree = ast.parse(text)
            bases = {
                getattr(base, "id", "")
                for node in ast.walk(tree)
                if isinstance(node, ast.ClassDef)
                for base in node.bases
            }
            if "Outcomes" in bases or any(
                called(each) == "kind"
                for node in tree.body
                for each in getattr(node, "decorator_list", ())
            ):
                found.append(name)
    return tuple(found)


@cache
def particular() -> tuple[frozenset[str], frozenset[str], re.Pattern[str]]:
    """Return the names of environments and their classes, of kinds, and a pattern of role names.

    All are read off the environments' own files, so that a further one is watched too.
    """
    names, roles = set(), set()
    for file in defining():
        tree = ast.parse(sources()[file])
        for node in tree.body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name[0].isupper():
                names.add(node.name)
        for node in ast.walk(tree):
            if called(node) == "Role" and first_text(node):
                roles.add(rf"{first_text(node)}s?")
            elif called(node) == "numbered" and first_text(node):
                roles.add(rf"{first_text(node)}_[0-9]+")
    # Underscores separate words of identifiers, but "player_1" is one word.
    pattern = re.compile(rf"(?<![A-Za-z0-9])({'|'.join(sorted(roles))})(?![A-Za-z0-9])")
    return frozenset(names), frozenset(kinds()), pattern


def documentation(tree: ast.AST) -> set[int]:
    """Return the identities of strings that stand alone: they say something and do nothing."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def violations(text: str) -> Iterator[str]:
    """Yield what code says of particular environments, each with its line."""
    names, known_kinds, role = particular()
    tree = ast.parse(text)
    docs = documentation(tree)
    watched = names | known_kinds
    says_role = cache(role.search)
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            value = node.value
            quoted = ("'" in value or '"' in value) and any(
                f"{mark}{kind}{mark}" in value for kind in known_kinds for mark in "'\""
            )
            if value in watched or quoted or says_role(value):
                yield f"line {line}: the string {value!r}"
            continue
        identifiers = [
            getattr(node, part)
            for part in ("id", "attr", "arg", "name", "kwd_attrs", "rest")
            if isinstance(getattr(node, part, None), str)
        ]
        yield from (
            f"line {line}: {identifier}"
            for identifier in identifiers
            if identifier in names or says_role(identifier)
        )


def test_what_is_watched_is_what_there_is():
    names, known_kinds, role = particular()
    assert {"Trade", "DatedTrade", "DelayedTrade", "SingleGood", "RandomMonopoly"} <= names
    assert {"BilateralTrade", "Bargaining"} <= names
    assert {"bilateral-trade", "bargaining"} <= known_kinds
    assert all(role.search(word) for word in ("seller", "buyers", "player_1", "buyer_rate"))
    assert not any(role.search(word) for word in ("resellers", "player", "players"))
    assert {"instances/bargaining.py", "plot/bargaining.py", "report/gap.py"} <= own_files()


def test_no_file_names_an_environment_or_a_role_that_is_not_its_own():
    found = [
        f"{name}, {violation}"
        for name, text in sources().items()
        if name not in own_files() and name not in ALLOWED and not name.startswith(PAPERS)
        for violation in violations(text)
    ]
    assert found == []


def test_no_file_is_allowed_what_it_does_not_do():
    there = sources()
    assert [name for name in ALLOWED if name in there and not any(violations(there[name]))] == []


@pytest.mark.parametrize(
    "code",
    [
        "from mechopt.environments import DelayedTrade",
        "from mechopt.environments.trade import Trade as Swap",
        "isinstance(environment.outcomes, environments.Trade)",
        "match outcomes:\n    case SingleGood():\n        pass",
        "type(outcomes).__name__ == 'DatedTrade'",
        "instance.kind == 'bargaining'",
        "text = 'kind = \"bilateral-trade\"'",
        "utilities['seller']",
        "f'{path}.buyer_cells'",
        "dataset.seller",
        "outcomes.seller_rate",
        "solve(player_1=1)",
        "def best(seller): ...",
        "seller, other = environment.agents",
        "def best_for_player_1(): ...",
        "match record:\n    case {'buyer': price}:\n        pass",
    ],
)
def test_what_is_planted_is_found(code):
    assert list(violations(code)) != []


@pytest.mark.parametrize(
    "code",
    [
        '"""What the seller of a Trade gets, for the kind \'bargaining\'."""',
        "role.gives and environment.outcomes.exchange is not None",
        "giver, receiver = environment.agents",
        "trade = problem.environment",
        "remedy = 'Pass a BilateralTrade.'",
        "from mechopt.environments.exchange import Exchange",
    ],
)
def test_what_goes_by_roles_is_not(code):
    assert list(violations(code)) == []
