"""Loaders and bundled data; knows nothing of grading."""
