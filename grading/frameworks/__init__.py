"""A student's ten modules, assembled from their submissions, and what they can do together."""
