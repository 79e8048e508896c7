"""The class page: what staff ask of a class, on one page that needs nothing else."""
