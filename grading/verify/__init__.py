"""Compare evidence with the answer key, outside the sandbox."""
