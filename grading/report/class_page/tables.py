"""The numbers of the class page as tables, the same that its CSV files hold."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from grading.checks.milestones import LEAST
from grading.report.class_page.facts import Facts
from grading.report.class_page.items import Item
from grading.report.class_page.standing import STATUSES, Standing
from grading.report.lms_table import harmless

HOUR = 3600.0


def students_table(facts: Facts, found: Iterable[Standing]) -> pd.DataFrame:
    """Return one row a student, those first whom somebody should ask."""
    people = {person.id: person for person in facts.people}
    rows = []
    for one in sorted(found, key=lambda one: (STATUSES.index(one.status), one.student)):
        own = [
            submission
            for place in one.places
            if (submission := facts.submissions.get((one.student, place.work)))
        ]
        handed_in = one.count("graded") + one.count("not graded")
        person = people[one.student]
        rows.append(
            {
                "student": one.student,
                "name": person.name,
                "section": person.section,
                "in_roster": person.known,
                "status": one.status,
                "why": one.why,
                "handed_in": handed_in,
                "missing": one.count("missing"),
                "not_graded": one.count("not graded"),
                "late": sum(each.late_seconds > 0 for each in own),
                "late_hours": round(sum(each.late_seconds for each in own) / HOUR, 1),
                "late_cost": round(sum(each.late_penalty for each in own), 2),
                "extensions": sum(each.extension.total_seconds() > 0 for each in own),
                "average": one.average,
            }
        )
    columns = ("student", "name", "section", "in_roster", "status", "why", "handed_in", "missing")
    numbers = ("not_graded", "late", "late_hours", "late_cost", "extensions", "average")
    return pd.DataFrame(rows, columns=[*columns, *numbers])


def submissions_table(facts: Facts, found: Iterable[Standing]) -> pd.DataFrame:
    """Return one row a student and assignment, also where nothing was handed in."""
    works = {work.name: work for work in facts.works}
    sections = {person.id: person.section for person in facts.people}
    rows = []
    for one in found:
        for place in one.places:
            work, own = works[place.work], facts.submissions.get((one.student, place.work))
            rows.append(
                {
                    "student": one.student,
                    "section": sections[one.student],
                    "assignment": work.name,
                    "state": place.state,
                    "score": own.score if own and place.state == "graded" else None,
                    "max_score": work.max_score,
                    "percent": place.percent,
                    "handed_in": _time(own.handed_in if own else None),
                    "due": _time(work.due),
                    "extension_hours": own.extension.total_seconds() / HOUR if own else 0.0,
                    "late_hours": round(own.late_seconds / HOUR, 1) if own else 0.0,
                    "late_cost": own.late_penalty if own else 0.0,
                    "waiting_cells": own.waiting if own else 0,
                    "stale": (one.student, work.name) in facts.stale,
                }
            )
    columns = ("student", "section", "assignment", "state", "score", "max_score")
    more = (
        "percent",
        "handed_in",
        "due",
        "extension_hours",
        "late_hours",
        "late_cost",
        "waiting_cells",
        "stale",
    )
    return pd.DataFrame(rows, columns=[*columns, *more])


def assignments_table(facts: Facts, submissions: pd.DataFrame) -> pd.DataFrame:
    """Return one row an assignment: how many handed it in, and how the scores are spread."""
    rows = []
    for work in facts.works:
        own = submissions[submissions["assignment"] == work.name]
        states = own["state"].value_counts()
        percents = own["percent"].astype(float).dropna()
        spread = {
            name: round(float(percents.quantile(share)), 1) if len(percents) else None
            for name, share in SPREAD.items()
        }
        rows.append(
            {
                "assignment": work.name,
                "title": work.title,
                "due": _time(work.due),
                "handed_in": int(states.get("graded", 0) + states.get("not graded", 0)),
                "missing": int(states.get("missing", 0)),
                "not_graded": int(states.get("not graded", 0)),
                "late": int((own["late_hours"] > 0).sum()),
                "average": round(float(percents.mean()), 1) if len(percents) else None,
                **spread,
            }
        )
    columns = ("assignment", "title", "due", "handed_in", "missing", "not_graded", "late")
    return pd.DataFrame(rows, columns=[*columns, "average", *SPREAD])


SPREAD = {"lowest": 0.0, "quarter": 0.25, "median": 0.5, "three_quarters": 0.75, "highest": 1.0}


def checks_table(found: Iterable[Item]) -> pd.DataFrame:
    """Return one row a check, those to be looked at first, then the hardest."""
    rows = [
        {
            "assignment": item.assignment,
            "cell": item.cell,
            "check": item.check,
            "students": item.students,
            "passed": item.passed,
            "difficulty": None if item.difficulty is None else round(item.difficulty, 4),
            "discrimination": item.discrimination,
            "unreached": item.unreached,
            "visible_passed_hidden_failed": item.unseen,
            "hint": item.hint,
            "hinted": item.hinted,
            "look_at": " ".join(item.why),
        }
        for item in found
    ]
    columns = ("assignment", "cell", "check", "students", "passed", "difficulty", "discrimination")
    more = ("unreached", "visible_passed_hidden_failed", "hint", "hinted", "look_at")
    return pd.DataFrame(rows, columns=[*columns, *more])


def measures_table(facts: Facts) -> pd.DataFrame:
    """Return one row a check that measures something: what was reached against what is wanted.

    `not_kept` counts those that were graded before such numbers were kept, or reported none.
    """
    rows = []
    measured = facts.checks[facts.checks["wanted"].notna()]
    every: Any = facts.checks.groupby(["assignment", "check"]).size()
    for key, its in measured.groupby(["assignment", "check"]):
        reached = its["reached"].astype(float)
        wanted = float(its["wanted"].iloc[0])
        rows.append(
            {
                **dict(zip(("assignment", "check"), key, strict=True)),
                "kind": "accuracy" if wanted <= 1 else "times faster",
                "wanted": wanted,
                "measured": len(its),
                "reached_it": int((reached >= wanted).sum()),
                "lowest": round(float(reached.min()), 4),
                "median": round(float(reached.median()), 4),
                "highest": round(float(reached.max()), 4),
                "not_kept": int(every[key]) - len(its),
            }
        )
    columns = ("assignment", "check", "kind", "wanted", "measured", "reached_it")
    return pd.DataFrame(rows, columns=[*columns, "lowest", "median", "highest", "not_kept"])


def runs_table(facts: Facts) -> pd.DataFrame:
    """Return one row a submission whose last run ended badly, and one for each note of others."""
    rows = [
        (one.student, one.assignment, one.at, one.outcome, one.ended, one.why) for one in facts.runs
    ]
    rows += [
        (*key, "", "graded", "without a sandbox", "do not trust this grade")
        for key in sorted(facts.unsealed)
    ]
    told = {(one.student, one.assignment) for one in facts.runs}
    rows += [
        (student, assignment, "", "graded", "note", note)
        for student, assignment, note in facts.notes
        if (student, assignment) not in told
    ]
    columns = ["student", "assignment", "at", "outcome", "ended", "why"]
    return pd.DataFrame(rows, columns=columns)


def waiting_table(facts: Facts) -> pd.DataFrame:
    """Return one row a submission and reason for which it waits for a person."""
    columns = ["student", "assignment", "why", "cells"]
    rows = [(one.student, one.assignment, one.why, one.cell) for one in facts.waiting]
    found = pd.DataFrame(rows, columns=columns)
    grouped = found.groupby(columns[:3], as_index=False)["cells"].agg(", ".join)
    return pd.DataFrame(grouped, columns=columns)


def frameworks_table(facts: Facts) -> pd.DataFrame:
    """Return one row a student: what the own framework reaches; none before `make frameworks`."""
    columns = ["student", *LEAST, "carries_all", "remark"]
    if facts.frameworks is None:
        return pd.DataFrame(columns=columns)
    everybody = pd.DataFrame({"student": [person.id for person in facts.people]})
    found = everybody.merge(facts.frameworks, "left", "student").reindex(columns=columns)
    found["carries_all"] = found["carries_all"].eq(True)
    return found.assign(remark=found["remark"].astype(object).fillna(""))


def write_tables(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write each table as CSV, with no cell that a spreadsheet takes for a formula."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.map(_harmless).to_csv(folder / f"{name}.csv", index=False)


def _harmless(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value


def _time(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
