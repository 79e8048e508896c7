"""Answer Formgrader's pages as nbgrader's own interface does, only for a whole class at once."""

import os
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Student, SubmittedAssignment
from nbgrader.apps.api import NbGraderAPI
from nbgrader.utils import as_timezone, capture_log, temp_attrs, to_numeric_tz

from grading.nbgrader_steps.formgrader.folders import SubmissionFolders, may_be_assignment
from grading.nbgrader_steps.formgrader.gradebook import Answer, ClassGradebook
from grading.nbgrader_steps.formgrader.late import Deadlines
from grading.nbgrader_steps.formgrader.standing import (
    KINDS,
    NOT_GRADED,
    NOTHING_GRADED,
    NOTHING_HANDED_IN,
    everywhere,
    of_averages,
    of_scores,
    of_student,
)
from grading.nbgrader_steps.release_feedback import ReleaseFeedback

NOT_GENERATED = {
    "id": None,
    "duedate": None,
    **dict.fromkeys(("average_score", *(f"average_{kind}_score" for kind in KINDS)), 0),
    **dict.fromkeys(("max_score", *(f"max_{kind}_score" for kind in KINDS)), 0),
    "instead": everywhere(NOTHING_GRADED),
}
UNGRADED = {
    "id": None,
    **dict.fromkeys(("score", *(f"{kind}_score" for kind in KINDS)), 0.0),
    **dict.fromkeys(("max_score", *(f"max_{kind}_score" for kind in KINDS)), 0.0),
    "needs_manual_grade": False,
    "autograded": False,
}
NAMELESS = {"last_name": None, "first_name": None}
NOT_RECORDED = NAMELESS | {"email": None, "lms_user_id": None, "score": 0.0, "max_score": 0.0}


