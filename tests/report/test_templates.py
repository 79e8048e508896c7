"""What is put into a template of ours is text, and a name that is missing is an error."""

import pytest
from jinja2 import UndefinedError

from grading.report.templates import template


@pytest.fixture
def page(tmp_path):
    file = tmp_path / "page.html.j2"
    file.write_text("<p>{{ name }}</p>")
    return file


def test_what_is_put_in_is_text(page):
    assert template(page).render(name="<b>") == "<p>&lt;b&gt;</p>"


def test_a_name_that_is_missing_is_an_error(page):
    with pytest.raises(UndefinedError):
        template(page).render()
