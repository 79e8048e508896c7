"""The course on disk: its assignments, what is made from them, and whether that still holds."""
