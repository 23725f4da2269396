"""Instance files: a design problem, its priors and its requirements, written in TOML.

A file is read table by table, and all its faults are reported at once: what the models of the
tables refuse, and what only the library finds when it builds type spaces, environment and problem.

A further kind of environment is a factory with the decorator
:func:`mechopt.environments.kinds.kind`, which says what its keyword arguments hold: they are the
keys of its table, and nothing has to be written here.
"""

from mechopt.instances.fields import exact_number
from mechopt.instances.load import Instance, instance_from_document, load_instance, read_document

__all__ = ["Instance", "exact_number", "instance_from_document", "load_instance", "read_document"]
