"""Every piece of an answer is kept and runs in its order; a stub never runs over written work."""

import copy
import json

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from grading.course.cells import NOTE
from grading.submission.read import read_submission
from grading.submission.recognise import MAX_READ, recognise
from grading.submission.released_cells import ReleasedCells
from grading.submission.restore import ELSEWHERE, restore

STUB = "def {0}(x):\n    raise NotImplementedError()"
SOLVED = {"f": "def f(x):\n    y = x\n    return y", "g": "def g(x):\n    return f(x) + 1"}
HIDDEN = "### BEGIN HIDDEN TESTS\nsecret\n### END HIDDEN TESTS\n"


def cell(name, source, make=new_code_cell, tags=(), **ours):
    values = {"grade": False, "solution": False, "locked": True, "task": False} | ours
    values |= {"grade_id": name, "schema_version": 3, "points": 1}
    return make(source, metadata={"nbgrader": values, "tags": [*tags]}, id=f"id-{name}")


@pytest.fixture
def skeleton():
    answer = {"solution": True, "locked": False}
    test = {"grade": True}
    return new_notebook(
        cells=[
            cell("imports", "import numpy as np\nLIMIT = 3"),
            cell("f", STUB.format("f"), tags=["export"], **answer),
            cell("test-f", f"{HIDDEN}assert f(1) == 1\nassert f(2) == 2", **test),
            cell("g", STUB.format("g"), tags=["export"], **answer),
            cell("test-g", f"{HIDDEN}assert g(1) == 2\nassert g(2) == 3", **test),
            cell("why", "Your answer", new_markdown_cell, **answer | test),
        ]
    )


@pytest.fixture
def restored(skeleton, tmp_path):
    """A function that changes a solved submission's cells and restores what was written."""

    def restored(change=lambda cells: None):
        submitted = copy.deepcopy(skeleton)
        for each in submitted.cells:
            name = each.metadata["nbgrader"]["grade_id"]
            each.source = SOLVED.get(name, each.source.replace(HIDDEN, ""))
        submitted.cells[5].source = "Because."
        change(submitted.cells)
        file = tmp_path / "one.ipynb"
        file.write_text(json.dumps(submitted))
        return restore(skeleton, read_submission(file))

    return restored


def texts(result):
    """Return the text of the code that is run, in its order, by what each cell of ours is."""
    return [
        (one.metadata.get("nbgrader", {}).get("grade_id"), one.source)
        for one in result.notebook.cells
        if one.cell_type == "code"
    ]


def of(result, name):
    return dict(texts(result))[name]


def piece(cells, name, source):
    made = copy.deepcopy(next(one for one in cells if one["id"] == f"id-{name}"))
    made.source, made["id"] = source, f"new-{len(cells)}"
    return made


def strip(cells):
    for number, one in enumerate(cells):
        one["metadata"], one["id"] = {}, f"new-{number}"


def test_halves_are_one_answer_again(restored):
    def split(cells):
        cells[1].source = "def f(x):\n    y = x"
        cells.insert(2, piece(cells, "f", "    return y"))

    result = restored(split)
    assert of(result, "f") == SOLVED["f"] and result.uncertain == ()


def test_halves_of_a_line_are_one_line_again(restored):
    def split(cells):
        cells[1].source = "def f(x):\n    y = x\n    ret"
        cells.insert(2, piece(cells, "f", "urn y"))

    assert of(restored(split), "f") == SOLVED["f"]


def test_own_code_between_two_pieces_stays_between_them(restored):
    def split(cells):
        cells[1].source = "a = 1"
        cells[2:2] = [new_code_cell("b = a"), piece(cells, "f", SOLVED["f"])]

    sources = [source for _, source in texts(restored(split))]
    assert sources[1:4] == ["a = 1", "b = a", SOLVED["f"]]


def test_a_piece_that_stays_apart_still_belongs_to_the_module(restored):
    def split(cells):
        cells[1].source = "a = 1"
        cells[2:2] = [new_code_cell("b = a"), piece(cells, "f", SOLVED["f"])]

    tags = {one.source: one.metadata.get("tags") for one in restored(split).notebook.cells}
    assert tags["a = 1"] == ["export"] and tags["b = a"] is None


def test_pieces_that_begin_with_cell_magic_stay_apart(restored):
    def split(cells):
        cells.insert(2, piece(cells, "f", "%%time\nf(1)"))

    assert ("f", "%%time\nf(1)") in texts(restored(split))
    assert (None, SOLVED["f"]) in texts(restored(split))


@pytest.mark.parametrize("place", [1, 2, 3, 6])
@pytest.mark.parametrize(
    "source",
    [
        STUB.format("f"),
        "",
        "\n  \n",
        STUB.format("f") + "  \r\n",
        "# mine\n" + STUB.format("f"),
        STUB.format("f").replace("NotImpl", "\uff2eotImpl"),  # another letter for the same name
    ],
)
def test_an_untouched_piece_never_counts(restored, place, source):
    result = restored(lambda cells: cells.insert(place, piece(cells, "f", source)))
    assert of(result, "f") == SOLVED["f"] and result.uncertain == ()
    assert [name for name, _ in texts(result)].count(None) == 0


