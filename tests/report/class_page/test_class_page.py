"""The class page holds everybody, escapes what people wrote and needs nothing else."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest
from made_class import checks, ids, made, submission

from grading.course.layout import Course
from grading.grades.class_grades import WaitingCell
from grading.report.class_page.facts import Person
from grading.report.class_page.log import Run
from grading.report.class_page.page import page_of, write_class_page

CLASS = ids(24)
NASTY = "<script>alert(1)</script>&\"'"


def planted(**more):
    """Return a class in which one student dropped out and one check is unfair."""
    scores = {student: [20 - at % 4, 18, 17, 19] for at, student in enumerate(CLASS)}
    scores["student-05"] = [19, 18, None, None]
    scores["student-24"] = [None] * 4
    held = {f"fair {at}": [int(k % 7 != at) for k in range(24)] for at in range(6)}
    found = checks(held | {"unfair": [0] * 22 + [1, 1]}, visible=True)
    people = [Person(student, f"Name {student[-2:]}") for student in CLASS]
    return made(scores, checks=found, people=people, **more)


def first_screen(html):
    """Return the text that stands before the first section: what is seen without scrolling."""
    top = html[html.index("<main>") : html.index("<section")]
    return re.sub(r"<[^>]+>", " ", top)


def table(html, section):
    start = html.index(f'<section id="{section}"')
    return html[start : html.index("</section>", start)]


class Reader(HTMLParser):
    """Collect tags and their attributes."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


@pytest.fixture(scope="module")
def page():
    return page_of(planted())


def test_an_unfair_check_and_who_dropped_out_stand_on_the_first_screen(page):
    shown = first_screen(page.html)
    assert "unfair" in shown and "Only 2 of 24 pass it." in shown
    assert "Name 05" in shown and "1 dropped out" in shown
    assert "last handed in Work 2; 2 due since" in shown
    assert "Name 24" in shown and "1 handed in nothing" in shown
    assert "Name 01" not in shown and "fair 3" not in shown.replace("unfair", "")


def test_a_column_of_checks_that_nothing_fills_is_not_shown(page):
    odd = table(page.html, "checks")
    assert "Why look at it" in odd and "Discrimination" in odd
    assert re.search(r'<tr class="odd"><td[^>]*>[^<]*</td><td[^>]*>unfair<', odd)
    few = {student: [20, 18, 17, 19] for student in ids(4)}
    plain = table(page_of(made(few, checks=checks({"fair": [1, 1, 1, 0]}))).html, "checks")
    assert "Most frequent hint" in plain and 'class="odd"' not in plain
    assert "Why look at it" not in plain and "Discrimination</th>" not in plain


def test_a_remark_is_one_line(page):
    facts = replace(planted(), stale={("student-01", "w"), ("student-02", "w")})
    assert (
        "2 submissions were graded by other tests, points or limits than today's (↻): <code>"
        in (page_of(facts).html)
    )


def test_the_first_screen_stays_short_however_many_there_are():
    scores = {student: [20, 20, None, None] for student in ids(200)}
    held = {f"check {at}": [0] * 200 for at in range(60)}
    shown = first_screen(page_of(made(scores, checks=checks(held))).html)
    assert "200 dropped out" in shown and "and 197 more" in shown and "57 more" in shown
    assert len(shown.split()) < 250


@pytest.mark.parametrize("name", ["students", "submissions"])
def test_every_student_is_in_every_table_of_students(page, name):
    assert {*page.tables[name]["student"]} == {*CLASS}


@pytest.mark.parametrize("section", ["roster", "students"])
def test_every_student_is_on_the_page_also_without_a_submission(page, section):
    assert all(student in table(page.html, section) for student in CLASS)


def test_every_student_is_told_of_their_framework():
    frameworks = pd.DataFrame({"student": ["student-01"], "XOR": [1.0], "carries_all": [False]})
    found = page_of(planted(frameworks=frameworks)).tables["frameworks"]
    assert [*found["student"]] == CLASS and not found["carries_all"].any()


def test_who_has_no_submission_of_an_assignment_has_a_row_that_says_so(page):
    rows = page.tables["submissions"]
    its = rows[rows["student"] == "student-24"]
    assert [*its["state"]] == ["missing"] * 4 and its["score"].isna().all()


def test_late_by_how_much_what_it_cost_and_extensions_are_told():
    facts = planted()
    key = ("student-01", "02_work")
    late = submission(*key, score=15.0, late=90_000, penalty=2.5, days_more=1)
    page = page_of(replace(facts, submissions=facts.submissions | {key: late}))
    assert "† 25 h, -2.5" in page.html and "+24 h" in page.html
    [row] = page.tables["students"].query("student == 'student-01'").to_dict("records")
    assert (row["late"], row["late_hours"], row["late_cost"], row["extensions"]) == (1, 25, 2.5, 1)


def test_the_hardest_checks_stand_first_with_their_hint(page):
    rows = page.tables["checks"]
    assert rows["check"].iloc[0] == "unfair" and rows["hint"].iloc[0] == "it differs"
    assert "it differs" in table(page.html, "checks")


