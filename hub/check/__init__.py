"""Check before handing in: a service of the hub that grades what is saved and writes no grade."""
