"""The file of an environment as ``mechopt new --environment`` writes it, and an instance of it."""

from __future__ import annotations

import re
from keyword import iskeyword
from pathlib import Path

from mechopt._util.arrays import shown
from mechopt.environments.kinds import kinds
from mechopt.errors import InvalidInputError

HOW_TO = "CONTRIBUTING.md"
ITS_KIND = "quality-procurement"


def environment_files(file: Path) -> dict[Path, str]:
    """Return what goes into the file of an environment, and into an instance of it beside it.

    Both are taken from the how-to of CONTRIBUTING.md, which comes with the package.

    Parameters
    ----------
    file
        The module to write; its name is that of the kind, with hyphens.

    Raises
    ------
    InvalidInputError
        If it is not the name of a module, or the kind exists.

    Examples
    --------
    >>> files = environment_files(Path("my_market.py"))
    >>> [(path.name, '"my-market"' in text) for path, text in files.items()]
    [('my_market.py', True), ('my_market.toml', True)]
    """
    if file.suffix != ".py" or not file.stem.isidentifier() or iskeyword(file.stem):
        raise InvalidInputError(
            "not the name of a module",
            where="FILE",
            expected="a name of letters, digits and _ that ends in .py, and no word of Python",
            got=str(file),
            remedy="Call it my_market.py, say.",
        )
    kind = file.stem.replace("_", "-")
    if kind in kinds():
        raise InvalidInputError(
            "a kind of environment that exists",
            where="FILE",
            expected="a new name, because the kind is called like the module",
            got=shown(kind),
            remedy="Choose another name.",
        )
    package = Path(__file__).parent.parent
    # In the installed package, or beside the package in a checkout.
    places = (package / "bundled" / HOW_TO, package.parent / HOW_TO)
    text = next(place for place in places if place.is_file()).read_text(encoding="utf-8")
    how_to = re.split(r"^##", text.partition("### A new environment\n")[2], flags=re.MULTILINE)[0]
    blocks = re.findall(r"^```(?:python|toml)\n(.*?)^```$", how_to, re.MULTILINE | re.DOTALL)
    if re.search(rf"\b{_class_name(file.stem)}\b", blocks[0]):
        raise InvalidInputError(
            "a name that the module has for something else",
            where="FILE",
            expected="another name, because the class is called like the module",
            got=f"{shown(str(file))}, of which the class would be {_class_name(file.stem)}",
            remedy="Call it my_market.py, say.",
        )
    module, instance = (_called(block, file.stem) for block in blocks[:2])
    return {file: module, file.with_suffix(".toml"): instance}


def _called(text: str, stem: str) -> str:
    """Return the how-to's text with its names after a module, and what only mechopt needs left out.

    Examples
    --------
    >>> print(_called('class QualityProcurement(Outcomes):  # "quality-procurement"', "my_market"))
    class MyMarket(Outcomes):  # "my-market"
    """
    # Classes of a user are saved by their module and name.
    text = re.sub(r"^(@saved_as\(.*|from mechopt\._util.*)\n", "", text, flags=re.MULTILINE)
    for name, other in (
        (ITS_KIND, stem.replace("_", "-")),
        (ITS_KIND.replace("-", "_"), stem),
        (_class_name(ITS_KIND), _class_name(stem)),
    ):
        text = re.sub(rf"\b{name}\b", other, text)
    return text


def _class_name(name: str) -> str:
    """Return a name as classes have it.

    Examples
    --------
    >>> _class_name("quality-procurement"), _class_name("my_market"), _class_name("market2")
    ('QualityProcurement', 'MyMarket', 'Market2')
    """
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[-_]", name))
