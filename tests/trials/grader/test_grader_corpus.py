"""Every broken line still fits the code it is about, and what does not fit is named."""

import ast
from pathlib import Path

import pytest

from trials.grader.corpus import (
    CORPUS,
    BadCorpus,
    BrokenLine,
    apply,
    edited,
    load_broken_lines,
)

PROJECT = Path(__file__).resolve().parents[3]

# The corpus never becomes smaller than this: raise it as the corpus grows.
BROKEN_LINES_AT_LEAST = 100

ENTRY = """
[[broken]]
name = "never-late"
file = "clock.py"
old = "late = True"
new = "late = False"
breaks = "A late submission is marked."
tests = ["test_clock.py::test_late"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "clock.py").write_text("late = True\r\nearly = not late\n", newline="")
    return tmp_path


def loaded(folder: Path, text: str) -> list[BrokenLine]:
    (folder / "time.toml").write_text(text)
    return load_broken_lines(folder)


def top_level_names(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def test_every_entry_fits_the_code_it_is_about() -> None:
    for line in load_broken_lines(PROJECT / CORPUS):
        assert edited(PROJECT, line), line.name


def test_every_entry_names_tests_that_there_are() -> None:
    for line in load_broken_lines(PROJECT / CORPUS):
        for test in line.tests:
            path, _, node = test.partition("::")
            assert (PROJECT / path).exists(), f"{line.name}: there is no {path}"
            if node:
                first = node.partition("::")[0].partition("[")[0]
                names = top_level_names(PROJECT / path)
                assert first in names, f"{line.name}: there is no {first} in {path}"


def test_the_corpus_is_large() -> None:
    assert len(load_broken_lines(PROJECT / CORPUS)) >= BROKEN_LINES_AT_LEAST


def test_an_entry_is_read_with_the_area_it_is_in(tmp_path: Path) -> None:
    assert loaded(tmp_path, ENTRY) == [
        BrokenLine(
            name="never-late",
            file="clock.py",
            old="late = True",
            new="late = False",
            breaks="A late submission is marked.",
            tests=("test_clock.py::test_late",),
            area="time",
        )
    ]


@pytest.mark.parametrize("field", ["name", "file", "old", "new", "breaks", "tests"])
def test_a_missing_field_is_named(field: str, tmp_path: Path) -> None:
    text = "\n".join(row for row in ENTRY.splitlines() if not row.startswith(f"{field} ="))
    entry = "entry 1, which has no name" if field == "name" else "never-late"
    with pytest.raises(BadCorpus, match=rf"^time\.toml: {entry}: the field {field} is missing$"):
        loaded(tmp_path, text)


@pytest.mark.parametrize("field", ["why", "area"])
def test_an_unknown_field_is_named(field: str, tmp_path: Path) -> None:
    with pytest.raises(BadCorpus, match=rf"^time\.toml: never-late: there is no field {field}$"):
        loaded(tmp_path, f'{ENTRY}{field} = "x"\n')


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('"late = True"', "3", "old is not a text"),
        ('["test_clock.py::test_late"]', '"test_clock.py"', "tests is not a list"),
        ('["test_clock.py::test_late"]', "[]", "tests is not a list"),
        ('["test_clock.py::test_late"]', "[3]", "tests is not a list"),
    ],
)
def test_a_field_of_another_kind_is_named(
    right: str, wrong: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(BadCorpus, match=rf"^time\.toml: never-late: {message}"):
        loaded(tmp_path, ENTRY.replace(right, wrong))


def test_a_name_is_used_once_in_all_files(tmp_path: Path) -> None:
    (tmp_path / "space.toml").write_text(ENTRY)
    with pytest.raises(BadCorpus, match=r"^time\.toml: never-late: space\.toml has an entry of"):
        loaded(tmp_path, ENTRY)


@pytest.mark.parametrize("text", ["[[broke]]\nname = 'x'", "[[broken]"])
def test_a_file_that_is_no_corpus_is_named(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadCorpus, match=r"^time\.toml: "):
        loaded(tmp_path, text)


def test_a_mistake_changes_nothing_else_in_its_file(project: Path) -> None:
    apply(project, loaded(project, ENTRY)[0])
    assert (project / "clock.py").read_bytes() == b"late = False\r\nearly = not late\n"


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("clock.py", "watch.py", "there is no watch.py"),
        ("late = True", "late = 1", "old stands 0 times in clock.py"),
        ("late = True", "late", "old stands 2 times in clock.py"),
        ("late = False", "late = True", "new is the same as old"),
    ],
)
def test_an_entry_that_does_not_fit_is_named(
    right: str, wrong: str, message: str, project: Path
) -> None:
    line = loaded(project, ENTRY.replace(f'"{right}"', f'"{wrong}"'))[0]
    with pytest.raises(BadCorpus, match=rf"^time\.toml: never-late: {message}"):
        apply(project, line)
    assert (project / "clock.py").read_bytes() == b"late = True\r\nearly = not late\n"
