"""Run the notebooks again and keep what they print and draw: `make rerun-notebooks`.

Names of notebooks to run may be given; all are, otherwise. Metadata that differ between machines
and runs are left out of the files.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# What a user has set for terminals and pictures is not for notebooks.
NOT_FOR_NOTEBOOKS = (
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR_FORCE",
    "PYTHONWARNINGS",
)
FOR_NOTEBOOKS = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONUTF8": "1",
    "JUPYTER_PREFER_ENV_PATH": "1",
}
KEEP_WHAT_IS_DRAWN = """
import sys
sys.path.append({!r})
import drawn
drawn.install(get_ipython())
sys.path.pop()
del drawn, sys
"""


def executed(path: Path) -> Any:
    """Return the notebook with fresh outputs; an error in a cell is an error here."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        startup_timeout=120,
        kernel_name="python3",
        # Kernels warn of ports that others on the machine could listen to.
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        coalesce_streams=True,
    )
    with tempfile.TemporaryDirectory() as profile:
        # Start-up files of the user's own IPython could print and plot.
        startup = Path(profile) / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "keep_what_is_drawn.py").write_text(
            KEEP_WHAT_IS_DRAWN.format(str(FOLDER)), encoding="utf-8"
        )
        kept = {key: value for key, value in os.environ.items() if key not in NOT_FOR_NOTEBOOKS}
        client.execute(env=kept | FOR_NOTEBOOKS | {"IPYTHONDIR": profile})
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for position, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{position:02}"
        cell.metadata = {key: cell.metadata[key] for key in ("tags",) if key in cell.metadata}
    return notebook


if __name__ == "__main__":
    for path in [Path(name) for name in sys.argv[1:]] or sorted(FOLDER.glob("*.ipynb")):
        nbformat.write(executed(path.resolve()), path)
        print(path.name)
