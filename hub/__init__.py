"""The course on JupyterHub: it uses `grading`, which knows nothing of it."""
