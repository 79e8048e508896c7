"""Broken lines of the grader itself: does the nearest test notice each of them?"""
