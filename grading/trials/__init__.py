"""Trials of the grading itself: wrong, right, hostile and broken submissions."""
