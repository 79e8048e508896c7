"""Whatever a notebook is swollen by, its answers are read, and reading stays cheap."""

import json
import tracemalloc

import pytest

from grading.course.cells import NOTE
from grading.submission.clean_cell import TOO_LONG
from grading.submission.document import MAX_BUILT
from grading.submission.find import Unreadable
from grading.submission.read import read_submission

ANSWER = b'{"cell_type":"code","source":"answer = 1","metadata":{"nbgrader":{"grade_id":"a"}}}'
STREAM = b'{"output_type":"stream","name":"stdout","text":"x"}'
SIZE = MAX_BUILT + 1_000_000


def repeated(unit, size=SIZE):
    return unit * (size // len(unit))


def code(source=b'"x = 1"', outputs=b"[]", metadata=b"{}", more=b""):
    return (
        b'{"cell_type":"code","source":' + source + b',"outputs":' + outputs
        + b',"metadata":' + metadata + more + b"}"
    )  # fmt: skip


def text(source=b'"x"', attachments=b"{}"):
    return (
        b'{"cell_type":"markdown","source":' + source + b',"attachments":' + attachments + b"}"
    )  # fmt: skip


def book(*cells, metadata=b"{}"):
    head = b'{"nbformat":4,"nbformat_minor":5,"metadata":' + metadata + b',"cells":['
    return head + b",".join(cells) + b"]}"


@pytest.fixture
def read(tmp_path):
    def read(content):
        (tmp_path / "one.ipynb").write_bytes(content)
        return read_submission(tmp_path / "one.ipynb")

    return read


def printed(words):
    return b'[{"output_type":"stream","name":"stdout","text":"' + words + b'"}]'


SWOLLEN = {
    "objects in metadata": lambda: book(code(metadata=b'{"x":[' + repeated(b"{},") + b"0]}")),
    "objects beside cells": lambda: book(metadata=b'{"x":[' + repeated(b"{},") + b"0]}"),
    "lists": lambda: book(code(outputs=b"[" + repeated(b"[],") + b"0]")),
    "numbers": lambda: book(code(outputs=b"[" + repeated(b"1.5,") + b"0]")),
    "names": lambda: book(code(more=b',"x":{' + repeated(b'"":0,') + b'"":0}')),
    "depth": lambda: book(code(outputs=repeated(b"[") + repeated(b"]"))),
    "depth of objects": lambda: book(code(metadata=repeated(b'{"":') + b"0" + b"}" * (SIZE // 4))),
    "outputs": lambda: book(code(outputs=b"[" + repeated(STREAM + b",") + STREAM + b"]")),
    "a text": lambda: book(code(outputs=printed(repeated(b"x")))),
    "escapes": lambda: book(code(outputs=printed(repeated(b"\\\\")))),
    "quotes": lambda: book(code(outputs=printed(repeated(b'\\"')))),
    "a number": lambda: book(code(more=b',"execution_count":' + repeated(b"9"))),
    "space": lambda: repeated(b" ") + book(),
    "attachments": lambda: book(text(attachments=b'{"a":{"image/png":"' + repeated(b"A") + b'"}}')),
    "a source": lambda: book(code(source=b'"' + repeated(b"x") + b'"')),
    "lines": lambda: book(code(source=b"[" + repeated(b'"",') + b'""]')),
}  # fmt: skip


@pytest.fixture(params=SWOLLEN.values(), ids=SWOLLEN)
def swollen(request):
    content = request.param()
    return (
        content.removesuffix(b"]}") + (b"," if b'"cells":[{' in content else b"") + ANSWER + b"]}"
    )


def test_the_answer_is_read(read, swollen):
    last = read(swollen).cells[-1]
    assert (last.source, last.metadata["nbgrader"]["grade_id"]) == ("answer = 1", "a")


def test_reading_takes_a_few_times_the_bytes_of_the_file_and_no_more(read, swollen):
    tracemalloc.start()
    try:
        read(swollen)
        assert tracemalloc.get_traced_memory()[1] < 5 * len(swollen) + 20_000_000
    finally:
        tracemalloc.stop()


def test_outputs_of_twenty_one_megabytes_cost_no_answer(read):
    picture = (
        b'{"output_type":"display_data","metadata":{},"data":{"image/png":"'
        + b"A" * 300_000 + b'"}}'
    )  # fmt: skip
    drawn, answer = read(
        book(code(outputs=b"[" + (picture + b",") * 69 + picture + b"]"), ANSWER)
    ).cells
    assert answer.source == "answer = 1" and len(drawn.outputs) == 70


def test_an_output_that_is_too_large_is_left_out_and_the_student_told(read):
    outputs = b"[" + STREAM + b"," + printed(repeated(b"x"))[1:]
    (cell,) = read(book(code(outputs=outputs))).cells
    assert [output.text for output in cell.outputs] == [
        "x",
        "… An output was left out: it is too large.\n",
    ]


def test_an_odd_output_costs_no_other_one(read):
    deep = b"[" * 5_000 + b"]" * 5_000
    (cell,) = read(book(code(outputs=b"[" + deep + b"," + STREAM + b"]"))).cells
    assert cell.outputs[-1].text == "x" and cell.source == "x = 1"


def test_a_number_of_too_many_digits_costs_no_answer(read):
    (cell,) = read(book(code(more=b',"execution_count":' + b"9" * 5_000))).cells
    assert cell.source == "x = 1"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(b'"' + b"x" * SIZE + b'"', id="a string"),
        pytest.param(b"[" + b'"x",' * SIZE + b'""]', id="a list"),
    ],
)
def test_a_source_that_is_too_large_to_be_built_is_left_out_and_says_so(read, source):
    assert read(book(code(source=source))).cells[0].source == TOO_LONG


def test_a_source_in_escapes_is_as_long_as_its_characters(read):
    escaped = b'"' + b"\\ud835\\udcb3" * 200_000 + b'"'
    (cell,) = read(book(code(source=escaped, metadata=b'{"x":[' + repeated(b"{},") + b"0]}"))).cells
    assert cell.source == "\U0001d4b3" * 200_000


def test_a_source_that_is_no_json_makes_the_file_a_damaged_one(read):
    with pytest.raises(Unreadable, match="damaged"):
        read(book(code(source=b"oops")))


def test_of_the_cells_together_five_million_characters_are_kept(read):
    kept = [cell.source for cell in read(book(*[code(b'"' + b"x" * 100_000 + b'"')] * 51)).cells]
    assert kept == ["x" * 100_000] * 50 + [TOO_LONG]


def test_outputs_of_all_cells_share_one_room(read):
    cells = read(book(*[code(outputs=b"[" + (STREAM + b",") * 149 + STREAM + b"]")] * 8)).cells
    told = [cell.outputs[-1].text for cell in cells]
    assert sum(len(cell.metadata[NOTE]["outputs"]) for cell in cells) == 1_000 + 2
    assert told[:6] == ["x"] * 6 and all("left out" in words for words in told[6:])


def test_a_hundred_attachments_of_a_cell_are_looked_at(read):
    names = b",".join(b'"%d":{"image/png":"AAAA"}' % number for number in range(101))
    (cell,) = read(book(text(attachments=b"{" + names + b"}"))).cells
    assert list(cell.attachments) == [str(number) for number in range(100)]


@pytest.mark.parametrize(("length", "kept"), [(200, True), (201, False)])
def test_a_name_has_two_hundred_characters_at_most(read, length, kept):
    name = "n" * length
    cell = {"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": name}}}
    (cell,) = read(book(json.dumps(cell).encode())).cells
    assert ("nbgrader" in cell.metadata) == kept


