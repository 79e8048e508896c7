"""A class of ten that never existed: submissions made by code, to see the course at work."""
