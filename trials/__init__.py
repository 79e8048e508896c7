"""Tests of the tests and of the grader: wrong, right, hostile and broken work."""
