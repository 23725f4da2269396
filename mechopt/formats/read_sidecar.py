"""A sidecar that is read: whole, of the right shapes, and nothing in it but what follows.

A checksum shows that a file changed, but who changes it can compute it again. So what a sidecar
says of blocks, sizes and agents is compared with what would be written for the problem in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from mechopt._util.arrays import shown
from mechopt._util.files import read_text
from mechopt._util.registry import Known
from mechopt._util.saving import decode
from mechopt.errors import InvalidInputError
from mechopt.formats.sidecar import (
    FORMAT,
    FORMAT_VERSION,
    Optimum,
    Sidecar,
    checksum_of,
    sidecar_path,
)
from mechopt.problem.linear import Meaning
from mechopt.problem.problem import DesignProblem
from mechopt.program.names import names_in
from mechopt.program.standard_form import Block
from mechopt.saved import parsed, require_keys, saved_classes

KEYS = (
    "format", "format_version", "mechopt_version", "file_format", "sha256", "form", "title",
    "objective", "size", "coefficients", "optimum", "agents", "names", "theory", "variables",
    "constraints", "fingerprint", "problem", "checksum",
)  # fmt: skip
ORDERS = ("variable_order", "constraint_order")
BLOCK_KEYS = (
    "block", "names", "start", "shape", "axes", "entries", "meaning", "formula", "section",
)  # fmt: skip
OBJECTIVE_KEYS = ("sense_in_file", "sense_of_problem", "constant", "meaning", "unit")
FILE_FORMATS = ("mps", "lp", "cbf", "nl")
FORMS = ("neighbouring", "all-pairs")
# What another version may say in other words.
WORDING = frozenset({"names", "theory"})
BLOCK_WORDING = frozenset({"names", "meaning", "formula", "section"})
LARGEST_BLOCK = 1 << 40
# Up to this many type profiles, writing a program again takes less than a second.
MAX_WRITTEN_AGAIN = 2_500


def load_sidecar(model: str | Path, classes: Iterable[type] = ()) -> Sidecar:
    """Read the sidecar of an exported model.

    Parameters
    ----------
    model
        Path of the model; the sidecar is beside it.
    classes
        Classes of yours that stand in it; see :func:`mechopt.load_solution`.

    Raises
    ------
    InvalidInputError
        If there is none, or it is not one that mechopt wrote: beside its checksum, all that it says
        of the model and of the agents must follow from the problem in it.
    """
    path = sidecar_path(model)
    known = saved_classes(classes)
    try:
        return sidecar_of(parsed(read_text(path)), known)
    except InvalidInputError as error:
        raise InvalidInputError(
            error.what,
            where=f"{path}" if error.where == str(path) else f"{path}, {error.where}",
            expected=error.expected,
            got=error.got,
            remedy="A model and the .json file that `mechopt export` wrote beside it belong "
            "together; export again.",
        ) from error
    except (ValueError, TypeError, AttributeError, ArithmeticError, LookupError) as error:
        raise _unusable(path, shown(error)) from error
    except RecursionError as error:
        raise _unusable(path, "brackets within brackets without end") from error


def sidecar_of(content: Any, known: Known) -> Sidecar:
    """Return the sidecar that a file's JSON values are.

    Parameters
    ----------
    content
        What :meth:`Sidecar.text` wrote, parsed.
    known
        Classes that may stand in it, by identifier.

    Raises
    ------
    InvalidInputError, ValueError, TypeError, AttributeError, ArithmeticError, LookupError
        If it is not what mechopt writes.
    """
    if not isinstance(content, dict):
        raise TypeError("no object")
    if content.get("format") != FORMAT or content.get("format_version") != FORMAT_VERSION:
        raise ValueError("format or format version of something else")
    require_keys(content, (*KEYS, *(key for key in ORDERS if key in content)))
    if content["checksum"] != checksum_of(content):
        raise ValueError("content that changed since it was exported")
    problem = decode(content["problem"], known)
    if not isinstance(problem, DesignProblem):
        raise TypeError(f"no problem: {type(problem).__name__}")
    require_keys(content["objective"], OBJECTIVE_KEYS)
    sizes = require_size(content["size"])
    _text(content, "mechopt_version")
    sidecar = Sidecar(
        file_format=_one_of(content, "file_format", FILE_FORMATS),
        form=_one_of(content, "form", FORMS),
        problem=problem,
        variables=_blocks(content, "variables", problem),
        constraints=_blocks(content, "constraints", problem),
        sha256=_text(content, "sha256"),
        num_nonzeros=sizes["nonzeros"],
        title=_text(content, "title"),
        unit=_text(content["objective"], "unit"),
        optimum=_optimum(content["optimum"]),
        constant=_number(content["objective"]["constant"], "objective.constant"),
        coefficients=_coefficients(content["coefficients"]),
        **{key: _order(content, key) for key in ORDERS if key in content},
    )
    _require_what_follows(content, sidecar)
    return sidecar


def require_size(record: Any) -> dict[str, int]:
    """Return how large a model is said to be.

    Raises
    ------
    ValueError
        For other keys, and what is no whole number.

    Examples
    --------
    >>> require_size({"variables": 3, "constraints": 2, "nonzeros": 4})["nonzeros"]
    4
    """
    require_keys(record, ("variables", "constraints", "nonzeros"))
    return {key: _count(value, f"size.{key}") for key, value in record.items()}


def _require_what_follows(content: Mapping[str, Any], sidecar: Sidecar) -> None:
    """Raise ValueError unless a sidecar says what would be written for its problem."""
    expected = sidecar.record()
    same_version = content["mechopt_version"] == version("mechopt")
    for key, value in expected.items():
        if key in ("mechopt_version", "checksum") or (key in WORDING and not same_version):
            continue
        given, wanted = content[key], value
        if key in ("variables", "constraints") and not same_version:
            given, wanted = ([_without_wording(block) for block in part] for part in (given, value))
        if given != wanted:
            raise ValueError(f"{key} that does not follow from the problem")
    if sidecar.environment.num_profiles <= MAX_WRITTEN_AGAIN:
        _require_written_again(sidecar, same_version=same_version)
    for order, blocks in (
        (sidecar.variable_names, names_in(sidecar.variables)),
        (sidecar.constraint_names, names_in(sidecar.constraints, sidecar.variables)),
    ):
        if not set(order.tolist()) <= set(blocks.tolist()):
            raise ValueError("an order of names that the blocks do not have")


def _require_written_again(sidecar: Sidecar, *, same_version: bool) -> None:
    """Raise ValueError unless the model's program is the one that would be written now.

    So are the words on its blocks, in a file of this version.

    Its text may differ in the last digit from machine to machine, and is not compared.
    """
    from mechopt.formats.write import content_of

    again = content_of(sidecar.problem, sidecar.file_format, form=sidecar.form).sidecar
    for name in ("form", "variables", "constraints", "num_nonzeros"):
        if getattr(again, name) != getattr(sidecar, name):
            raise ValueError(f"{name.replace('_', ' ')} that the problem's program does not have")
    if same_version:
        for kind in ("variables", "constraints"):
            given, wanted = (
                [block.meaning for block in getattr(it, kind).values()] for it in (sidecar, again)
            )
            if given != wanted:
                raise ValueError(f"words on {kind} that the problem's program does not have")
    for order in ("variable_names", "constraint_names"):
        if getattr(again, order).tolist() != getattr(sidecar, order).tolist():
            raise ValueError("an order of names that the problem's program does not have")
    one, other = ((it.constant, *(it.coefficients or ())) for it in (again, sidecar))
    near = len(one) == len(other) and np.allclose(one, other, rtol=1e-9, atol=1e-12)
    if not near:
        raise ValueError("a constant or coefficients that the problem's program does not have")


def _without_wording(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in BLOCK_WORDING}


def _blocks(content: Mapping[str, Any], kind: str, problem: DesignProblem) -> dict[str, Block]:
    """Return blocks that cover all entries, one after the other, over the agents' types."""
    records, size = content[kind], content["size"][kind]
    if not isinstance(records, list):
        raise TypeError("blocks that are no list")
    numbers = {agent.name: agent.types.num_cells for agent in problem.environment.agents}
    blocks: dict[str, Block] = {}
    position = 0
    for record in records:
        require_keys(record, BLOCK_KEYS)
        name = _text(record, "block")
        shape = tuple(_count(length, f"shape of {name}") for length in record["shape"])
        # Rows of cones have axes that are no agent's.
        axes = tuple(_word(axis, f"axes of {name}") for axis in record["axes"])
        entries = record["entries"]
        if name in blocks or _count(record["start"], f"start of {name}") != position:
            raise ValueError(f"a block {shown(name)} that does not follow the one before it")
        if math.prod(shape) > LARGEST_BLOCK:
            raise ValueError(f"a block {shown(name)} beyond all measure")
        if entries is not None:
            _check_entries(name, entries, shape, [numbers[axis] for axis in axes])
        skips = None if entries is None else tuple(entries)
        words = Meaning(*(_text(record, key) for key in ("meaning", "formula", "section")))
        block = Block(name, position, shape, axes, skips, meaning=words)
        blocks[name] = block
        position += block.size
    # A file with an order of its own leaves out what is known before it is solved.
    if position != size and not (f"{kind[:-1]}_order" in content and position > size):
        raise ValueError(f"blocks of {position} entries, where {size} are announced")
    return blocks


