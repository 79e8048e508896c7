"""The pictures of the notebooks: described in words, and shown without a network."""
