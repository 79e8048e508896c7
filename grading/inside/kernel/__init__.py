"""What runs cells inside the sandbox: a Jupyter shell behind one socket, and its warm template."""
