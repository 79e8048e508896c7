"""The reference framework, exported from the solution cells of source/."""
