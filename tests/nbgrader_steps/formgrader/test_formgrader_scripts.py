"""The scripts of Formgrader's lists ask, and show no bare score or name of None."""

import pytest
from nbgrader.server_extensions.formgrader import handlers

from grading.nbgrader_steps.formgrader import scripts
from grading.nbgrader_steps.private_names import ASKING, LISTING, NAME, SCRIPTS


@pytest.mark.parametrize("name", ASKING)
def test_the_pages_get_a_script_that_asks(name):
    script = scripts.mended(name)
    assert 'response["question"]' in script
    assert "_.bind(this.release_feedback, this, true)" in script
    assert '(ungraded === true ? "?ungraded=1" : "")' in script
    assert "release_feedback: function (ungraded) {" in script


@pytest.mark.parametrize("name", LISTING)
def test_every_score_of_a_list_gives_way_to_what_stands_instead(name):
    shown = [line for line in scripts.mended(name).splitlines() if "score.text(" in line]
    assert shown and all('.text(instead(this.model, "' in line for line in shown)


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("manage_students_assignments", 'written_score.text(instead(this.model, "written_score")'),
        ("gradebook_notebooks", 'avg_task_score.text(instead(this.model, "task_score")'),
        ("gradebook_notebooks", 'avg_score.text(instead(this.model, "score")'),
        ("gradebook_notebook_submissions", 'code_score.text(instead(this.model, "code_score")'),
    ],
)
def test_each_score_gives_way_to_its_own(script, line):
    assert scripts.mended(script).count(line) == 1


def test_what_was_never_graded_says_so_where_nbgrader_shows_nothing():
    script = scripts.mended("manage_submissions")
    blank = script.partition('this.$score.attr("data-order", 0.0);\n            this.$score.text(')
    assert blank[2].startswith('instead(this.model, "score"));')


@pytest.mark.parametrize("name", [one for one in LISTING if NAME in SCRIPTS[one].read_text()])
def test_names_are_put_together_by_us(name):
    script = scripts.mended(name)
    assert NAME not in script and "name = called(this.model)" in script


def test_whoever_has_no_name_is_called_by_the_id():
    assert 'model.get("last_name"), model.get("first_name")].filter(Boolean)' in scripts.OURS
    assert 'parts.join(", ") || model.get("student") || model.get("id")' in scripts.OURS


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_the_mended_lines_call_is_defined_before_them(name):
    script = scripts.mended(name)
    for function in ("instead", "called"):
        assert script.index(f"var {function} = function") < script.index("Backbone.Model.extend")


def test_ours_are_put_there_once(monkeypatch):
    monkeypatch.setattr(handlers, "default_handlers", [("/other", object)])
    scripts.install()
    scripts.install()
    assert handlers.default_handlers == [scripts.PLACE, ("/other", object)]
