"""A class made by hand: who handed in what, which checks held, and what else is known."""

from datetime import datetime, timedelta

import pandas as pd

from grading.grades.class_grades import Submission
from grading.report.class_page.facts import CHECK_COLUMNS, Facts, Person, Work

NOW = datetime(2026, 11, 20)
MAX = 20.0


def works(number=4, dated=True):
    return [
        Work(
            f"{at:02}_work",
            f"Work {at}",
            NOW - timedelta(days=7 * (number - at + 1)) if dated else None,
            MAX,
        )
        for at in range(1, number + 1)
    ]


def ids(number):
    return [f"student-{at:02}" for at in range(1, number + 1)]


def submission(student, work, score=MAX, late=0.0, penalty=0.0, days_more=0, **more):
    extension = timedelta(days=days_more)
    when = NOW - timedelta(days=30)
    return Submission(
        student, work, when, extension, late, penalty, score, more.pop("max_score", MAX), **more
    )


def made(scores, number=4, dated=True, **more):
    """Return a class: of each student the scores by assignment; None is not handed in."""
    all_works = works(number, dated)
    submissions = {
        (student, work.name): submission(student, work.name, score)
        for student, its in scores.items()
        for work, score in zip(all_works, its, strict=True)
        if score is not None
    }
    people = more.pop("people", [Person(student) for student in scores])
    everything = {"submissions": submissions, "handed_in": set(submissions)} | more
    return Facts(NOW, people, all_works, **everything)


def checks(held, assignment="01_work", visible=True, hint="it differs", cell="test-a"):
    """Return outcomes: of each check a row of 1 (held), 0 (did not) or a hint, by student."""
    rows = []
    for name, outcomes in held.items():
        for student, outcome in zip(ids(len(outcomes)), outcomes, strict=True):
            told = outcome if isinstance(outcome, str) else "" if outcome else hint
            place, more = (student, assignment, cell, name), (None, None, visible, None, None)
            rows.append((*place, outcome == 1, told, *more))
    return pd.DataFrame(rows, columns=[*CHECK_COLUMNS])
