"""The side that student code can see: all of ours that enters the sandbox."""
