"""A student's own page of all feedback: what stands in it, and that nothing in it runs."""

from grading.grades.told import CellTold, Told
from grading.report.feedback_index import Result, feedback_index

GRADED = Told({"a": CellTold(3.0, 4.0)}, 3.0, 4.0, 0.0, "2026-01-02 03:04:05 UTC")


def page(*results, student="student-01"):
    return feedback_index(student, results)


def test_each_assignment_has_a_line_with_its_result_and_a_link():
    text = page(Result("Tensor", "02_tensor", GRADED), Result("Layers", "04_layers", GRADED))
    assert '<a href="02_tensor/02_tensor.html">Tensor</a>' in text
    assert '<a href="04_layers/04_layers.html">Layers</a>' in text
    assert text.count("3 of 4 points") == 2 and text.count("2026-01-02 03:04:05 UTC") == 2


def test_what_is_not_graded_yet_is_no_0():
    told = Told({"a": CellTold(None, 4.0, True)}, 0.0, 4.0, 0.0)
    text = page(Result("Tensor", "02_tensor", told))
    assert "Not graded yet" in text and "0 of 4" not in text and "wait" in text


def test_what_being_late_cost_is_told():
    told = Told({"a": CellTold(3.0, 4.0)}, 2.5, 4.0, 0.5)
    assert "0.5 points off for being late" in page(Result("Tensor", "02_tensor", told))
    assert "late" not in page(Result("Tensor", "02_tensor", GRADED)).split("<main>")[1]


def test_names_are_text_and_addresses_are_addresses():
    text = page(Result("<b>T&s", "02 <i>", GRADED), student="<script>alert(1)</script>")
    assert "<script>" not in text and "<i>" not in text and "&lt;b&gt;T&amp;s" in text
    assert 'href="02%20%3Ci%3E/02%20%3Ci%3E.html"' in text


def test_it_needs_nothing_from_elsewhere():
    assert "http" not in page(Result("Tensor", "02_tensor", GRADED))
