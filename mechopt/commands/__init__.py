"""Commands of the command line, one module each; heavy imports wait until a command runs."""

from mechopt.commands.compare import compare

__all__ = ["compare"]
