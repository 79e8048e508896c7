"""Regrade as a transaction: look first, apply to all or some, bring back."""
