"""Closed forms and constructions: payments, virtual valuations, efficient rules."""