def test_a_stub_in_a_longer_piece_does_not_run_over_the_answer(restored):
    def again(cells):
        cells.insert(2, piece(cells, "f", f"z = 1\n{STUB.format('f')}"))

    assert "NotImplementedError" not in of(restored(again), "f")


def fresh(cells, at, to):
    cells.insert(to, new_code_cell(cells.pop(at).source))


@pytest.mark.parametrize("to", [1, 2, 5])
def test_an_answer_in_a_fresh_cell_is_put_in_its_place(restored, to):
    result = restored(lambda cells: fresh(cells, 1, to))
    assert of(result, "f") == SOLVED["f"] and result.uncertain == ()
    assert result.repairs == [
        "The cell f was missing: its answer was found elsewhere and put there."
    ]


def test_an_answer_above_what_it_follows_is_run_there_and_its_stub_is_not(restored):
    result = restored(lambda cells: fresh(cells, 3, 1))
    assert of(result, "g") == ELSEWHERE
    assert texts(result)[1] == (None, SOLVED["g"])
    assert result.notebook.cells[1].metadata["tags"] == ["export"]
    assert result.repairs == ["The cell g was missing: its answer was run in cells of your own."]


def test_an_answer_that_needs_a_cell_of_ours_is_not_run_before_it(restored):
    def change(cells):
        cells.insert(0, new_code_cell(f"{cells.pop(1).source}\n\nf.limit = LIMIT"))

    assert of(restored(change), "f").startswith(SOLVED["f"])


def test_an_answer_above_an_untouched_stub_is_not_run_over(restored):
    def change(cells):
        cells.insert(1, new_code_cell(SOLVED["f"]))
        cells[2].source = STUB.format("f")

    result = restored(change)
    assert of(result, "f") == SOLVED["f"]
    assert result.repairs == [
        "The cell f held no answer: its answer was found elsewhere and put there."
    ]


def test_two_answers_in_the_first_ones_cell_run_there(restored):
    def merge(cells):
        cells[1].source += f"\n\n\n{cells.pop(3).source}"

    result = restored(merge)
    assert of(result, "f") == f"{SOLVED['f']}\n\n\n{SOLVED['g']}" and of(result, "g") == ELSEWHERE
    assert result.repairs == ["The cell g was missing: its answer was run in the cell f."]


def test_an_answer_in_a_later_ones_cell_is_given_back_its_own(restored):
    def merge(cells):
        cells[3].source = f"{SOLVED['f']}\n\n{SOLVED['g']}"
        del cells[1]

    result = restored(merge)
    assert (of(result, "f"), of(result, "g").strip()) == (SOLVED["f"], SOLVED["g"])


@pytest.mark.parametrize("keep", [1, 2])
def test_an_answer_merged_with_its_test_is_run_and_the_test_is_ours(restored, skeleton, keep):
    def merge(cells):
        cells[keep].source = f"{SOLVED['f']}\n\n{cells[2].source}"
        del cells[3 - keep]

    result = restored(merge)
    assert of(result, "f") == SOLVED["f"] and result.uncertain == ()
    assert of(result, "test-f") == skeleton.cells[2].source
    assert [source for _, source in texts(result) if "assert f" in source] == [
        skeleton.cells[2].source
    ]


def test_all_code_in_one_cell_is_taken_apart(restored):
    def merge(cells):
        cells[0].source = "\n\n".join(one.source for one in cells[:5])
        del cells[1:5]

    result = restored(merge)
    assert [of(result, name).strip() for name in ("f", "g")] == [SOLVED["f"], SOLVED["g"]]
    assert result.uncertain == ()


def test_what_was_added_to_a_locked_cell_is_run_beside_it(restored, skeleton):
    def add(cells):
        cells[0].source += "\nimport math"

    result = restored(add)
    assert texts(result)[:2] == [("imports", skeleton.cells[0].source), (None, "import math")]
    assert result.repairs == [
        "What you had written into a locked cell was run in a cell of its own."
    ]


@pytest.mark.parametrize("text", ["pass", "assert f(1) == 7\nassert f(2) == 2", "def broken(:"])
def test_a_locked_cell_that_was_edited_is_ours_again_and_nothing_of_the_edit_is_run(
    restored, skeleton, text
):
    def edit(cells):
        cells[2].source = text

    assert texts(restored(edit)) == texts(restored())


def test_of_an_edited_test_what_was_added_is_run_and_what_was_changed_is_not(restored):
    def edit(cells):
        cells[2].source = "import math\nassert f(1) == 1\nassert f(2) == 7"

    result = restored(edit)
    assert texts(result)[2] == (None, "import math")
    assert all("== 7" not in source for _, source in texts(result))


def test_an_answer_in_a_locked_cell_is_not_run_over_the_one_in_its_own(restored):
    def add(cells):
        cells[2].source += "\ndef f(x):\n    return 0"

    result = restored(add)
    assert all("return 0" not in source for _, source in texts(result))
    assert any("return 0" in one.source for one in result.notebook.cells)
    assert result.waits == {"test-f"}


