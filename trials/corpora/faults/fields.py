"""Fields of a notebook that are lost, odd or garbled."""

from trials.submission import Submission, fault

RESTORED = "the cells are restored, the answers count; same score"


@fault(RESTORED)
def cells_without_fields(it: Submission) -> None:
    """Cells lack their metadata, outputs, ids and types, or have them of wrong kinds."""
    cells = it.notebook.cells
    for cell, key in zip(cells, ("id", "outputs", "execution_count", "metadata") * 4, strict=False):
        if key != "metadata" or not cell.metadata.get("nbgrader"):
            cell.pop(key, None)
    cells += [{"cell_type": "code"}, {"cell_type": "hologram", "source": "x"}, {}, {"source": None}]
    cells.append({"cell_type": "code", "source": 7, "metadata": [], "outputs": {}, "id": 9})
    cells.append({"cell_type": "markdown", "source": ["a", 1, None], "attachments": [1], "id": []})
    it.notebook["metadata"] = {"kernelspec": 7}


@fault(RESTORED)
def lost_metadata(it: Submission) -> None:
    """A tool has removed all metadata of cells; only their ids are left."""
    for cell in it.notebook.cells:
        cell["metadata"] = {}


@fault(RESTORED)
def garbled_metadata(it: Submission) -> None:
    """The metadata of the course are of wrong kinds: lists, numbers, nothing."""
    odd = (
        None,
        [],
        7,
        "x",
        {"grade_id": 7},
        {"grade_id": ["test-mean"]},
        {"grade_id": None},
        {"grade_id": "nobody"},
    )
    for cell, wrong in zip(it.notebook.cells, odd * 3, strict=False):
        cell.metadata["nbgrader"] = wrong


@fault("cells are recognised by their text; same score")
def lost_names_and_ids(it: Submission) -> None:
    """A tool has removed all metadata and given every cell a new id."""
    for index, cell in enumerate(it.notebook.cells):
        cell["metadata"] = {}
        cell["id"] = f"new-{index}"


@fault("outputs of unknown kinds are left out; same score")
def odd_outputs(it: Submission) -> None:
    """Saved outputs are malformed, of unknown kinds, or lists of JSON in place of text."""
    it.show(
        {
            "application/json": [1, 2, {"a": None}],
            "text/plain": ["a", "b"],
            "text/html": ["<b>x", "</b>"],
        }
    )
    it.show(
        {
            "application/vnd.custom+json": [[1]],
            "application/geo+json": {"type": "Point"},
            "image/png": ["AA", "AA"],
        }
    )
    it.notebook.cells[0]["outputs"] += [
        {"output_type": "hologram"},
        {},
        {"output_type": "stream", "name": "x", "text": [1]},
    ]
    it.cell("mean")["outputs"] = [
        "text",
        7,
        None,
        {"output_type": "error"},
        {"output_type": "stream", "text": None},
    ]
    it.cell("scale")["outputs"] = {"not": "a list"}


@fault("lists are no text; same score")
def outputs_of_odd_types_in_the_run(it: Submission) -> None:
    """The run displays JSON lists, bytes, nested and very long values, as some libraries do."""
    it.run_first("""
        from IPython.display import JSON, display
        display(JSON([1, 2, 3]), JSON({"a": [1]}))
        display({"application/json": [1, 2], "text/plain": "x"}, raw=True)
        display({"text/plain": [1, 2]}, raw=True)
        display({"text/html": {"a": 1}, "image/png": [[]]}, raw=True)
        deep = []
        for _ in range(300):
            deep = [deep]
        display({"application/json": deep, "text/plain": "y"}, raw=True)
        deep = {}
        for _ in range(300):
            deep = {"a": deep}
        display({"application/json": deep, "text/plain": "z"}, raw=True)
        """)


@fault("pictures that are none are left out; same score")
def odd_attachments(it: Submission) -> None:
    """A Markdown cell has attachments that are numbers, lists and nothing."""
    cell = it.write_text_cell(
        "![a](attachment:a) ![b](attachment:b) ![c](attachment:c) ![d](attachment:d)"
    )
    cell["attachments"] = {"a": 7, "b": [], "c": {"image/png": 7}, "d": {}}
    it.write_text_cell("![x](attachment:nowhere)")
    it.notebook.cells.append({"cell_type": "markdown", "source": "x", "attachments": {"x": None}})


@fault("marks in an answer are only text; same score")
def marks_of_hidden_tests_in_answers(it: Submission) -> None:
    """Answers hold the marks that surround hidden tests and solutions, opened and never closed."""
    it.append("mean", "### BEGIN HIDDEN TESTS\nx = 1\n### BEGIN SOLUTION\n### BEGIN MARK SCHEME")
    it.run_first("### BEGIN HIDDEN TESTS")
    it.answer("think", "### BEGIN SOLUTION\nmy answer\n### END HIDDEN TESTS")


@fault("it is shown as far as it can be; same score")
def output_that_is_no_unicode(it: Submission) -> None:
    """A cell prints, displays and raises halves of characters, also as names."""
    it.run_first(
        r"""
        from IPython.display import display
        print("\ud800")
        display({"text/plain": "\ud800"}, metadata={"\udfff": "\ud800"}, raw=True)
        raise type("E\ud800", (Exception,), {})("\udfff")
        """
    )
