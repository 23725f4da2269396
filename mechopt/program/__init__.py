"""The program of a problem: named blocks in floats or fractions, and what multipliers prove."""
