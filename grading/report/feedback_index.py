"""One page for each student that leads to all their feedback, for courses without a hub."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from jinja2 import Environment

from grading.grades.told import Told
from grading.report.feedback_page import CSS, in_points, told_of_all

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Feedback: {{ student }}</title>
<style>{{ css | safe }}</style>
</head>
<body>
<main>
<h1>Feedback: {{ student }}</h1>
<table id="made-of">
<thead><tr><th>Assignment</th><th>Handed in</th><th class="points">Result</th></tr></thead>
<tbody>
{%- for one in results %}
<tr><td><a href="{{ one.address }}">{{ one.title }}</a></td>
<td>{{ one.handed_in or "no time is known" }}{% if one.late %}
 <span class="bad">{{ one.late }}</span>{% endif %}</td>
<td class="points {{ 'wait' if one.waits else '' }}">{{ one.result }}</td></tr>
{%- endfor %}
</tbody>
</table>
</main>
</body>
</html>
"""


class Result(NamedTuple):
    """What is told of one assignment: its title, its name, and its grades."""

    title: str
    assignment: str
    told: Told


def feedback_index(student: str, results: Iterable[Result]) -> str:
    """Return the page of a student, with a line and a link for each assignment, in order."""
    lines = [
        {
            "title": one.title,
            "address": quote(f"{one.assignment}/{one.assignment}.html"),
            "handed_in": one.told.handed_in,
            "late": _late(one.told),
            "result": told_of_all(one.told),
            "waits": bool(one.told.not_graded),
        }
        for one in results
    ]
    template = Environment(autoescape=True).from_string(PAGE)
    return template.render(student=student, results=lines, css=Path(CSS).read_text())


def _late(told: Told) -> str:
    return f"{in_points(told.late_penalty)} off for being late" if told.late_penalty else ""
