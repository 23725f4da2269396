"""The file of an environment as ``mechopt new --environment`` writes it, and an instance of it."""

from __future__ import annotations

import re
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
    if file.suffix != ".py" or not file.stem.isidentifier():
        raise InvalidInputError(
            "not the name of a module",
            where="FILE",
            expected="a name of letters, digits and _ that ends in .py",
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
    module, instance = (block.replace(f'"{ITS_KIND}"', f'"{kind}"') for block in blocks[:2])
    own = module.replace('@saved_as("mechopt.', f'@saved_as("{file.stem}.')
    return {file: own, file.with_suffix(".toml"): instance}
