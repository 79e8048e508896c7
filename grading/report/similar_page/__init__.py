"""The page of similar work."""