def _check_entries(name: str, entries: Any, shape: tuple[int, ...], numbers: list[int]) -> None:
    listed = isinstance(entries, list) and all(type(entry) is int for entry in entries)
    if not listed or shape != (len(entries),) or len(numbers) != 1:
        raise ValueError(f"entries of {shown(name)} that do not fit its shape")
    in_order = entries == sorted(set(entries))
    if not in_order or (entries and not 0 <= entries[0] <= entries[-1] < numbers[0]):
        raise ValueError(f"entries of {shown(name)} that are no types in order")


def _optimum(record: Any) -> Optimum | None:
    if record is None:
        return None
    require_keys(record, ("value", "how", "exact", "bound"))
    return Optimum(**record)


def _coefficients(pair: Any) -> tuple[float, float] | None:
    if pair is None:
        return None
    if not isinstance(pair, list) or len(pair) != 2:
        raise TypeError("coefficients that are no pair")
    low, high = (_number(value, "coefficients") for value in pair)
    if not 0.0 < low <= high:
        raise ValueError(f"coefficients from {low} to {high}")
    return low, high


def _order(content: Mapping[str, Any], key: str) -> Any:
    names = content[key]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"{key} that is no list of names")
    blocks = "variables" if key == "variable_order" else "constraints"
    if len(set(names)) != len(names) or len(names) != content["size"][blocks]:
        raise ValueError(f"{key} that does not name each of the {blocks} once")
    return np.array(names, dtype=object)


def _one_of(content: Mapping[str, Any], key: str, words: tuple[str, ...]) -> str:
    if content[key] not in words:
        raise ValueError(f"{key} {shown(repr(content[key]))}")
    return str(content[key])


def _text(content: Mapping[str, Any], key: str) -> str:
    if not isinstance(content[key], str):
        raise TypeError(f"{key} that is no text")
    return str(content[key])


def _word(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{where}, {shown(repr(value))}, that are no text")
    return value


def _count(value: Any, where: str) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(f"{where}, {shown(repr(value))}, that is no count")
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TypeError(f"{where} that is no number")
    return float(value)


def _unusable(path: Path, got: str) -> InvalidInputError:
    return InvalidInputError(
        "not the sidecar of an exported model",
        where=str(path),
        expected="the JSON file that mechopt wrote beside the model",
        got=got,
        remedy="Export the model again.",
    )
