"""Submit and collect whole or not at all; both sides of the exchange import this, nothing else."""
