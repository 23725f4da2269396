"""What every room uses and none owns: arrays, fractions, files, terminals, saving."""
