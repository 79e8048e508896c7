"""The sandbox: how a kernel is sealed, and the language that crosses its border."""
