"""Sequential bargaining mechanisms, as in Cramton (1985): trade, delay and impossibility."""
