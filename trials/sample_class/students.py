"""Who is in the sample class, and how each of them works."""

from collections.abc import Callable
from dataclasses import dataclass

from trials.corpus import Variant, edited

Answers = dict[str, str]


@dataclass(frozen=True)
class Material:
    """What a sample student works from: our answers, the stubs, and the corpus's variants."""

    solved: Answers
    stubs: Answers
    variants: list[Variant]

    def variant(self, right: bool, index: int) -> Variant:
        """Return one of the right or wrong variants; without a corpus, our own solution."""
        matching = [variant for variant in self.variants if variant.right == right]
        if not matching:
            return Variant("ours", right, "our own solution", ())
        return matching[index % len(matching)]


@dataclass(frozen=True)
class Student:
    """A sample student: how they answer, and how many hours after the due date they submit.

    A keen one hands in what is optional, too.
    """

    name: str
    habit: str
    answer: Callable[[Material], Answers]
    hours_late: float = -24
    keen: bool = False


def solved(material: Material) -> Answers:
    """Answer everything as we do."""
    return dict(material.solved)


def untouched(material: Material) -> Answers:
    """Submit the release as it came."""
    return dict(material.stubs)


def first_part(share: float) -> Callable[[Material], Answers]:
    """Answer only the first cells."""

    def answer(material: Material) -> Answers:
        done = round(len(material.solved) * share)
        return {
            name: text if position < done else material.stubs[name]
            for position, (name, text) in enumerate(material.solved.items())
        }

    return answer


def mistakes(*indices: int) -> Callable[[Material], Answers]:
    """Answer everything, with typical mistakes in different cells."""

    def answer(material: Material) -> Answers:
        answers, used = dict(material.solved), set[str]()
        for index in indices:
            variant = material.variant(right=False, index=index)
            cells = {edit.cell for edit in variant.edits}
            if not cells & used:
                answers = edited(answers, variant.edits)
                used |= cells
        return answers

    return answer


def another_way(material: Material) -> Answers:
    """Answer everything rightly, but not as we do."""
    return edited(material.solved, material.variant(right=True, index=0).edits)


def syntax_error(material: Material) -> Answers:
    """Answer everything, with a bracket missing in the middle."""
    answers = dict(material.solved)
    name = list(answers)[len(answers) // 2]
    return answers | {name: answers[name] + "\nprint((1, 2)"}


CLASS = (
    Student("student-01", "everything right", solved, keen=True),
    Student("student-02", "everything right, but late", solved, hours_late=5),
    Student("student-03", "right in another way", another_way, keen=True),
    Student("student-04", "three quarters done", first_part(0.75)),
    Student("student-05", "a third done", first_part(0.34)),
    Student("student-06", "one mistake", mistakes(0), keen=True),
    Student("student-07", "another mistake", mistakes(4)),
    Student("student-08", "two mistakes", mistakes(2, 7)),
    Student("student-09", "a syntax error", syntax_error),
    Student("student-10", "did nothing", untouched),
)
