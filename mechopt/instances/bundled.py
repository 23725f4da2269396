"""The instance files that come with the package."""

from __future__ import annotations

import difflib
from pathlib import Path

from mechopt.errors import InvalidInputError


def bundled_instances() -> dict[str, Path]:
    """Return the instance files that come with the package, by name (``examples/six_types``).

    Examples
    --------
    >>> bundled_instances()["examples/six_types"].name
    'six_types.toml'
    """
    package = Path(__file__).parent.parent
    # In the installed package, or beside the package in a checkout.
    places = (package / "bundled", package.parent / "instances")
    folder = next((place for place in places if place.is_dir()), places[0])
    return {
        path.relative_to(folder).with_suffix("").as_posix(): path
        for path in sorted(folder.glob("*/*.toml"))
    }


def instance_path(file: str | Path) -> Path:
    """Return a file as it is if it exists, or the bundled instance of that name.

    Raises
    ------
    InvalidInputError
        If there is neither, and it looks like the name of a bundled instance.

    Examples
    --------
    >>> instance_path("examples/six_types").name, instance_path("my_own.toml")
    ('six_types.toml', PosixPath('my_own.toml'))
    """
    path = Path(file)
    if path.exists() or path.suffix:
        return path
    known = bundled_instances()
    if path.as_posix() in known:
        return known[path.as_posix()]
    guess = next(iter(difflib.get_close_matches(path.as_posix(), list(known), n=1)), None)
    raise InvalidInputError(
        "no such file, and no bundled instance of that name",
        where=str(file),
        expected="a TOML file, or a name that mechopt list shows",
        got="neither",
        remedy=f"Did you mean {guess}?" if guess else "Run mechopt list.",
    )
