"""What is read of a submitted notebook, and what is refused before it costs anything."""

import json
from pathlib import Path

import pytest

from grading.course.cells import NOTE
from grading.submission.find import Unreadable
from grading.submission.read import TOO_LONG, read_submission


def book(*cells, **fields):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)} | fields


def code(source="", **fields):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": []} | fields


def text(source="", **fields):
    return {"cell_type": "markdown", "source": source, "metadata": {}} | fields


@pytest.fixture
def read(tmp_path):
    def read(content):
        file = tmp_path / "one.ipynb"
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return read_submission(file)

    return read


def test_a_notebook_of_a_hundred_megabytes_is_read(read):
    content = json.dumps(book(code("x = 1"))).encode()
    assert read(content + b" " * (100_000_000 - len(content))).cells[0].source == "x = 1"


def test_a_byte_more_is_refused_and_the_student_told_what_to_do(tmp_path):
    file = tmp_path / "one.ipynb"
    with file.open("wb") as hole:
        hole.truncate(100_000_001)
    with pytest.raises(Unreadable, match="larger than 100 MB; clear its outputs"):
        read_submission(file)


def test_a_thousand_cells_are_read(read):
    assert len(read(book(*[code()] * 1_000)).cells) == 1_000


@pytest.mark.parametrize(
    "large",
    [
        book(*[code()] * 1_001),
        {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": [code(input="")] * 501}] * 2},
    ],
    ids=["of this format", "of format 3"],
)
def test_more_cells_are_refused(read, large):
    with pytest.raises(Unreadable, match="more than 1000 cells"):
        read(large)


def test_cells_are_counted_before_any_is_looked_at(read):
    with pytest.raises(Unreadable, match="more than 1000 cells"):
        read(book(*[7] * 1_001))


@pytest.mark.parametrize("kind", [code, text])
def test_a_cell_of_two_hundred_thousand_characters_is_read(read, kind):
    assert len(read(book(kind("x" * 200_000))).cells[0].source) == 200_000


@pytest.mark.parametrize("kind", [code, text])
@pytest.mark.parametrize("source", ["x" * 200_001, ["x"] * 200_001], ids=["text", "lines"])
def test_a_longer_cell_is_left_out(read, kind, source):
    (cell,) = read(book(kind(source))).cells
    assert cell.source == TOO_LONG
    assert "too long" in TOO_LONG


def test_a_longer_cell_leaves_the_others_alone(read):
    sources = [cell.source for cell in read(book(code("x" * 200_001), code("y = 1"))).cells]
    assert sources == [TOO_LONG, "y = 1"]


def place_link(file):
    (file.parent / "real").write_text(json.dumps(book()))
    file.symlink_to("real")


def place_dangling_link(file):
    file.symlink_to("nowhere")


@pytest.mark.parametrize("place", [place_link, place_dangling_link, Path.mkdir, lambda file: None])
def test_only_an_ordinary_file_is_opened(tmp_path, place):
    place(tmp_path / "one.ipynb")
    with pytest.raises(Unreadable, match="not an ordinary file"):
        read_submission(tmp_path / "one.ipynb")


def test_a_file_without_permission_is_told_to_the_student(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "one.ipynb").write_text(json.dumps(book()))
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(Unreadable, match="could not be read"):
        read_submission(tmp_path / "one.ipynb")


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b'{"cells": [', b"\xff\xfe\x00", "[".encode("utf-16"), b"[" * 100_000],
    ids=["nothing", "a word", "cut short", "bytes", "UTF-16", "endless nesting"],
)
def test_what_is_not_json_is_called_so(read, content):
    with pytest.raises(Unreadable, match="damaged: it is not JSON"):
        read(content)


@pytest.mark.parametrize(
    "content",
    [[], 3, None, {}, {"nbformat": "x"}, book() | {"cells": 3}, book(1), book(None), book("x")],
    ids=str,
)
def test_json_that_is_no_notebook_is_called_so(read, content):
    with pytest.raises(Unreadable, match="is JSON, but not a notebook"):
        read(content)


