"""A run draws no pictures: graders see those that were submitted."""

from nbformat import NotebookNode

from grading.submission.pictures import with_submitted_pictures


def output(text, **data):
    return NotebookNode(
        output_type="display_data", data=NotebookNode({"text/plain": text, **data}), metadata={}
    )


def figure(picture=None):
    data = {"image/png": picture} if picture else {}
    return output("<Figure size 640x480 with 1 Axes>", **data)


PRINTED = NotebookNode(output_type="stream", name="stdout", text="5")


def test_a_figure_that_was_not_drawn_is_shown_as_it_was_submitted():
    shown = with_submitted_pictures([PRINTED, figure(), figure()], [figure("one"), figure("two")])
    assert shown == [PRINTED, figure("one"), figure("two")]


def test_a_figure_that_was_drawn_stays_as_it_is():
    assert with_submitted_pictures([figure("ours")], [figure("theirs")]) == [figure("ours")]


def test_what_was_submitted_beyond_the_figures_of_the_run_is_not_shown():
    other = output("an image", **{"image/png": "forged"})
    assert with_submitted_pictures([PRINTED], [figure("one"), other]) == [PRINTED]
    assert with_submitted_pictures([figure()], [other]) == [figure()]


def test_a_figure_for_which_no_picture_was_submitted_stays_a_word():
    assert with_submitted_pictures([figure(), figure()], [figure("one")]) == [
        figure("one"),
        figure(),
    ]
