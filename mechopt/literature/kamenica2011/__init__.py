"""Bayesian persuasion (Kamenica and Gentzkow 2011)."""
