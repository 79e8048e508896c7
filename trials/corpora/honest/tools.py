"""Notebooks that other programs have written: web notebooks, editors, a tool that sorts cells."""

import json

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from trials.submission import Submission, honest

FULL = "it is read as it was meant; full marks"


@honest(FULL)
def from_colab(it: Submission) -> None:
    """Colab: forms, its own metadata, a drive that is mounted and a package that is installed."""
    for cell in it.notebook.cells:
        cell.metadata.update({"id": "Xy_1", "colab": {"base_uri": "http://localhost"}})
        cell.pop("id", None)
    it.notebook.metadata = NotebookNode({"colab": {"provenance": [], "toc_visible": True}})
    it.notebook["nbformat_minor"] = 0
    for name in ("mean", "dot"):
        it.answer(name, f'#@title My answer {{ display-mode: "form" }}\n{it.cell(name).source}')
        it.cell(name).metadata["cellView"] = "form"
    it.run_first("!pip install -q numpy")
    it.run_first("from google.colab import drive\ndrive.mount('/content/drive')\n%cd /content")


@honest(FULL)
def from_kaggle(it: Submission) -> None:
    """Kaggle: all metadata are its own, and a cell that lists its inputs stands above."""
    for number, cell in enumerate(it.notebook.cells):
        cell["metadata"] = NotebookNode({"_uuid": f"{number:040x}", "trusted": True})
        cell.pop("id", None)
    it.notebook.metadata["kaggle"] = {"accelerator": "none", "dataSources": []}
    it.run_first(
        """
        import numpy as np # linear algebra
        import pandas as pd # data processing, CSV file I/O (e.g. pd.read_csv)
        import os
        for dirname, _, filenames in os.walk('/kaggle/input'):
            for filename in filenames:
                print(os.path.join(dirname, filename))
        """
    )


@honest(FULL)
def from_deepnote(it: Submission) -> None:
    """Deepnote: a block's metadata in each cell, headings apart, and its name at the end."""
    for number, cell in enumerate(it.notebook.cells):
        kind = "code" if cell.cell_type == "code" else "text-cell-p"
        cell["metadata"] = NotebookNode({"cell_id": f"{number:032x}", "deepnote_cell_type": kind})
        cell["id"] = f"{number:032x}"
    link = "<a style='text-decoration:none' href='https://deepnote.com'>Created in Deepnote</a>"
    it.notebook.cells.append(new_markdown_cell(link))


@honest(FULL)
def from_vs_code(it: Submission) -> None:
    """VS Code: format 4.2 with ids all the same, languages in cells, no kernel."""
    for cell in it.notebook.cells:
        cell.metadata["vscode"] = {"languageId": "python"}
    it.notebook.metadata = NotebookNode({"language_info": {"name": "python"}, "orig_nbformat": 4})
    it.notebook["nbformat_minor"] = 2
    it.run_first("#%%\n%load_ext autoreload\n%autoreload 2")


@honest(FULL)
def from_jupyterlite(it: Submission) -> None:
    """JupyterLite: a kernel of the browser's, and a package that is installed by it."""
    name = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    it.notebook.metadata["kernelspec"] = name
    it.run_first("%pip install -q numpy\nimport piplite\nawait piplite.install('numpy')")


@honest(FULL)
def saved_by_a_kernel_of_another_language(it: Submission) -> None:
    """The notebook was last saved with a kernel for R chosen by mistake."""
    it.notebook.metadata["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    it.notebook.metadata["language_info"] = {"name": "R", "file_extension": ".r"}


@honest(FULL)
def tagged_and_locked_by_other_tools(it: Submission) -> None:
    """Cells are tagged to be skipped, frozen, hidden, collapsed, part of slides."""
    for cell in it.notebook.cells:
        cell.metadata.update(
            {"tags": ["skip-execution", "raises-exception", "hide-input"], "editable": False,
             "collapsed": True, "run_control": {"frozen": True}, "slideshow": {"slide_type": "skip"}}
        )  # fmt: skip


@honest(FULL)
def in_an_older_schema_of_nbgraders(it: Submission) -> None:
    """Cells have nbgrader's metadata of an older schema."""
    for cell in it.notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["schema_version"] = 1
            cell.metadata["nbgrader"].pop("task", None)


@honest(FULL)
def a_picture_pasted_into_the_written_answer(it: Submission) -> None:
    """A picture is attached to the written answer, and left behind in a cell that became code."""
    picture = {"plot.png": {"image/png": "iVBORw0KGgo="}}
    it.cell("think").source += "\n\n![plot](attachment:plot.png)"
    it.cell("think")["attachments"] = picture
    it.cell("mean")["attachments"] = picture


@honest(FULL)
def undone_until_a_cell_stood_there_twice(it: Submission) -> None:
    """Undoing has brought a deleted answer back at the end, with the id and metadata of the first."""
    it.notebook.cells.append(NotebookNode(json.loads(json.dumps(it.cell("scale")))))


@honest(FULL)
def paired_with_a_text(it: Submission) -> None:
    """Jupytext has paired it with a text that lies beside it."""
    it.notebook.metadata["jupytext"] = {"formats": "ipynb,py:percent"}
    it.add_file("mini.py", "# %%\ndef mean(numbers):\n    ...\n")


@honest(FULL)
def run_in_another_order_and_sorted_by_it(it: Submission) -> None:
    """A tool has sorted the cells by their counts: all answers first, then all tests."""
    tests = [cell for cell in it.notebook.cells if "assert" in cell.source]
    it.notebook.cells = [cell for cell in it.notebook.cells if cell not in tests] + tests


@honest(FULL)
def every_cell_moved_to_the_opposite_end(it: Submission) -> None:
    """The cells stand in the reverse order."""
    it.notebook.cells.reverse()
