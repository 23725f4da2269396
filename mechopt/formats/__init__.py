"""Programs as files for any solver, and solvers' answers read back.

``names`` says what variables and constraints are called, ``mps``, ``lp``, ``cbf`` and ``nl`` write
one format each, ``sidecar`` is the JSON file beside a model that says what everything in it means,
``write`` is :func:`mechopt.export`, and ``read`` takes a solver's solution file back to a
:class:`mechopt.Solution`.
"""
