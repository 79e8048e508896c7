"""The wall: how a kernel is sealed."""