def test_a_stripped_notebook_is_whole_again(restored):
    assert [source.strip() for _, source in texts(restored(strip))] == [
        source for _, source in texts(restored())
    ]
    assert restored(strip).notebook.cells[-1].source == "Because."


def test_a_locked_cell_is_known_by_what_it_does(restored):
    def reformat(cells):
        cells[2].source = "assert f(1)==1  # one\nassert (f(2)) == 2"
        strip(cells)

    assert len(texts(restored(reformat))) == 5


def test_own_cells_do_not_go_along_with_a_cell_that_was_dragged_away(restored):
    def change(cells):
        cells[:0] = [cells.pop(), new_code_cell("LIMIT = 4")]

    assert texts(restored(change))[0] == (None, "LIMIT = 4")


VERSIONS = [
    lambda cells: cells.insert(3, piece(cells, "f", "def f(x):\n    return 7")),
    lambda cells: cells.extend(
        [piece(cells, "f", "def f(x):\n    return 7"), piece(cells, "test-f", cells[2].source)]
    ),
]


@pytest.mark.parametrize("change", VERSIONS)
def test_different_versions_wait_for_a_person(restored, change):
    result = restored(change)
    assert result.waits == {"test-f"}
    assert result.uncertain == (
        "The cell f was there in different versions: a person decides which counts.",
    )


def test_a_version_behind_the_test_does_not_change_what_the_test_meets(restored):
    assert of(restored(VERSIONS[0]), "f") == SOLVED["f"]


NOT_FOUND = "For the cell f no answer was found; a person looks at what you wrote."


@pytest.mark.parametrize(
    "own",
    [new_code_cell("def h(x):\n    return x"), new_markdown_cell("def f(x) should return x:\n  y")],
)
def test_work_that_may_be_a_missing_answer_waits_for_a_person(restored, own):
    def change(cells):
        cells[1] = own

    assert restored(change).uncertain == ((NOT_FOUND,))
    assert restored(change).waits == {"test-f"}


def test_where_nothing_was_written_nobody_is_asked(restored):
    result = restored(lambda cells: cells.pop(1))
    assert result.uncertain == () and result.waits == frozenset()
    assert of(result, "f") == STUB.format("f")


def test_an_untouched_answer_beside_other_work_is_no_matter_for_a_person(restored):
    def change(cells):
        cells[1].source = STUB.format("f")
        cells.insert(2, new_code_cell("print('tried')"))

    assert restored(change).uncertain == ()


def test_a_written_answer_below_an_untouched_one_is_the_answer(restored):
    def change(cells):
        cells[5].source = "Your answer"
        cells.append(new_markdown_cell("Because."))

    assert restored(change).notebook.cells[-1].source == "Because."


def test_a_written_answer_that_may_be_somewhere_waits_for_a_person(restored):
    def change(cells):
        cells[5:] = []
        cells.insert(0, new_markdown_cell("Because."))

    assert restored(change).waits == {"why"}


def test_the_outputs_of_all_pieces_are_kept(restored):
    def split(cells):
        cells.insert(2, piece(cells, "f", "z = 1"))
        for number in (1, 2):
            cells[number].outputs = [new_output("stream", text=str(number))]

    (answer,) = [one for one in restored(split).notebook.cells if "z = 1" in one.source]
    assert [output.text for output in answer.metadata[NOTE]["outputs"]] == ["1", "2"]


def test_a_notebook_without_any_answer_is_unanswered(restored):
    def untouched(cells):
        for place, name in ((1, "f"), (3, "g")):
            cells[place].source = STUB.format(name)
        cells[5].source = "Your answer"

    assert not restored(untouched).answered and restored().answered


def test_only_so_much_code_is_looked_into(skeleton):
    huge = [new_code_cell("x = [\n" + "1,\n" * 9_000 + "]") for _ in range(20)]
    pieces = recognise(ReleasedCells(skeleton), huge)
    assert len(pieces) == 20
    assert sum(len(piece.source) for piece in pieces if not piece.unread) <= MAX_READ


FROM_TOOLS = {
    "a merge": "<<<<<<< local\n{0}\n=======\n{0}\n>>>>>>> remote",
    "the end of a merge": "{0}\n>>>>>>> remote",
    "a chat": "```python\n{0}\n```",
}


@pytest.mark.parametrize("around", FROM_TOOLS.values(), ids=FROM_TOOLS)
def test_an_answer_with_what_a_tool_left_in_it_waits(restored, around):
    def change(cells):
        cells[1].source = around.format(cells[1].source)

    done = restored(change)
    assert done.waits == {"test-f"} and "a person looks at it" in done.uncertain[0]


def test_an_answer_that_only_quotes_such_lines_does_not_wait(restored):
    def change(cells):
        cells[1].source = 'TEXT = """\n```\n<<<<<<< local\n"""\n' + cells[1].source

    assert not restored(change).waits


def test_an_answer_that_is_no_python_for_another_reason_does_not_wait(restored):
    def change(cells):
        cells[1].source = cells[1].source.replace("(x):", "(x)")

    assert not restored(change).waits
