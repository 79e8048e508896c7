"""Outcomes to the gradebook: points, messages, late penalties, extra credit."""
