"""Commands of the command line, one module each, imported when they are asked for."""

COMMANDS = {
    "solve": "solve:solve",
    "check": "check:check",
    "implementable": "implementable:implementable",
    "verify": "verify:verify",
    "plot": "plot:plot",
    "explore": "explore:explore",
    "compare": "compare:compare",
    "sweep": "sweep:sweep",
    "bootstrap": "bootstrap:bootstrap",
    "explain": "explain:explain",
    "export": "export:export",
    "new": "new:new",
    "import": "export:import_",
    "list": "list:list_",
    "bench": "bench:bench",
}
"""Where each command is defined: the module in this package, and the function."""
