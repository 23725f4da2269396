"""Direct mechanisms: allocations, payments, and what they give to each type."""
