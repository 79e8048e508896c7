"""nbgrader's command, as a TA says it."""

import logging

import pytest
from nbgrader.apps.autogradeapp import AutogradeApp


@pytest.fixture
def command(unrun, monkeypatch, caplog):
    """Return the command in a course where nothing is run: it answers with status and log."""
    monkeypatch.chdir(unrun.course.root)

    def run(*arguments, assignment="01_mini"):
        caplog.clear()
        app = AutogradeApp()
        app.log.propagate = True
        with caplog.at_level(logging.INFO, app.log.name):
            try:
                app.initialize([assignment, *arguments])
                app.start()
            except SystemExit as ended:
                return ended.code, caplog.text
        return 0, caplog.text

    return run
