"""What a student handed in lies as it was sent: zips unpacked, each file in a place of its own."""

from pathlib import PurePosixPath

import pytest
from lms_zips import packed

from grading.submission.find import candidates
from grading.submission.handed_in import Sent, fingerprint_of, holds_a_notebook, lay_out
from grading.submission.zip_settings import Zips
from grading.submission.zips import Archive

NOTEBOOK = "01_mini"
pytestmark = pytest.mark.filterwarnings("ignore:Duplicate name")


def laid(*sent, numbers=False, notebook=NOTEBOOK, **limits):
    """Lay out files given as (path, content) or (path, content, order)."""
    files = [Sent(PurePosixPath(path), content, *order) for path, content, *order in sent]
    return lay_out(files, notebook, Zips(**limits), numbers)


def names(files):
    return {str(path): content for path, content in files.items()}


def test_files_lie_as_they_were_sent():
    sent = (("01_mini.ipynb", b"n"), ("data/a.csv", b"d"))
    assert names(laid(*sent).files) == dict(sent)


def test_a_zip_alone_lies_as_if_it_had_been_sent_unpacked():
    done = laid(("work.ZIP", packed({"01_mini.ipynb": b"n", "my\\a.csv": b"d"})))
    assert names(done.files) == {"01_mini.ipynb": b"n", "my/a.csv": b"d"}
    assert not done.problems and not done.refused


def test_a_zip_under_a_notebooks_name_is_unpacked():
    assert names(laid(("01_mini.ipynb", packed({"01_mini.ipynb": b"n"}))).files) == {
        "01_mini.ipynb": b"n"
    }


def test_a_zip_beside_other_files_has_a_folder_of_its_own():
    done = laid(("work.zip", packed({"01_mini.ipynb": b"n"})), ("01_mini.ipynb", b"m"))
    assert names(done.files) == {"01_mini.ipynb": b"m", "work/01_mini.ipynb": b"n"}


def test_a_zip_in_a_zip_stays_packed():
    inner = packed({"01_mini.ipynb": b"n"})
    done = laid(("work.zip", packed({"inner.zip": inner})))
    assert names(done.files) == {"inner.zip": inner}


def test_what_systems_add_beside_it_is_left():
    done = laid(("._01_mini.ipynb", b"x"), (".DS_Store", b"x"), ("a.zip", packed({"b": b"y"})))
    assert names(done.files) == {"b": b"y"}


@pytest.mark.parametrize("content", [b"broken", packed({"a": b"x" * 99})[:-25]])
def test_a_zip_that_is_broken_is_refused_and_the_rest_is_taken(content):
    done = laid(("work.zip", content), ("01_mini.ipynb", b"n"))
    assert names(done.files) == {"01_mini.ipynb": b"n"}
    assert names(done.refused) == {"work.zip": content}
    assert len(done.problems) == 1 and done.problems[0].startswith("work.zip: it is no zip")


def test_of_a_zip_with_a_bad_path_the_rest_is_taken_and_the_zip_kept():
    content = packed({"../up": b"x", "01_mini.ipynb": b"n"})
    done = laid(("work.zip", content))
    assert names(done.files) == {"01_mini.ipynb": b"n"}
    assert names(done.refused) == {"work.zip": content}
    assert done.problems == ["work.zip: ../up: its path leads out of the zip"]


def test_of_a_zip_with_a_broken_file_the_rest_is_taken():
    content = bytearray(packed({"a": bytes(range(256)) * 4, "01_mini.ipynb": b"n"}))
    content[60] ^= 255
    done = laid(("work.zip", bytes(content)))
    assert names(done.files) == {"01_mini.ipynb": b"n"}
    assert done.problems[0].startswith("work.zip: a: it is broken")


def test_an_empty_zip_is_told():
    done = laid(("work.zip", packed({})))
    assert not done.files and done.problems == ["work.zip: there is nothing in it"]


