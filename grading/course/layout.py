"""Where the parts of a course are."""

import difflib
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grading.course.assignment import FILE, Assignment, read_assignment
from grading.course.errors import BadCourse, UnknownAssignment

DEFAULT_SALT = "tinytorch"


@dataclass(frozen=True)
class Course:
    """The folders of a course, all below its root; the names are nbgrader's."""

    root: Path
    practising: bool = False  # other hidden inputs than those of grades, for checks before them

    def source(self, assignment: str) -> Path:
        """Return the folder of an assignment's source."""
        return self.root / "source" / assignment

    def text(self, assignment: str) -> Path:
        """Return the text notebook of an assignment."""
        return self.source(assignment) / f"{assignment}.py"

    def release(self, assignment: str) -> Path:
        """Return the folder that students get."""
        return self.root / "release" / assignment

    def submitted(self, student: str, assignment: str) -> Path:
        """Return the folder of a submission."""
        return self.root / "submitted" / student / assignment

    def autograded(self, student: str, assignment: str) -> Path:
        """Return the folder of a graded submission."""
        return self.root / "autograded" / student / assignment

    def feedback(self, student: str, assignment: str) -> Path:
        """Return the folder of a submission's feedback."""
        return self.root / "feedback" / student / assignment

    def answer_key(self, assignment: str) -> Path:
        """Return the folder of an assignment's released notebook and answer key."""
        return self.root / "answer_key" / assignment

    @property
    def reference(self) -> Path:
        """Return the folder of the reference framework."""
        return self.root / "tinytorch_ref"

    @property
    def hidden_data(self) -> Path:
        """Return the folder of the unlabelled images that the sandbox may read."""
        return self.root / "answer_key" / "data"

    @property
    def salt(self) -> str:
        """Return the secret that hidden inputs are drawn from: `salt.txt`, or a public default."""
        file = self.root / "salt.txt"
        salt = file.read_text().strip() if file.exists() else DEFAULT_SALT
        return hashlib.sha256(f"practice {salt}".encode()).hexdigest() if self.practising else salt

    def assignments(self) -> list[str]:
        """Return the names of the assignments, in order."""
        return [assignment.name for assignment in self.read_assignments()]

    def read_assignments(self) -> list[Assignment]:
        """Return what every assignment says of itself, in order; raise `BadCourse` if unfit."""
        found = [read_assignment(file.parent) for file in self.root.glob(f"source/*/{FILE}")]
        for what in ("order", "module"):
            values = Counter(getattr(one, what) for one in found if getattr(one, what) is not None)
            for value in (value for value, count in values.items() if count > 1):
                names = sorted(one.name for one in found if getattr(one, what) == value)
                raise BadCourse(
                    f"{' and '.join(names)} say the same {what} = {value} in {FILE}: "
                    "give each its own."
                )
        return sorted(found, key=lambda one: one.order)

    def assignment(self, name: str) -> Assignment:
        """Return what an assignment says of itself; raise `UnknownAssignment` with the nearest."""
        known = {one.name: one for one in self.read_assignments()}
        if name in known:
            return known[name]
        near = difflib.get_close_matches(name, known, 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}."
        raise UnknownAssignment(f"There is no assignment {name}; {hint}")

    def modules(self) -> list[str]:
        """Return the modules that the assignments make, in order."""
        return [one.module for one in self.read_assignments() if one.module]

    def modules_before(self, assignment: str) -> list[str]:
        """Return the modules of the assignments before one, in order."""
        order = self.assignment(assignment).order
        return [one.module for one in self.read_assignments() if one.module and one.order < order]

    def submissions(self, assignment: str | None = None) -> Iterator[tuple[str, str]]:
        """Yield (student, assignment) of every submitted folder, in order."""
        known = set(self.assignments())
        for folder in sorted(self.root.glob("submitted/*/*")):
            if folder.is_dir() and folder.name in known and assignment in (None, folder.name):
                yield folder.parent.name, folder.name
