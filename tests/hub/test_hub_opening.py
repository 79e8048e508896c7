"""Formgrader's links lead to JupyterLab wherever the server is mounted."""

from hub.formgrader.opening import LINK, SCRIPT, mended


def test_the_script_of_this_nbgrader_is_mended() -> None:
    script = SCRIPT.read_text()
    assert script.count(LINK) == 1
    better = mended(script, "/services/tinytorch")
    assert LINK not in better
    assert better.count('"/services/tinytorch/lab/tree/" + path') == 1
