"""The finale: your own framework trains three networks, and a page tells of them."""
