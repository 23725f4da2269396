"""Commands of the command line, one module each; heavy imports wait until a command runs."""

from mechopt.commands.bootstrap import bootstrap
from mechopt.commands.compare import compare
from mechopt.commands.sweep import sweep

__all__ = ["bootstrap", "compare", "sweep"]