class ClassAPI(NbGraderAPI):
    """nbgrader's interface, quick for a large class."""

    @property
    def gradebook(self) -> ClassGradebook:
        """Return the gradebook, which whoever asks for it closes."""
        return ClassGradebook(self.coursedir.db_url, self.course_id)

    @property
    def folders(self) -> SubmissionFolders:
        """Return the folders of submissions."""
        return SubmissionFolders(self.coursedir)

    def get_source_assignments(self) -> set[str]:
        """Return the assignments that have a source; what a notebook has written there is none."""
        found = super().get_source_assignments()
        step = self.coursedir.source_directory
        return {name for name in found if may_be_assignment(self._folder(step, name))}

    def get_submitted_students(self, assignment_id: str) -> set[str]:
        """Return the students who have handed in an assignment, or any if it is `*`."""
        folders = self.folders
        if not folders.usual:
            return set(super().get_submitted_students(assignment_id))
        if assignment_id == "*":
            return folders.who_handed_in_anything(folders.students())
        return folders.who_handed_in(assignment_id)

    def get_submitted_timestamp(self, assignment_id: str, student_id: str) -> datetime | None:
        """Return when an assignment was handed in, or None where that cannot be read."""
        return self.folders.timestamp(student_id, assignment_id)

    def get_autograded_students(self, assignment_id: str) -> set[str]:
        """Return the students whose submission is graded as it was last handed in."""
        with self.gradebook as gradebook:
            recorded = gradebook.timestamps(assignment_id)
        return self._graded_as_submitted(assignment_id, recorded)

    def get_assignments(self) -> list[Answer]:
        """Return every assignment that has a source."""
        released = self.get_released_assignments()
        with self.gradebook as gradebook:
            known = gradebook.assignment_dicts()
        names = self.get_source_assignments()
        if self.folders.usual:
            handed_in = self.folders.how_many_handed_in()
        else:
            handed_in = Counter({name: len(self.get_submitted_students(name)) for name in names})
        found = [self._assignment(name, known, released, handed_in[name]) for name in names]
        return sorted(found, key=lambda one: (one["duedate"] or "None", one["name"]))

    def get_assignment(self, assignment_id: str, released: set[str] | None = None) -> Answer | None:
        """Return one assignment, or None where it has no source."""
        if not self._folder(self.coursedir.source_directory, assignment_id).is_dir():
            return None
        with self.gradebook as gradebook:
            known = gradebook.assignment_dicts(Assignment.name == assignment_id)
        released = released or self.get_released_assignments()
        handed_in = len(self.get_submitted_students(assignment_id))
        return self._assignment(assignment_id, known, released, handed_in)

    def get_submission(
        self,
        assignment_id: str,
        student_id: str,
        ungraded: set[str] | None = None,
        students: dict[str, Answer] | None = None,
    ) -> Answer | None:
        """Return a student's submission of an assignment, also where there is none."""
        if ungraded is not None or students is not None:
            return dict(super().get_submission(assignment_id, student_id, ungraded, students))
        return self._submissions_of(student_id, [assignment_id])[0]

    def get_submissions(self, assignment_id: str) -> list[Answer]:
        """Return every submission of an assignment, by student."""
        with self.gradebook as gradebook:
            graded = gradebook.submission_dicts(assignment_id)
            recorded = gradebook.timestamps(assignment_id)
            names = gradebook.names_of_students()
            deadlines = Deadlines.read(gradebook, [assignment_id])
        up_to_date = self._graded_as_submitted(assignment_id, recorded)
        if self.folders.usual:
            ungraded = self.folders.who_handed_in(assignment_id, known=up_to_date)
        else:
            ungraded = self.get_submitted_students(assignment_id) - up_to_date
        found = [self._graded(entry) for entry in graded if entry["student"] not in ungraded]
        found += [self._ungraded(assignment_id, name, names, True) for name in ungraded]
        return sorted(deadlines.show(found), key=lambda one: str(one["student"]))

    def get_student(self, student_id: str, submitted: set[str] | None = None) -> Answer | None:
        """Return a student who is in the gradebook or has handed something in."""
        if submitted is None and self.folders.usual:
            listed = self.folders.students() & {student_id}
            submitted = self.folders.who_handed_in_anything(listed)
        of_it = SubmittedAssignment.student_id == student_id
        answer: Answer | None = super().get_student(student_id, submitted)
        return answer and self._with_standing([answer], of_it)[0]

    def get_students(self) -> list[Answer]:
        """Return those in the gradebook and those who have handed something in, by name."""
        with self.gradebook as gradebook:
            found = gradebook.student_dicts()
        recorded = {one["id"] for one in found}
        if self.folders.usual:
            others = self.folders.who_handed_in_anything(self.folders.students() - recorded)
        else:
            others = self.get_submitted_students("*") - recorded
        found += [NOT_RECORDED | {"id": student} for student in others]
        return sorted(
            self._with_standing(found),
            key=lambda x: (x["last_name"] or "None", x["first_name"] or "None", x["id"]),
        )

    def get_notebooks(self, assignment_id: str) -> list[Answer]:
        """Return every notebook of an assignment, with its averages."""
        found: list[Answer] = super().get_notebooks(assignment_id)
        with self.gradebook as gradebook:
            marks = gradebook.marks_of_notebooks(Assignment.name == assignment_id)
        for one in found:
            its = marks[one["name"]]
            one["instead"] = of_averages(one, bool(its.scores), its.waiting)
        return found

    def get_student_notebook_submissions(self, student_id: str, assignment_id: str) -> list[Answer]:
        """Return a student's notebooks of an assignment."""
        found: list[Answer] = super().get_student_notebook_submissions(student_id, assignment_id)
        of_it = (Assignment.name == assignment_id, SubmittedAssignment.student_id == student_id)
        with self.gradebook as gradebook:
            marks = gradebook.marks_of_notebooks(*of_it)
        for one in found:
            missing = one["id"] is None
            one["instead"] = (
                everywhere(NOT_GRADED) if missing else of_scores(one, marks[one["name"]].waiting)
            )
        return found

    def get_student_submissions(self, student_id: str) -> list[Answer]:
        """Return a student's submissions of all assignments, by name."""
        return self._submissions_of(student_id, sorted(self.get_source_assignments()))

    def release_feedback(
        self, assignment_id: str, student_id: str | None = None, force: bool = False
    ) -> Answer:
        """Release feedback of a student or all; where answers wait, only ask, unless forced.

        The answer's `question` then says whose.
        """
        with temp_attrs(self.coursedir, assignment_id=assignment_id, student_id=student_id or "*"):
            release = self.exchange.ReleaseFeedback(
                coursedir=self.coursedir, authenticator=self.authenticator, parent=self
            )
            if isinstance(release, ReleaseFeedback):
                if not force and (question := release.question()):
                    return {"success": False, "question": question, "log": question}
                release.force = True
            return dict(capture_log(release))

    def _with_standing(self, students: list[Answer], *which: Any) -> list[Answer]:
        """Return students, each with what to show in the place of a sum that is not final."""
        with self.gradebook as gradebook:
            graded = gradebook.graded_assignments(*which)
        for one in students:
            its, handed_in = graded[one["id"]], self.folders.assignments_of(one["id"])
            one["instead"] = of_student(one, its, handed_in, any(its.values()))
        return students

    def _submissions_of(self, student: str, assignments: Collection[str]) -> list[Answer]:
        with self.gradebook as gradebook:
            recorded = gradebook.student_submission_dicts(student)
            names = gradebook.names_of_students(Student.id == student)
            deadlines = Deadlines.read(gradebook, assignments)
        found = []
        for assignment in assignments:
            entry = recorded.get(assignment)
            if entry is not None and self.folders.is_graded_as_submitted(
                student, assignment, entry["timestamp"]
            ):
                found.append(self._graded(entry))
            else:
                is_there = self.folders.is_submitted(student, assignment)
                found.append(self._ungraded(assignment, student, names, is_there))
        return deadlines.show(found)

    def _graded_as_submitted(
        self, assignment: str, recorded: Mapping[str, datetime | None]
    ) -> set[str]:
        folders = self.folders
        return {
            student
            for student, timestamp in recorded.items()
            if folders.is_graded_as_submitted(student, assignment, timestamp)
        }

    def _graded(self, entry: Answer) -> Answer:
        times = self._times(entry["timestamp"])
        return entry | times | {"autograded": True, "submitted": True}

    def _ungraded(
        self, assignment: str, student: str, names: Mapping[str, Answer], submitted: bool
    ) -> Answer:
        when = self.folders.timestamp(student, assignment) if submitted else None
        return {
            **UNGRADED,
            **names.get(student, NAMELESS),
            **self._times(when),
            "name": assignment,
            "student": student,
            "submitted": submitted,
            "instead": everywhere(NOT_GRADED if submitted else NOTHING_HANDED_IN),
        }

    def _times(self, timestamp: datetime | None) -> Answer:
        if timestamp is None:
            return {"timestamp": None, "display_timestamp": None}
        return {"timestamp": timestamp.isoformat(), "display_timestamp": self._shown(timestamp)}

    def _shown(self, time: datetime) -> str:
        return str(as_timezone(time, self.timezone).strftime(self.timestamp_format))

    def _assignment(
        self,
        name: str,
        known: Mapping[str, tuple[Answer, datetime | None]],
        released: Collection[str],
        handed_in: int,
    ) -> Answer:
        answer, due = known.get(name, (NOT_GENERATED | {"name": name}, None))
        local = as_timezone(due, self.timezone).replace(tzinfo=None) if due else None
        release = self._folder(self.coursedir.release_directory, name)
        can_be_released = bool(self.exchange_is_functional)
        return {
            **answer,
            "display_duedate": self._shown(due) if due else None,
            "duedate_notimezone": local.isoformat() if local else None,
            "duedate_timezone": to_numeric_tz(self.timezone),
            "releaseable": can_be_released,
            "status": "released" if can_be_released and name in released else "draft",
            "source_path": self._below_root(self._folder(self.coursedir.source_directory, name)),
            "release_path": self._below_root(release) if release.exists() else None,
            "num_submissions": handed_in,
        }

    def _folder(self, step: str, assignment: str) -> Path:
        """Return a folder that is the same for all students."""
        return Path(self.coursedir.format_path(step, ".", assignment))

    def _below_root(self, folder: Path) -> str:
        return os.path.relpath(folder, self.coursedir.root)