def test_what_was_measured_stands_against_what_is_wanted():
    found = checks({"accuracy": [1, 0, 1]}).assign(
        reached=[0.9, 0.8, None], wanted=[0.85, 0.85, None]
    )
    page = page_of(made({student: [20] for student in ids(3)}, 1, checks=found))
    [row] = page.tables["measures"].to_dict("records")
    assert (row["wanted"], row["measured"], row["reached_it"], row["not_kept"]) == (0.85, 2, 1, 1)
    assert (row["lowest"], row["median"], row["highest"]) == (0.8, 0.85, 0.9)
    assert "0.85" in table(page.html, "measures")


def test_where_no_number_is_kept_the_page_says_so(page):
    assert "No number is kept" in table(page.html, "measures")


def test_runs_that_ended_badly_notes_and_unsealed_ones_are_told():
    run = Run(
        "student-01", "01_work", "2026-10-01", "graded", "memory", "its run was ended: memory"
    )
    facts = planted(
        runs=[run],
        notes=[("student-02", "01_work", "Moved.")],
        unsealed={("student-03", "01_work")},
    )
    page = page_of(facts)
    assert [*page.tables["runs"]["student"]] == ["student-01", "student-03", "student-02"]
    shown = table(page.html, "runs")
    assert all(
        text in shown for text in ("its run was ended: memory", "without a sandbox", "Moved.")
    )


def test_what_waits_is_told_with_the_reason_once_a_submission():
    waiting = [WaitingCell("student-01", "01_work", cell, "a written answer") for cell in "ab"]
    page = page_of(planted(waiting=waiting))
    assert page.tables["waiting"].to_dict("records") == [
        {
            "student": "student-01",
            "assignment": "01_work",
            "why": "a written answer",
            "cells": "a, b",
        }
    ]
    assert "1 submission waits for a person" in " ".join(first_screen(page.html).split())


def test_nothing_that_people_wrote_is_markup():
    people = [Person("student-01", NASTY, NASTY)]
    found = checks({NASTY: [0]}, hint=NASTY, cell=NASTY)
    facts = made(
        {"student-01": [20]},
        1,
        people=people,
        checks=found,
        notes=[("student-01", "01_work", NASTY)],
        remarks=[NASTY],
        waiting=[WaitingCell("student-01", "01_work", NASTY, NASTY)],
        runs=[Run("student-01", "01_work", NASTY, NASTY, NASTY, NASTY)],
    )
    page = page_of(facts)
    assert NASTY not in page.html and "alert(1)&lt;/script" in page.html.replace("&gt;", "")
    assert [tag for tag, _ in Reader(page.html).tags].count("script") == 1


def test_the_page_needs_nothing_else(page):
    tags = Reader(page.html).tags
    assert not [tag for tag, _ in tags if tag in ("link", "img", "iframe", "object", "base")]
    links = [value for _, its in tags for name, value in its.items() if name in ("src", "href")]
    links += [value for _, its in tags for name, value in its.items() if name == "xlink:href"]
    assert links and all(link.startswith("#") for link in links)
    assert not re.search(r"@import|url\((?!#)", page.html)


def test_only_our_script_may_run(page):
    script = page.html[page.html.rindex("<script>") + 8 : page.html.rindex("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    [policy] = [
        its["content"]
        for tag, its in Reader(page.html).tags
        if tag == "meta" and "http-equiv" in its
    ]
    assert policy.startswith("default-src 'none'") and f"script-src 'sha256-{digest}'" in policy


def test_charts_have_a_text_and_tables_scroll_in_their_box(page):
    tags = Reader(page.html).tags
    charts = [its for tag, its in tags if tag == "svg"]
    assert len(charts) == 2 and all(its["role"] == "img" and its["aria-label"] for its in charts)
    boxes = [its for _, its in tags if its.get("class", "").startswith("box")]
    assert len(boxes) == [tag for tag, _ in tags].count("table")
    assert all(its["tabindex"] == "0" and its["aria-label"] for its in boxes)


def test_the_same_numbers_are_in_csv_and_no_cell_is_a_formula(tmp_path):
    people = [Person("student-01", "=HYPERLINK(1)")]
    page = page_of(made({"student-01": [20, 10]}, 2, people=people))
    file = write_class_page(Course(tmp_path), page)
    assert file == tmp_path / "reports" / "class.html" and file.read_text() == page.html
    assert {one.stem for one in file.with_suffix("").iterdir()} == {*page.tables}
    written = pd.read_csv(tmp_path / "reports" / "class" / "students.csv")
    assert [*written["name"]] == ["'=HYPERLINK(1)"] and [*written["average"]] == [75.0]


@pytest.mark.parametrize("scores", [{}, {"student-01": []}])
def test_a_class_without_anything_has_a_page(scores):
    page = page_of(made(scores, 0))
    assert "Everybody keeps up" in page.html
    assert all(len(its.columns) for its in page.tables.values())
