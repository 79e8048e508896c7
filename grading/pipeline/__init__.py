"""The steps of `make`: each redoes only what has changed."""
