"""Posts from a file: what its columns mean, how its cells are read, and what is wrong with each row."""
