"""Untrusted in, clean out: find, read, restore and sanitise what students hand in."""
