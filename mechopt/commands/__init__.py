"""Commands of the command line, one module each; heavy imports wait until a command runs."""

from mechopt.commands.bootstrap import bootstrap
from mechopt.commands.check import check
from mechopt.commands.compare import compare
from mechopt.commands.export import export, import_
from mechopt.commands.plot import plot
from mechopt.commands.solve import solve
from mechopt.commands.sweep import sweep
from mechopt.commands.verify import verify

__all__ = [
    "bootstrap",
    "check",
    "compare",
    "export",
    "import_",
    "plot",
    "solve",
    "sweep",
    "verify",
]
