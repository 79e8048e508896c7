import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.course.leaks import find_leaks, secret_lines

SOLUTION = "twice_the_numbers = 2 * x"
HIDDEN = 'check("doubles nothing", lambda: 0)'
SCHEME = "One point for the word inverse."
NOTEBOOK = new_notebook(
    cells=[
        new_code_cell(
            "import numpy as np\ndef double(x):\n    ### BEGIN SOLUTION\n"
            f"    {SOLUTION}\n    x = 1\n    import numpy as np\n    ### END SOLUTION"
        ),
        new_code_cell(
            f"### BEGIN HIDDEN TESTS\n{HIDDEN}\n### END HIDDEN TESTS\nassert double(1) == 2"
        ),
        new_markdown_cell(f"Why?\n### BEGIN MARK SCHEME\n{SCHEME}\n### END MARK SCHEME"),
    ]
)
MARKS = [
    f"### {edge} {region}"
    for edge in ("BEGIN", "END")
    for region in ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
]


def test_secret_is_what_stands_in_a_region_and_nowhere_else():
    assert secret_lines(NOTEBOOK) == {SOLUTION, HIDDEN, SCHEME}


def test_a_line_that_is_public_elsewhere_in_the_notebook_is_no_secret():
    public = new_markdown_cell(f"For example `{SOLUTION}`.")
    assert SOLUTION not in secret_lines(new_notebook(cells=[public, *NOTEBOOK.cells]))


def test_a_region_ends_with_its_cell():
    cells = [
        new_code_cell("### BEGIN SOLUTION\nsecret_number = 3"),
        new_code_cell("x_is_public = 1"),
    ]
    assert secret_lines(new_notebook(cells=cells)) == {"secret_number = 3"}


def plant(release, file, line):
    path = release / file
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".ipynb":
        nbformat.write(new_notebook(cells=[new_code_cell(f"x\n    {line}\ny")]), path)
    else:
        path.write_text(f"before\n  {line}\nafter\n")
    return path


@pytest.mark.parametrize("file", ["one.ipynb", "notes.txt", "inner/deep/left.py", "data/x.npz"])
@pytest.mark.parametrize("line", [SOLUTION, HIDDEN, SCHEME, *MARKS])
def test_a_secret_line_is_found_in_whatever_file(tmp_path, file, line):
    plant(tmp_path, "innocent.txt", "nothing of interest")
    path = plant(tmp_path, file, line)
    found = list(find_leaks(tmp_path, NOTEBOOK))
    assert {leak for leak, _ in found} == {path}
    assert line.strip("# ") in {told for _, told in found}


@pytest.mark.parametrize("around", ["# {}", "#   {}", "\t{}"])
def test_a_line_that_is_commented_out_is_still_told(tmp_path, around):
    plant(tmp_path, "notes.txt", around.format(SOLUTION))
    assert [line for _, line in find_leaks(tmp_path, NOTEBOOK)] == [SOLUTION]


def test_a_long_line_is_found_inside_another(tmp_path):
    plant(tmp_path, "notes.txt", f"if False: {HIDDEN}; pass")
    assert [line for _, line in find_leaks(tmp_path, NOTEBOOK)] == [HIDDEN]


def test_a_short_line_inside_another_may_be_innocent(tmp_path):
    plant(tmp_path, "notes.txt", f"the line {SOLUTION} is short")
    assert list(find_leaks(tmp_path, NOTEBOOK)) == []


def test_what_earlier_modules_say_is_no_leak(tmp_path):
    plant(tmp_path, "tinytorch/tensor.py", SOLUTION)
    assert list(find_leaks(tmp_path, NOTEBOOK, f"def f():\n    {SOLUTION}\n")) == []


def test_an_output_in_a_notebook_is_looked_into(tmp_path):
    told = new_code_cell("x", outputs=[nbformat.v4.new_output("stream", text=SCHEME)])
    nbformat.write(new_notebook(cells=[told]), tmp_path / "one.ipynb")
    assert [line for _, line in find_leaks(tmp_path, NOTEBOOK)] == [SCHEME]


def test_files_that_are_no_text_do_not_disturb(tmp_path):
    (tmp_path / "data.npz").write_bytes(bytes(range(256)))
    assert list(find_leaks(tmp_path, NOTEBOOK)) == []


def test_a_release_without_files_tells_nothing(tmp_path):
    assert list(find_leaks(tmp_path / "missing", NOTEBOOK)) == []
