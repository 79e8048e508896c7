"""Our steps in nbgrader's own pipelines; `nbgrader_config.py` puts them in their places."""
