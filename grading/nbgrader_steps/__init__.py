"""All that touches nbgrader's own pipelines; `nbgrader_config.py` puts it in its places."""
