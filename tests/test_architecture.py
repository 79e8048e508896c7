"""The rooms of the project: which there are, how large files may be, and who may import whom."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from grading.sandbox.settings import PROJECT

FLOORS = (  # from top to bottom: a module imports from its own floor and those below
    *("nbgrader_steps", "pipeline", "engine", "report", "grades", "checks", "submission"),
    *("course", "sandbox", "inside"),
)
NOTHING_OF_OURS: tuple[str, ...] = ()
MAY_IMPORT = {
    "tinytorch_ref": ("tinytorch_ref",),
    "datasets": ("datasets",),
    "grading": ("grading", "datasets"),
    "trials": ("trials", "grading", "datasets"),
    "hub": ("hub", "grading"),
    "benchmarks": ("benchmarks", "trials", "grading", "datasets", "tinytorch_ref"),
}
LONGEST_FILE = 300


def module_of(file: Path, root: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_below(folder: Path, root: Path) -> dict[str, set[str]]:
    """Return for each module below a folder the names that it imports from anywhere."""
    files = [file for file in sorted(folder.rglob("*.py")) if "corpora" not in file.parts]
    return {module_of(file, root): set(imported_modules(file)) for file in files}


def floor_of(module: str) -> int | None:
    parts = module.split(".")
    return FLOORS.index(parts[1]) if parts[0] == "grading" and len(parts) > 1 else None


def wrong_ways(imports: Mapping[str, set[str]]) -> list[str]:
    """Return every import that goes upwards, from one floor of `grading` to a higher one."""
    return [
        f"{module} imports {other}"
        for module, others in imports.items()
        for other in sorted(others)
        if other.startswith("grading.")
        and (own := floor_of(module)) is not None
        and (its := floor_of(other)) is not None
        and its < own
    ]


def circles(imports: Mapping[str, set[str]]) -> list[str]:
    """Return the modules that import themselves by way of others."""
    known = {module: others & imports.keys() - {module} for module, others in imports.items()}
    while True:
        ends = {module for module, others in known.items() if not others}
        if not ends:
            return sorted(known)
        known = {m: others - ends for m, others in known.items() if m not in ends}


def strangers(imports: Mapping[str, set[str]], allowed: tuple[str, ...]) -> list[str]:
    """Return every import from another top-level folder of ours than those allowed."""
    ours = {*MAY_IMPORT, "tests"}
    return [
        f"{module} imports {other}"
        for module, others in imports.items()
        for other in sorted(others)
        if other.split(".")[0] in ours - set(allowed)
    ]


def test_grading_has_its_floors_and_nothing_loose():
    folders = {path.name for path in (PROJECT / "grading").iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} == set(FLOORS)
    assert [path.name for path in (PROJECT / "grading").glob("*.*")] == ["__init__.py"]


def test_imports_of_grading_go_down_and_never_up():
    assert wrong_ways(imports_below(PROJECT / "grading", PROJECT)) == []


def test_no_module_imports_itself_by_way_of_others():
    assert circles(imports_below(PROJECT / "grading", PROJECT)) == []


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_what_it_may_know_of(folder):
    assert strangers(imports_below(PROJECT / folder, PROJECT), MAY_IMPORT[folder]) == []


def test_what_enters_the_sandbox_imports_nothing_of_ours():
    imports = imports_below(PROJECT / "grading" / "inside", PROJECT)
    assert strangers(imports, NOTHING_OF_OURS) == []


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("grading.pipeline.steps", "grading.nbgrader_steps.context"),
        ("grading.course.layout", "grading.checks.judge"),
        ("grading.inside.check", "grading.sandbox.evidence"),
    ],
)
def test_an_import_the_wrong_way_is_found(module, imported):
    assert wrong_ways({module: {imported}}) == [f"{module} imports {imported}"]
    assert wrong_ways({imported: {module}}) == []


def test_a_circle_is_found():
    round_about = {"a": {"b"}, "b": {"c", "x"}, "c": {"a"}, "x": set[str]()}
    assert circles(round_about) == ["a", "b", "c"]
    assert circles(round_about | {"c": set()}) == []


def test_an_arrow_from_the_grader_to_its_trials_is_found():
    arrow = {"grading.pipeline.steps": {"trials.sample_class.submit"}}
    assert strangers(arrow, MAY_IMPORT["grading"])


def test_imports_inside_functions_and_of_names_are_seen(tmp_path):
    file = tmp_path / "late.py"
    file.write_text("def work():\n    from grading import engine\n    import trials.corpus\n")
    assert set(imported_modules(file)) == {"grading", "grading.engine", "trials.corpus"}


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_no_file_is_too_long_to_find_ones_way_in(folder):
    blank = folder == "tinytorch_ref"  # made from notebooks, whose cells stand two lines apart
    lengths = {
        str(file.relative_to(PROJECT)): sum(
            1 for line in file.read_text().split("\n") if line or not blank
        )
        for file in (PROJECT / folder).rglob("*.py")
        if "corpora" not in file.parts
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}
