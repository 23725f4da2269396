"""Programs in mathematics: formulations, proofs and alternatives in words, for every kind."""
