"""Functions that instance files of the tests name by their import path."""


def power_density(types, exponent):
    return exponent * types ** (exponent - 1)


def power(types, exponent):
    return types**exponent


def rest(types, exponent):
    return 1 - types**exponent


def root(chances):
    return chances**0.5
