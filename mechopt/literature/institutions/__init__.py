"""What people play: rules, an equilibrium, what it brings, and what a deviation gains."""