ENCODINGS = [
    *("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
    *("utf-8", "cp1252"),
]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_notebook_is_read_in_whatever_encoding_an_editor_saved_it(read, encoding):
    content = json.dumps(book(code("d\u00e9j\u00e0 = 1")), ensure_ascii=False)
    assert read(content.encode(encoding)).cells[0].source == "d\u00e9j\u00e0 = 1"


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-32-be"])
def test_a_mark_of_another_order_of_bytes_does_no_harm(read, encoding):
    content = "\ufeff" + json.dumps(book(code("x = 1")))
    assert read(content.encode(encoding)).cells[0].source == "x = 1"


def test_zeros_behind_the_end_do_no_harm(read):
    assert read(json.dumps(book(code("x = 1"))).encode() + bytes(700)).cells[0].source == "x = 1"


@pytest.mark.parametrize(
    ("lines", "source"),
    [
        (["def f():", "    pass"], "def f():\n    pass"),
        (["def f():\n", "    pass"], "def f():\n    pass"),
        (["a = 1\n", "b = ", "2"], "a = 1\nb = 2"),
        (["x = 1"], "x = 1"),
        ([], ""),
    ],
)
def test_lines_are_joined_where_they_end_and_by_line_ends_where_none_does(read, lines, source):
    assert read(book(code(lines))).cells[0].source == source


def test_a_byte_order_mark_does_no_harm(read):
    assert read(b"\xef\xbb\xbf" + json.dumps(book(code("x = 1"))).encode()).cells


def test_a_notebook_of_a_later_format_is_read_as_far_as_it_is_known(read):
    (cell,) = read(book(code("x = 1", hologram=True), nbformat=7, nbformat_minor=99)).cells
    assert cell.source == "x = 1" and "hologram" not in cell


def test_nothing_of_the_notebooks_own_metadata_is_kept(read):
    evil = {"widgets": {"x": 1}, "title": "<script>", "course": {"notes": ["full marks"]}}
    assert read(book(code(), metadata=evil)).metadata == {}


def test_of_a_cells_metadata_only_the_grade_id_is_kept(read):
    ours = {"grade_id": "one", "points": 99, "solution": True, "grade": True, "locked": False}
    metadata = {"nbgrader": ours, "tags": ["export"], "name": "x", "jupyter": {"a": 1}}
    (cell,) = read(book(code(metadata=metadata))).cells
    assert cell.metadata.pop(NOTE) == {"outputs": []}
    assert cell.metadata == {"nbgrader": {"grade_id": "one"}}


@pytest.mark.parametrize("kind", [code, text])
@pytest.mark.parametrize("metadata", [None, [], {"nbgrader": 3}, {"nbgrader": {"grade_id": ["a"]}}])
def test_odd_metadata_are_left_out(read, kind, metadata):
    (cell,) = read(book(kind(metadata=metadata))).cells
    assert "nbgrader" not in cell.metadata


def test_a_cells_id_is_kept_where_it_is_a_text(read):
    first, second = read(book(code(id="mine"), code(id=["x"]))).cells
    assert first["id"] == "mine" and isinstance(second["id"], str)


def test_a_raw_cell_is_read_as_markdown(read):
    assert read(book(text("x", cell_type="raw"))).cells[0].cell_type == "markdown"


def test_lines_are_joined_and_half_characters_replaced(read):
    (cell,) = read(book(code(["a = 1\n", "b = '\ud800'"]))).cells
    assert cell.source == "a = 1\nb = '?'"


def stream(words):
    return {"output_type": "stream", "name": "stdout", "text": words}


def html(words):
    return {"output_type": "display_data", "metadata": {}, "data": {"text/html": words}}


def outputs_of(read, outputs):
    (cell,) = read(book(code(outputs=outputs))).cells
    assert cell.metadata[NOTE]["outputs"] == cell.outputs
    return cell.outputs


@pytest.mark.parametrize(
    "odd",
    [7, None, "x", {}, {"output_type": "hologram"}, {"output_type": "error"}, stream(None)],
    ids=str,
)
def test_an_output_that_is_none_is_left_out_and_the_others_kept(read, odd):
    kept = outputs_of(read, [stream("a"), odd, stream("b")])
    assert [output.text for output in kept] == ["a", "b"]


@pytest.mark.parametrize("outputs", [None, 7, "x", {"not": "a list"}], ids=str)
def test_outputs_that_are_no_list_are_none(read, outputs):
    assert outputs_of(read, outputs) == []


def test_outputs_are_cleaned_as_they_are_read(read):
    (output,) = outputs_of(read, [html("<b onclick=x>1</b><script>2</script>")])
    assert output.data["text/html"] == "<b>1</b>"


def attachments_of(read, raw):
    (cell,) = read(book(text(attachments=raw))).cells
    return cell.get("attachments")


@pytest.mark.parametrize("mime", ["image/png", "image/jpeg"])
def test_an_attached_picture_is_kept(read, mime):
    assert attachments_of(read, {"a.png": {mime: "aGk="}}) == {"a.png": {mime: "aGk="}}


@pytest.mark.parametrize(
    "raw",
    [
        {"a": {"image/svg+xml": "aGk="}},
        {"a": {"text/html": "aGk="}},
        {"a": {"image/png": '"><script>'}},
        {"a": {"image/png": 7}},
        {"a": {"image/png": ["aGk="]}},
        {"a": {"image/png": "aGk=", "image/jpeg": '"'}},
        {"a": {}},
        {"a": None},
        {"a": "image/png"},
        ["image/png"],
        None,
    ],
    ids=str,
)
def test_an_attachment_that_is_no_picture_is_left_out(read, raw):
    assert attachments_of(read, raw) is None


def test_a_picture_is_kept_without_what_comes_with_it(read):
    raw = {"a": {"image/png": "aGk=", "image/svg+xml": "<svg/>"}, "b": {"text/html": "x"}}
    assert attachments_of(read, raw) == {"a": {"image/png": "aGk="}}
