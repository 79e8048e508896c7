"""Hide who is who: everything that is shown afterwards holds pseudonyms."""

import base64
import hmac
from collections.abc import Iterable
from dataclasses import replace

from grading.report.class_page.facts import Facts, Person

LETTERS = 6
LEFT_OUT = "(left out where names are hidden)"


def hidden(facts: Facts, salt: str) -> Facts:
    """Return the same facts of people without names; free texts, which may name them, are left out.

    A pseudonym follows from the course's salt and the id, whoever else is in the class.
    """
    whose = [student for student, _ in facts.handed_in]
    whose += [student for student, _ in facts.submissions]
    whose += [one.student for one in facts.runs] + [one.id for one in facts.people]
    if facts.frameworks is not None:
        whose += list(facts.frameworks["student"])
    called = pseudonyms(whose, salt)
    checks, frameworks = facts.checks, facts.frameworks
    return replace(
        facts,
        people=sorted(
            (Person(called[one.id], "", "", one.known) for one in facts.people),
            key=lambda one: one.id,
        ),
        submissions={
            (called[student], name): replace(one, student=called[student])
            for (student, name), one in facts.submissions.items()
        },
        handed_in={(called[student], name) for student, name in facts.handed_in},
        waiting=[replace(one, student=called[one.student]) for one in facts.waiting],
        checks=checks.assign(student=checks["student"].map(called)),
        unsealed={(called[student], name) for student, name in facts.unsealed},
        stale={(called[student], name) for student, name in facts.stale},
        notes=[(called[student], name, LEFT_OUT) for student, name, _ in facts.notes],
        runs=[
            replace(
                one,
                student=called[one.student],
                why=LEFT_OUT if one.outcome == "failed" else one.why,
            )
            for one in facts.runs
        ],
        frameworks=None
        if frameworks is None
        else frameworks.assign(student=frameworks["student"].map(called)),
        remarks=["There are remarks, which are left out where names are hidden."]
        if facts.remarks
        else [],
        hidden=True,
    )


def pseudonyms(students: Iterable[str], salt: str) -> dict[str, str]:
    """Return for each student a name that does not tell who it is, and no two the same."""
    called: dict[str, str] = {}
    taken: set[str] = set()
    for student in sorted(set(students)):
        digest = hmac.digest(f"class page {salt}".encode(), student.encode(), "sha256")
        text = base64.b32encode(digest).decode().lower()
        length = next(n for n in range(LETTERS, len(text)) if text[:n] not in taken)
        taken.add(text[:length])
        called[student] = f"student {text[:length]}"
    return called
