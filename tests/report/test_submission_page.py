"""A submission's page is nbconvert's, made in a fraction of its time, from what can be sent."""

from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from grading.report import submission_page as render
from grading.report.submission_page import render_submission

RESOURCES = {"assignment_id": "a", "notebook_id": "n", "submission_id": "s", "index": 0} | {
    "total": 2, "base_url": "", "student": "s", "last_name": "l", "first_name": "f",
    "notebook_path": "p",
}  # fmt: skip
PNG = "iVBORw0KGgo="
TEMPLATES = Path(render.__file__).parents[1] / "nbgrader_steps" / "templates"
MARKS = {"grade_id": "x", "points": 2, "grade": True, "solution": True, "task": False}


@pytest.fixture
def config() -> Config:
    """Return the part of the course's configuration that pages are made by."""
    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [str(TEMPLATES), handlers.template_path]
    config.HTMLExporter.filters = {
        "markdown2html": "grading.report.formulas.markdown_with_formulas"
    }
    return config


def outputs(*mimes: tuple[str, str]) -> list[nbformat.NotebookNode]:
    return [new_output("display_data", data={mime: content}) for mime, content in mimes]


CELLS = {
    "nothing": [],
    "code": [new_code_cell("def f(x):\n    return x @ 2  # é < &amp; <img src=x>\n")],
    "empty code": [new_code_cell("")],
    "magic": [new_code_cell("%%html\n<b>1</b>"), new_code_cell("%%bash\nls | wc")],
    "the same twice": [new_code_cell("x = 1"), new_code_cell("x = 1")],
    "graded": [
        new_code_cell("y = 1", metadata={"nbgrader": MARKS}),
        new_markdown_cell("An *answer* with $x^2$.", metadata={"nbgrader": MARKS}),
    ],
    "pictures": [
        new_markdown_cell("![](a.png) ![told](b.png)"),
        new_code_cell("1", outputs=outputs(("image/png", PNG), ("image/jpeg", PNG))),
        new_code_cell("2", outputs=outputs(("text/html", "<img src='a' alt=''><img alt=b>"))),
        new_code_cell("3", outputs=outputs(("text/html", "<img><IMG SRC=a><img data-alt='x'/>"))),
        new_code_cell("4", outputs=outputs(("text/html", "<p title='alt'><img title='an alt'>"))),
    ],
    "text": [new_code_cell("1", outputs=[new_output("stream", text="<img> & <b>\x1b[31mred")])],
    "error": [
        new_code_cell(
            "1/0", outputs=[new_output("error", ename="E", evalue="<x>", traceback=["<y>"])]
        )
    ],
    "long": [new_code_cell("x = 1\n" * 5_000)],
}


def written(folder: Path, name: str, **metadata: object) -> str:
    file = folder / "n.ipynb"
    nbformat.write(new_notebook(cells=CELLS[name], metadata=metadata), file)
    return str(file)


def page_of(file: str, config: Config) -> str:
    """Return the page as Formgrader asks for it."""
    about = RESOURCES | {"metadata": {"name": "n", "path": str(Path(file).parent)}}
    return render_submission(Path(file).read_text(), about, dict(config.HTMLExporter))


@pytest.mark.filterwarnings("ignore::bs4.XMLParsedAsHTMLWarning")
@pytest.mark.parametrize("cells", CELLS)
def test_a_page_reads_as_nbconverts_own(tmp_path: Path, config: Config, cells: str) -> None:
    file = written(tmp_path, cells)
    theirs, _ = HTMLExporter(config=config).from_filename(file, resources=dict(RESOURCES))
    ours = page_of(file, config)
    assert as_read(ours) == theirs


def as_read(page: str) -> str:
    """Return a page as nbconvert hands it out, after parsing it."""
    return str(BeautifulSoup(page, "html.parser"))


@pytest.mark.parametrize("language", [{}, {"name": "r"}, {"pygments_lexer": "ipython3"}])
def test_the_notebooks_own_language_is_coloured(
    tmp_path: Path, config: Config, language: dict[str, str]
) -> None:
    file = written(tmp_path, "code", language_info={"name": "python"} | language)
    theirs, _ = HTMLExporter(config=config).from_filename(file, resources=dict(RESOURCES))
    assert as_read(page_of(file, config)) == theirs


def test_another_configuration_makes_another_page(tmp_path: Path, config: Config) -> None:
    file = written(tmp_path, "code")
    before = page_of(file, config)
    other = Config(config)
    other.HTMLExporter.exclude_input = True
    assert "return" in before
    assert "return" not in page_of(file, other)


@pytest.mark.parametrize("kind", [dict, ResourcesDict])
def test_resources_are_left_as_they_were(tmp_path: Path, config: Config, kind: type) -> None:
    given = kind()
    given.update(RESOURCES)
    file = Path(written(tmp_path, "code"))
    render_submission(file.read_text(), given, dict(config.HTMLExporter))
    assert given == RESOURCES