def test_of_two_files_of_one_name_in_a_zip_the_last_has_the_place_and_none_is_lost():
    done = laid(("work.zip", packed([("01_mini.ipynb", b"1"), ("01_mini.ipynb", b"2")])))
    assert names(done.files) == {"01_mini.ipynb": b"2", "also/01_mini.ipynb": b"1"}
    assert "two files of this name" in done.problems[0]


@pytest.mark.parametrize(
    "order", [("01_mini.ipynb", "01_MINI.ipynb"), ("01_MINI.ipynb", "01_mini.ipynb")]
)
def test_of_two_names_that_differ_in_case_the_right_one_has_the_place(order):
    done = laid(("work.zip", packed([(name, name.encode()) for name in order])))
    assert names(done.files) == {
        "01_mini.ipynb": b"01_mini.ipynb",
        "also/01_MINI.ipynb": b"01_MINI.ipynb",
    }


@pytest.mark.parametrize("order", [("a", "a/b"), ("a/b", "a"), ("A", "a/b")])
def test_a_file_and_a_folder_of_one_name_both_have_a_place(order):
    done = laid(*[(name, name.encode()) for name in order])
    assert sorted(names(done.files).values()) == sorted(name.encode() for name in order)
    assert done.problems


def test_three_of_a_name_have_three_places():
    done = laid(("work.zip", packed([("a", b"1"), ("A", b"2"), ("a", b"3")])))
    assert names(done.files) == {"a": b"3", "also/A": b"2", "also-2/a": b"1"}


def test_a_students_own_time_of_handing_in_does_not_count():
    assert names(laid(("timestamp.txt", b"2001-01-01")).files) == {
        "also/timestamp.txt": b"2001-01-01"
    }
    assert not laid(("timestamp.txt", b"x")).problems


@pytest.mark.parametrize(("limits"), [{"student_files": 2}, {"student_mb": 2}])
def test_what_is_beyond_a_students_room_is_refused_and_kept(limits):
    content = b"x" * 900_000
    done = laid(*[(name, content) for name in "abc"], **limits)
    assert {*names(done.files)} == {"a", "b"} and {*names(done.refused)} == {"c"}
    assert done.problems == [
        f"c: there are more than {limits.get('student_files', 2000)} files or "
        f"{limits.get('student_mb', 200)} MB"
    ]


def test_several_zips_have_the_room_of_one():
    done = laid(*[(f"{n}.zip", packed({"a": b"x" * 900_000})) for n in range(3)], student_mb=2)
    assert {*names(done.files)} == {"0/a", "1/a"} and {*names(done.refused)} == {"2.zip"}


def test_what_has_no_room_is_not_even_unpacked(monkeypatch):
    monkeypatch.setattr(Archive, "read", lambda *_: pytest.fail("it was unpacked"))
    done = laid(("a.zip", packed({"a": b"x"})), ("b", b"x"), student_files=0)
    assert {*names(done.refused)} == {"a.zip", "b"}


def test_of_a_notebook_handed_in_again_the_newest_upload_counts_under_its_first_name():
    done = laid(
        ("01_mini.ipynb", b"1", 70), ("01_mini-2.ipynb", b"3", 72), ("01_mini-1.ipynb", b"2", 71),
        numbers=True,
    )  # fmt: skip
    assert names(done.files) == {"01_mini.ipynb": b"3"}
    assert names(done.earlier) == {"01_mini.ipynb": b"1", "01_mini-1.ipynb": b"2"}


def test_uploads_are_ordered_by_their_numbers_and_not_by_the_alphabet():
    done = laid(("01_mini-9.ipynb", b"1", 99), ("01_mini-10.ipynb", b"2", 100), numbers=True)
    assert names(done.files) == {"01_mini.ipynb": b"2"}


def test_a_notebook_handed_in_again_alone_has_its_first_name():
    assert names(laid(("01_Mini-3.IPYNB", b"n"), numbers=True).files) == {"01_Mini.IPYNB": b"n"}


