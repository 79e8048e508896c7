import ast

import pytest

from trials.corpus import Edit, Variant
from trials.sample_class.students import CLASS, Material, mistakes

SOLVED = {"one": "a = 1", "two": "b = 2", "three": "c = 3", "four": "d = 4"}
STUBS = dict.fromkeys(SOLVED, "raise NotImplementedError()")
VARIANTS = [
    *(Variant(f"wrong-{n}", False, "", (Edit(c, f"{c} = 0"),)) for n, c in enumerate(SOLVED)),
    Variant("other", True, "", (Edit("one", "a = 2 - 1"),)),
]
MATERIAL = Material(SOLVED, STUBS, VARIANTS)


def answers(habit):
    (student,) = (student for student in CLASS if student.habit == habit)
    return student.answer(MATERIAL)


def test_the_class_has_eight_to_twelve_students_with_neutral_names():
    names = [student.name for student in CLASS]
    assert 8 <= len(names) <= 12 and names == [f"student-{n:02}" for n in range(1, len(names) + 1)]


@pytest.mark.parametrize("student", CLASS, ids=lambda student: student.habit)
def test_everyone_submits_every_cell(student):
    assert student.answer(MATERIAL).keys() == SOLVED.keys()


def test_habits_are_what_they_say():
    assert answers("everything right") == SOLVED
    assert answers("did nothing") == STUBS
    assert answers("right in another way")["one"] == "a = 2 - 1"
    assert list(answers("three quarters done").values()).count(STUBS["one"]) == 1
    assert list(answers("a third done").values()).count(STUBS["one"]) == 3


@pytest.mark.parametrize(
    ("habit", "count"), [("one mistake", 1), ("another mistake", 1), ("two mistakes", 2)]
)
def test_mistakes_are_as_many_as_they_say(habit, count):
    assert sum(answers(habit)[cell] != SOLVED[cell] for cell in SOLVED) == count


def test_a_second_mistake_in_a_cell_is_left_out():
    texts = ("a = 7", "a = 8")
    both = [Variant(text, False, "", (Edit("one", text),)) for text in texts]
    made = mistakes(0, 1)(Material(SOLVED, STUBS, both))
    assert made == SOLVED | {"one": "a = 7"}


def test_a_syntax_error_is_one():
    with pytest.raises(SyntaxError):
        ast.parse("\n".join(answers("a syntax error").values()))
