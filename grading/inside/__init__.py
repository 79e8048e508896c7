"""The side of the wall that student code can see."""