def test_a_zip_handed_in_again_replaces_the_first():
    old, new = packed({"01_mini.ipynb": b"1"}), packed({"01_mini.ipynb": b"2"})
    done = laid(("work.zip", old, 7), ("work-1.zip", new, 8), numbers=True)
    assert names(done.files) == {"01_mini.ipynb": b"2"} and names(done.earlier) == {"work.zip": old}


def test_two_numbered_notebooks_of_a_students_own_both_stay():
    sent = (("task-1.ipynb", b"1"), ("task-2.ipynb", b"2"))
    assert names(laid(*sent, numbers=True).files) == dict(sent)


def test_a_number_that_belongs_to_the_assignments_name_stays():
    sent = [("lab.ipynb", b"0", 3), ("lab-1.ipynb", b"1", 2)]
    done = laid(*sent, numbers=True, notebook="lab-1")
    assert names(done.files) == {"lab.ipynb": b"0", "lab-1.ipynb": b"1"} and not done.earlier


def test_a_module_handed_in_again_lies_under_both_names():
    done = laid(("helpers-1.py", b"h"), ("01_mini.ipynb", b"n"), numbers=True)
    assert names(done.files) == {"helpers.py": b"h", "helpers-1.py": b"h", "01_mini.ipynb": b"n"}


def test_numbered_data_of_a_students_own_stay_as_they_are():
    sent = (("data-1.csv", b"1"), ("data-2.csv", b"2"))
    assert names(laid(*sent, numbers=True).files) == dict(sent)


def test_without_numbers_of_the_lms_a_name_is_as_it_was():
    sent = (("01_mini.ipynb", b"1"), ("01_mini-1.ipynb", b"2"))
    assert names(laid(*sent).files) == dict(sent)


def test_the_fingerprint_tells_contents_and_places_apart():
    one = {PurePosixPath("a"): b"1", PurePosixPath("b"): b"2"}
    assert fingerprint_of(one) == fingerprint_of(dict(reversed(one.items())))
    others = ({PurePosixPath("a"): b"1"}, {**one, PurePosixPath("a"): b"x"}, {})
    assert len({fingerprint_of(files) for files in (one, *others)}) == 4


@pytest.mark.parametrize(
    ("path", "yes"), [("a/B/01_MINI.ipynb", True), ("x.ipynb", True), ("a.pdf", False)]
)
def test_a_notebook_is_one_that_the_grader_finds(tmp_path, path, yes):
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{}")
    assert holds_a_notebook(tmp_path, NOTEBOOK) is yes
    assert not yes or candidates(tmp_path, NOTEBOOK)[0].path == file


@pytest.mark.parametrize("name", ["...zip", "..zip", ".zip", " .zip"])
def test_the_name_of_a_zip_leads_nowhere(name):
    done = laid((name, packed({"a": b"x"})), ("b", b"y"))
    assert all(".." not in path.parts and not path.is_absolute() for path in done.files)
    assert sorted(done.files.values()) == [b"x", b"y"]


def test_a_folder_called_like_the_time_of_handing_in_takes_no_place_of_it():
    done = laid(("work.zip", packed({"timestamp.txt/a": b"x"})))
    assert names(done.files) == {"also/timestamp.txt/a": b"x"}


def test_of_many_versions_of_one_name_none_is_lost():
    done = laid(*[("01_mini.ipynb", b"%d" % n, n) for n in (2, 3, 1, 4)], numbers=True)
    assert names(done.files) == {"01_mini.ipynb": b"4"}
    assert sorted(done.earlier.values()) == [b"1", b"2", b"3"]


def test_of_two_broken_zips_of_one_name_none_is_lost():
    assert {*laid(("a.zip", b"1"), ("a.zip", b"2")).refused.values()} == {b"1", b"2"}


def test_a_notebook_inside_two_folders_leaves_both_to_be_found():
    done = laid(("w.zip", packed({"A/01_mini.ipynb": b"1", "B/01_mini.ipynb": b"2"})))
    assert {*names(done.files)} == {"A/01_mini.ipynb", "B/01_mini.ipynb"} and not done.problems
