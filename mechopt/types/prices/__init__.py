"""Posted prices, offers and monopoly prices, for any prior."""
