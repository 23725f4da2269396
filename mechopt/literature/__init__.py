"""What belongs to a paper: its closed forms, its tests of a mechanism, its figures."""
