"""The documentation: whole, without a secret, and true where a test can tell."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from grading.course.layout import Course
from grading.course.leaks import secret_lines
from grading.course.texts import read_notebook
from grading.pipeline.documentation import PAGES, lay_out, unsolved
from grading.sandbox.settings import PROJECT

COURSE = Course(PROJECT)
QUESTIONS = PROJECT / "docs" / "guides" / "questions.md"
TARGET = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def pages():
    return sorted({file for pattern in PAGES for file in PROJECT.glob(pattern)})


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page):
    dead = []
    for target in TARGET.findall(CODE.sub("", page.read_text())):
        name, _, anchor = target.partition("#")
        if ":" in name:
            continue
        linked = (page.parent / name) if name else page
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            dead.append(target)
    assert dead == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_no_drawing_of_a_page_needs_a_script_from_elsewhere(page):
    languages = set(re.findall(r"^ *```+ *([\w{}-]+)", page.read_text(), re.MULTILINE))
    assert languages & {"mermaid", "{mermaid}", "geojson", "topojson", "stl", "math"} == set()


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_a_notebooks_page_has_its_exercises_and_no_secret(assignment):
    page = unsolved(COURSE, assignment)
    notebook = read_notebook(COURSE.text(assignment))
    marked = ("BEGIN SOLUTION", "BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME")
    assert any(mark in cell.source for cell in notebook.cells for mark in marked)
    lines = {line.strip() for line in page.split("\n")}
    assert lines & secret_lines(notebook) == set()
    assert not any(mark in page for mark in marked)
    answers = [cell for cell in notebook.cells if cell.cell_type == "markdown" and solves(cell)]
    for answer in answers:
        assert answer.source.split("\n")[0] not in page
    assert page.startswith("# ")
    assert "NotImplementedError" in page


def solves(cell):
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def test_what_a_page_links_to_is_laid_out_and_nothing_that_was_there_before(tmp_path):
    root, target = tmp_path / "course", tmp_path / "made"
    for name, text in {
        "README.md": "# A\n[settings](config.py) [page](docs/b.md) [web](https://example.edu)",
        "config.py": "",
        "docs/b.md": "![picture](b.png)",
        "docs/b.png": "",
        "docs/site/index.md": "# Site",
        "secret.txt": "",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    target.mkdir()
    (target / "old.md").touch()
    assert lay_out(root, target) == ["README.md", "docs/b.md", "index.md"]
    files = {f.relative_to(target).as_posix() for f in target.rglob("*") if f.is_file()}
    assert files == {"README.md", "config.py", "docs/b.md", "docs/b.png", "index.md"}


def questions():
    rows = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", QUESTIONS.read_text(), re.M)
    return [(int(number), page, clicks) for number, _, page, clicks in rows]


def test_seventeen_questions_have_a_page_and_clicks():
    assert [number for number, *_ in questions()] == list(range(1, 18))


@pytest.mark.parametrize(("number", "page", "clicks"), questions())
def test_the_page_and_the_section_that_a_question_names_exist(number, page, clicks):
    template = (PROJECT / "grading/report/class_page/class.html.j2").read_text()
    steps = "".join(
        file.read_text() for file in (PROJECT / "grading/nbgrader_steps/formgrader").rglob("*.py")
    )
    targets = (PROJECT / "Makefile").read_text()
    for called in re.findall(r"\*([A-Z][^*]+)\*", page):
        assert f'"{called}"' in steps, called
    for called in re.findall(r"`make ([\w-]+)", page + clicks):
        assert f"\n{called}: " in targets, called
    for called in re.findall(r"`([A-Z][^`]+)`", page + clicks):
        assert f">{called}</h2>" in template, called
    for sign in re.findall(r"[†↻]", clicks):
        assert sign in template, sign


def rules() -> dict[str, str]:
    """Return each target of the Makefile with its recipe, variables of the Makefile's filled in."""
    text = (PROJECT / "Makefile").read_text()
    filled = dict(re.findall(r"^([A-Z]+) :?= (.+)$", text, re.MULTILINE))
    found = re.findall(r"^([a-z0-9-]+):([^=\n].*\n(?:\t.*\n|  .*\n)*)", text, re.MULTILINE)
    return {
        name: re.sub(r"\$\((\w+)\)", lambda one: filled.get(one[1], one[0]), recipe)
        for name, recipe in found
    }


SAID = (
    r"(?:make|/opt/tinytorch/course) ([a-z]+(?:-[a-z]+)*)((?: [A-Z]+=(?:\"[^\"]*\"|'[^']*'|\S*))*)"
)
WHOLE = re.compile(rf"(?:`|^){SAID}(?=`|\s*$|\s+#|…)", re.MULTILINE)


def commands_of(page: Path) -> list[tuple[str, set[str]]]:
    found = WHOLE.findall(re.sub(r"\bsudo ", "", page.read_text()))
    return [(name, set(re.findall(r"([A-Z]+)=", words))) for name, words in found]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_every_command_of_a_page_is_there_and_takes_what_the_page_gives_it(page):
    there = rules()
    for called, given in commands_of(page):
        assert called in there, called
        assert {one for one in given if f"({one})" not in there[called]} <= {"PYTHON"}, called


def test_commands_of_pages_are_found():
    guide = PROJECT / "docs" / "guides" / "instructor.md"
    assert ("regrade", {"APPLY", "WHY"}) in commands_of(guide)
    assert "(SCHEDULER)" in rules()["autograde"]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_every_program_and_option_of_a_page_is_there(page):
    text = page.read_text().replace("\\\n", "")
    for module, options in re.findall(
        r"(?:-m |python3 )((?:grading|hub|trials|benchmarks)[\w./]*)((?: [^\n`]*)?)", text
    ):
        name = module.removesuffix(".py").replace("/", ".")
        spec = find_spec(name)
        assert spec is not None and spec.origin is not None, module
        files = [Path(spec.origin), Path(spec.origin).with_name("command_line.py")]
        read = "".join(file.read_text() for file in files if file.exists())
        for option in re.findall(r"(?<= )--([a-z-]+)", options.split("#")[0]):
            assert f'"--{option}"' in read, (module, option)