@pytest.mark.parametrize(
    ("name", "kept"),
    [("n" * 64, True), ("a-B_9", True), ("n" * 65, False), ("a b", False), ("", False)],
)
def test_a_cells_id_is_kept_where_the_format_allows_it(read, name, kept):
    (cell,) = read(book(json.dumps({"cell_type": "code", "source": "", "id": name}).encode())).cells
    assert (cell["id"] == name) == kept


def old_book(*cells):
    return json.dumps({"nbformat": 3, "worksheets": [{"cells": list(cells)}]}).encode()


def test_outputs_of_format_3_are_shown_as_those_of_today(read):
    outputs = [
        {"output_type": "pyout", "text": "1", "prompt_number": 1},
        {"output_type": "display_data", "png": "AAAA"},
        {"output_type": "stream", "stream": "stderr", "text": "2"},
        {"output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": []},
    ]
    (cell,) = read(old_book({"cell_type": "code", "input": "x", "outputs": outputs})).cells
    result, picture, stream, error = cell.outputs
    assert (cell.source, result.data) == ("x", {"text/plain": "1"})
    assert (picture.data, stream.name, error.ename) == ({"image/png": "AAAA"}, "stderr", "E")


@pytest.mark.parametrize(("level", "marks"), [(2, "##"), (7, "#"), (1.0, "#"), (None, "#")])
def test_a_heading_of_format_3_is_markdown(read, level, marks):
    (cell,) = read(old_book({"cell_type": "heading", "level": level, "source": "T"})).cells
    assert (cell.cell_type, cell.source) == ("markdown", f"{marks} T")
