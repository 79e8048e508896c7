"""Serve nbgrader's scripts of Formgrader's pages, mended: they ask, and say what is not final."""

from nbgrader.server_extensions.formgrader import handlers
from nbgrader.server_extensions.formgrader.base import BaseHandler
from tornado import web

from grading.nbgrader_steps.formgrader.asking import MENDED
from grading.nbgrader_steps.formgrader.late import TIMESTAMP
from grading.nbgrader_steps.formgrader.standing import SCORES
from grading.nbgrader_steps.private_names import LISTING, NAME, NO_SCORE, SCRIPTS

OURS = """\
var instead = function (model, name) {
    return (model.get("instead") || {})[name];
};
var called = function (model) {
    var parts = [model.get("last_name"), model.get("first_name")].filter(Boolean);
    return parts.join(", ") || model.get("student") || model.get("id");
};
"""
SHOWN = """} else {
            this.$score.attr("data-order", 0.0);
            this.$score.text(instead(this.model, "score"));
        }

        // autograde"""


class Script(BaseHandler):
    """Serve one of nbgrader's scripts, mended."""

    @web.authenticated
    def get(self, name: str) -> None:
        """Write the script."""
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.finish(mended(name))


def mended(name: str) -> str:
    """Return a script of nbgrader's that asks what waits, and shows no bare score that waits."""
    script = SCRIPTS[name].read_text()
    for theirs, ours in (MENDED | {NO_SCORE: SHOWN, NAME: "name = called(this.model)"}).items():
        script = script.replace(theirs, ours)
    for text in LISTING.get(name, ()):
        cell, call, score = text.name.partition(".text(")
        kind = next((one for one in (*SCORES[1:], TIMESTAMP) if one in cell), SCORES[0])
        if call:
            script = script.replace(
                text.name, f'{cell}.text(instead(this.model, "{kind}") || {score}'
            )
    return OURS + script


PLACE = (rf"/formgrader/static/js/({'|'.join(SCRIPTS)})\.js", Script)


def install() -> None:
    """Answer the scripts' addresses before nbgrader's own handlers do."""
    if PLACE not in handlers.default_handlers:
        handlers.default_handlers.insert(0, PLACE)
