"""Checks that need no solver: audits of mechanisms, bounds from multipliers."""
