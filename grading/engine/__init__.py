"""Many submissions: what is to be graded, by how many workers, and where it is written."""
