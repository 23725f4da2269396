"""Commands of the command line, one module each; heavy imports wait until a command runs."""

from mechopt.cli.bootstrap import bootstrap
from mechopt.cli.check import check
from mechopt.cli.compare import compare
from mechopt.cli.export import export, import_
from mechopt.cli.implementable import implementable
from mechopt.cli.list import list_
from mechopt.cli.new import new
from mechopt.cli.plot import plot
from mechopt.cli.solve import solve
from mechopt.cli.sweep import sweep
from mechopt.cli.verify import verify

__all__ = [
    "bootstrap",
    "check",
    "compare",
    "export",
    "implementable",
    "import_",
    "list_",
    "new",
    "plot",
    "solve",
    "sweep",
    "verify",
]
