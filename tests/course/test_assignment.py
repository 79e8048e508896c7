import pytest

from grading.course.assignment import (
    FILE,
    OURS,
    Assignment,
    read_assignment,
    refuse_unfit_name,
    write_assignment,
)
from grading.course.errors import BadCourse
from grading.course.package import INSIDE

FIT = 'title = "Pairs"\norder = 5\n'


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "source" / "05_pair"
    folder.mkdir(parents=True)
    return folder


def test_a_short_file_says_title_and_order_only(folder):
    (folder / FILE).write_text(FIT)
    assert read_assignment(folder) == Assignment("05_pair", "Pairs", 5, None, (), False)


def test_a_long_file_says_everything(folder):
    (folder / FILE).write_text(
        FIT + 'module = "pair"\ndata = ["cifar10", "digits"]\nmilestones = true\n'
    )
    everything = Assignment("05_pair", "Pairs", 5, "pair", ("cifar10", "digits"), True)
    assert read_assignment(folder) == everything


@pytest.mark.parametrize(
    "assignment",
    [
        Assignment("05_pair", "Pairs", 5),
        Assignment("05_pair", "Pairs", 5, "pair"),
        Assignment("05_pair", "Pairs", 5, data=("digits",)),
        Assignment("05_pair", "Pairs", 5, milestones=True),
        Assignment("05_pair", "Pairs", 5, optional=True),
        Assignment("05_pair", 'Two "pairs" \\ Zwölf', 12, "pair", ("digits", "cifar10"), True),
    ],
)
def test_what_is_written_is_what_is_read(folder, assignment):
    write_assignment(folder, assignment)
    assert read_assignment(folder) == assignment


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("order = 5", "title must be a line of text, and there is none"),
        ('title = ""\norder = 5', "title must be a line of text, and it is ''"),
        ('title = "a\\nb"\norder = 5', "title must be a line of text"),
        ("title = 5\norder = 5", "title must be a line of text, and it is 5"),
        ('title = "Pairs"', "order must be a whole number, and there is none"),
        ('title = "Pairs"\norder = "5"', "order must be a whole number, and it is '5'"),
        ('title = "Pairs"\norder = 5.5', "order must be a whole number, and it is 5.5"),
        ('title = "Pairs"\norder = true', "order must be a whole number, and it is True"),
        (FIT + 'module = "Pair"', "module must be a Python name in small letters"),
        (FIT + 'module = "../pair"', "module must be a Python name"),
        (FIT + 'module = "pair\\n"', "module must be a Python name"),
        (FIT + 'module = ""', "module must be a Python name"),
        (FIT + "module = 5", "module must be a Python name"),
        (FIT + 'module = "class"', "module must be a Python name"),
        (FIT + 'module = "__init__"', "module must be a Python name"),
        (FIT + 'module = "milestones"', ".* and not milestones, and it is 'milestones'"),
        (FIT + 'data = ["mnist"]', r"data must be a list out of digits, cifar10, .*\['mnist'\]"),
        (FIT + 'data = "digits"', "data must be a list"),
        (FIT + 'milestones = "no"', "milestones must be true or false, and it is 'no'"),
        (FIT + "milestones = 1", "milestones must be true or false"),
        (FIT + 'optional = "no"', "optional must be true or false, and it is 'no'"),
    ],
)
def test_an_unfit_file_is_refused_with_its_place_and_what_would_fit(folder, content, reason):
    (folder / FILE).write_text(content)
    with pytest.raises(BadCourse, match=f"source/05_pair/assignment.toml: {reason}"):
        read_assignment(folder)


def test_a_mistyped_key_is_named_with_those_there_are(folder):
    (folder / FILE).write_text(FIT + 'modul = "pair"\ndate = 3')
    with pytest.raises(BadCourse) as refused:
        read_assignment(folder)
    assert str(refused.value) == (
        "source/05_pair/assignment.toml says date, modul; "
        "it may say data, milestones, module, optional, order, title."
    )


@pytest.mark.parametrize("content", [b"title = Pairs", b'title = "\xff"'])
def test_what_is_no_toml_is_refused_in_a_sentence(folder, content):
    (folder / FILE).write_bytes(content)
    with pytest.raises(BadCourse, match=r"source/05_pair/assignment.toml is not TOML: .*\.$"):
        read_assignment(folder)


@pytest.mark.parametrize(
    "name", ["my pair", "pair!", "-pair", "päir", ".pair", "", "a/b", "pair\n"]
)
def test_a_folder_whose_name_is_unfit_is_refused(name):
    with pytest.raises(BadCourse, match="rename it; an assignment's name has letters"):
        refuse_unfit_name(name)


def test_a_file_in_a_folder_of_an_unfit_name_is_refused(tmp_path):
    (tmp_path / "my pair").mkdir()
    (tmp_path / "my pair" / FILE).write_text(FIT)
    with pytest.raises(BadCourse, match="source/my pair: rename it"):
        read_assignment(tmp_path / "my pair")


@pytest.mark.parametrize("name", ["05_pair", "pair", "Pair-2"])
def test_letters_digits_and_both_strokes_make_a_name(name):
    refuse_unfit_name(name)


def test_no_module_can_stand_in_for_a_file_of_ours_in_the_package(folder):
    ours = {file.stem for file in INSIDE.glob("*.py")}
    assert set(OURS) <= ours
    for name in ours:
        (folder / FILE).write_text(FIT + f'module = "{name}"')
        with pytest.raises(BadCourse, match="module"):
            read_assignment(folder)
