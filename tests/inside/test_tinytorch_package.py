"""The package that students get writes their modules, and lets them build on those."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grading.course.package import INSIDE

EXPORT = {"tags": ["export"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "02_thing"
    shutil.copytree(INSIDE, folder / "tinytorch", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tinytorch" / "thing.py").write_text("WHOSE = 'handed out'\n")
    cells = [
        new_code_cell("WHOSE = 'mine, with ü'", metadata=EXPORT),
        new_code_cell("print('only in the notebook')"),
        new_code_cell("def later():\n    return WHOSE", metadata=EXPORT),
    ]
    nbformat.write(new_notebook(cells=cells), folder / "02_thing.ipynb")
    return folder


def run(folder: Path, *arguments: str, **environment: str) -> str:
    command, kept = [sys.executable, *arguments], dict(os.environ)
    kept.pop("OPENBLAS_NUM_THREADS", None)
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=kept | environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


EXPORT_IT = "import tinytorch; tinytorch.export_mine('02_thing')"


def test_exported_cells_become_a_module(folder: Path):
    said = run(folder, "-c", EXPORT_IT)
    assert "2 exported cells" in said
    text = (folder.parent / "my_tinytorch" / "thing.py").read_text(encoding="utf-8")
    assert text == "WHOSE = 'mine, with ü'\n\n\ndef later():\n    return WHOSE\n"


@pytest.mark.parametrize(("mine", "whose"), [("True", "mine, with ü"), ("False", "handed out")])
def test_a_student_chooses_whose_modules_to_use(folder: Path, mine: str, whose: str):
    run(folder, "-c", EXPORT_IT)
    said = run(
        folder,
        "-c",
        f"import tinytorch; tinytorch.use_mine({mine}); from tinytorch.thing import WHOSE; "
        "print(ascii(WHOSE))",
    )
    assert said.strip().endswith(ascii(whose))


def test_without_modules_of_ones_own_those_handed_out_are_used(folder: Path):
    said = run(
        folder,
        "-c",
        "import tinytorch; tinytorch.use_mine(); from tinytorch import thing; print(thing.WHOSE)",
    )
    assert said.split("\n")[:2] == ["your own modules: none yet", "handed out"]


def test_a_folder_that_cannot_be_written_is_told(folder: Path):
    (folder.parent / "my_tinytorch").write_text("a file in its place")
    assert "was not written" in run(folder, "-c", EXPORT_IT)


THREADS = (
    "import os, sys, tinytorch; print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules)"
)


def test_numpy_begins_with_one_thread_after_it_is_imported(folder: Path):
    assert run(folder, "-c", THREADS).split() == ["1", "False"]


def test_who_has_chosen_another_number_of_threads_keeps_it(folder: Path):
    assert run(folder, "-c", THREADS, OPENBLAS_NUM_THREADS="3").split() == ["3", "False"]
