"""A page to play with: ``mechopt explore`` serves it, and only that command loads this package.

What the page says and draws is made without a browser and without Bokeh: a :class:`State` is the
query of an address and the tables of an instance file, :func:`answered` solves it, and pictures are
data. :mod:`mechopt.explore.view` alone knows how they are shown.
"""
