"""The tables of ours that a gradebook has beside nbgrader's.

None has a foreign key: nbgrader removes submissions without knowing of these tables, and a new
submission has a new id.
"""

from sqlalchemy import Column, DateTime, Float, Integer, MetaData, String, Table, Text

OURS = MetaData()
MADE_FROM = Table(
    "course_made_from",
    OURS,
    Column("submission_id", String(32), primary_key=True),
    Column("made_from", String(64), nullable=False),
)
"""What each submission's grades were made from."""
ANSWERED = Table(
    "course_answered",
    OURS,
    Column("grade_id", String(32), primary_key=True),
    Column("answer", String(64)),
    Column("seen", String(64)),
)
"""Of each grade, the fingerprint of the answer that it was last given for, and of the one that a
person had seen when it waited for nobody."""
BASIS = Table(
    "course_basis",
    OURS,
    Column("submission_id", String(32), primary_key=True),
    Column("graded_by", String(64)),
    Column("submitted", String(64)),
    Column("lateness", Text),
)
"""The parts of what grades were made from: which rules, which files, and, as JSON, what the late
penalty follows from."""
RULES = Table(
    "course_rules",
    OURS,
    Column("graded_by", String(64), primary_key=True),
    Column("rules", Text, nullable=False),
)
"""What assignments were graded by, as JSON, once for all submissions that share it."""
HELD = Table(
    "course_held",
    OURS,
    Column("submission_id", String(32), primary_key=True),
    Column("submitted", String(64)),
)
"""Submissions whose grades a person brought back: they stay so while these files are submitted."""
ATTEMPT = Table(
    "course_attempt",
    OURS,
    Column("submission_id", String(32), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("handed_in", DateTime),
    Column("penalty", Float, nullable=False),
    Column("lateness", Text, nullable=False),
    Column("made_from", String(64), nullable=False),
    Column("parts", Text, nullable=False),
)
"""Where the best attempt counts, the best of those before the last: which of how many, when it was
handed in (UTC), what it loses by that and why, what its grades were made from, and, as JSON, its
points and comments by cell."""
STATE = Table(
    "course_state",
    OURS,
    Column("id", String(32), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("submission_id", String(32), nullable=False, index=True),
    Column("run", String(32), nullable=False, index=True),
    Column("at", DateTime, nullable=False),
    Column("who", String(128), nullable=False),
    Column("why", Text, nullable=False),
    Column("score", Float),
    Column("contents", Text, nullable=False),
)
"""What submissions' grades were before a run changed them, and who ran it, when (UTC) and why.
`contents` is JSON (`grading.grades.states`), `number` counts the states of a submission."""
GIVEN = Table(
    "course_given",
    OURS,
    Column("id", String(32), primary_key=True),
    Column("grade_id", String(32), nullable=False, index=True),
    Column("at", DateTime, nullable=False),
    Column("who", String(128), nullable=False),
    Column("score", Float, nullable=False),
    Column("comment", Text, nullable=False),
)
"""What people gave for written answers by question: who, when (UTC), which points and comment."""
ASKED = Table(
    "course_asked",
    OURS,
    Column("id", String(32), primary_key=True),
    Column("student_id", String(128), nullable=False, index=True),
    Column("assignment", String(128), nullable=False),
    Column("cell", String(128), nullable=False),
    Column("check_name", String(200), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("text", Text, nullable=False),
    Column("answer", Text),
    Column("who", String(128)),
    Column("answered_at", DateTime),
)
"""What students ask about a grade, of which check or of a whole cell, when (UTC), and who answered
what. It names students and cells themselves: it stays when a submission is handed in anew."""
