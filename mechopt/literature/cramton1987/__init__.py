"""Cramton, Gibbons and Klemperer (1987): dissolving a partnership efficiently."""
