"""Evidence to outcome: one class for each kind of check, the answer key, the true labels."""
