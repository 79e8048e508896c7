"""How Sphinx builds the documentation: the pages as they stand, nothing from another host."""

project = "TinyTorch, the course that grades itself"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "TinyTorch, the course"
html_show_copyright = False
html_show_sourcelink = False
myst_heading_anchors = 3
suppress_warnings = ["myst.header", "misc.highlighting_failure"]
