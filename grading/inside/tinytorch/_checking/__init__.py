"""What will be graded in a notebook, and what its visible tests say of it: no network, no hub."""
