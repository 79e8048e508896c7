"""A student's own curves stand above the notebook: loss, accuracy and times, and nothing else."""

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, writes

from grading.course.cells import NOTE
from grading.grades.told import Told
from grading.report import curves
from grading.report.curves import curves_of
from grading.report.feedback_page import render_feedback

PNG = "iVBORw0KGgo="
LOSS = "tinytorch.show(figure, 'The training loss falls.')"


def drawn(source, *pictures, **metadata):
    outputs = [new_output("display_data", {"image/png": picture}) for picture in pictures]
    return new_code_cell(source, outputs=outputs, metadata=metadata)


def found(*cells):
    return curves_of(new_notebook(cells=[new_markdown_cell("## 3. Training"), *cells]))


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (LOSS, "loss"),
        ("plt.plot(losses, label='accuracy')", "loss and accuracy"),
        ("axes.plot(history)  # loss and accuracy", "loss and accuracy"),
        ("axes.bar(names, seconds)", "time"),
    ],
)
def test_pictures_of_loss_accuracy_and_times_are_found(source, what):
    ((picture, section, told),) = found(drawn(source, PNG))
    assert (picture, section, told) == (PNG, "3. Training", what)


@pytest.mark.parametrize(
    "cell",
    [
        drawn("plt.imshow(digits)", PNG),
        drawn(LOSS),
        drawn("loss = 1", PNG),
        drawn(LOSS, PNG, nbgrader={"grade_id": "test", "grade": True, "solution": False}),
    ],
    ids=["other pictures", "none drawn", "draws nothing", "a test"],
)
def test_nothing_else_is(cell):
    assert found(cell) == []


def test_only_so_many_and_so_large_ones_are_shown(monkeypatch):
    assert len(found(*[drawn(LOSS, PNG)] * 9)) == curves.MOST
    monkeypatch.setattr(curves, "ROOM", 2 * len(PNG))
    assert len(found(*[drawn(LOSS, PNG)] * 9)) == 2


def test_they_stand_above_the_notebook_with_a_text_for_those_who_do_not_see_them():
    cell = drawn(LOSS)
    cell.metadata[NOTE] = {"outputs": [new_output("display_data", {"image/png": PNG})]}
    notebook = new_notebook(cells=[new_markdown_cell("## 3. <Training>"), cell])
    page = render_feedback(writes(notebook), "09", Told({}, 0.0, 0.0, 0.0), {})
    (picture,) = BeautifulSoup(page, "html.parser").select("#summary #curves img")
    assert picture["src"] == f"data:image/png;base64,{PNG}"
    assert picture["alt"] == "Your picture of loss, from the section 3. <Training>"


def test_without_curves_there_is_no_such_heading():
    page = render_feedback(writes(new_notebook()), "01", Told({}, 0.0, 0.0, 0.0), {})
    assert "Your curves" not in page
