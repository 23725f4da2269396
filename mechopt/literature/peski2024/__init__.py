"""Bargaining with mechanisms, as in Pęski (2024): bounds, gaps and payoff sets."""
