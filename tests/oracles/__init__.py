"""Oracles: mechanism design programs from their definitions, by code that shares none with mechopt.

``finite_case`` holds the data of a program, ``direct_lp`` solves it, ``audit_by_hand`` judges any
mechanism for it, ``cases`` draws random ones, and ``as_problem`` states them for mechopt.
"""
