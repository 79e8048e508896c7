"""Two TAs grade all answers to one question at once, each in a browser: none is lost."""

import os
import re
from collections import Counter
from pathlib import Path

from browser import PATIENCE, Browser
from formgrader_alone import CELL, NAME, formgrader, write_course
from nbgrader.api import Grade, Gradebook
from playwright.sync_api import Page, Response, expect
from sqlalchemy import create_engine, select

from grading.grades.own_tables import GIVEN

ANSWERS = int(os.environ.get("ANSWERS", "24"))
GRADED = 200
STALE = 409


class Ta:
    """Somebody at the page of a question, who gives every answer the same points."""

    def __init__(self, window: Browser, address: str, points: str) -> None:
        self.page: Page = window.new_context().new_page()
        self.points = points
        self.page.set_default_timeout(PATIENCE)
        self.answered: list[tuple[int, str]] = []
        self.page.on("response", self._note)
        self.page.goto(f"{address}/written_answers/{NAME}/{NAME}/{CELL}")

    def _note(self, response: Response) -> None:
        if response.request.method == "PUT":
            self.answered.append((response.status, response.url.rpartition("/")[2]))

    @property
    def left(self) -> int:
        """Return how many answers are left, as the page says."""
        return int(self.page.locator("#left").inner_text().split()[0])

    def begin_to_save(self) -> None:
        """Type points into the answer that is shown, and press Enter."""
        self.page.locator("#score").fill(self.points)
        self.page.locator("#score").press("Enter")

    def see_what_became_of_it(self) -> None:
        """Wait for the answer; where another was quicker, read both and leave it as it is."""
        told = self.page.locator("#told")
        expect(told).not_to_have_text(re.compile("^(Saving…)?$"), timeout=PATIENCE)
        if self.page.locator("#other").is_visible():
            assert "What stands there now" in self.page.locator("#other").inner_text()
            self.page.locator("#keep").click()
            self.page.locator("#on").click()


def saved(ta: Ta) -> list[str]:
    return [grade for status, grade in ta.answered if status == GRADED]


def test_two_at_once_lose_no_answer_and_grade_none_twice_unknowingly(
    window: Browser, tmp_path: Path
) -> None:
    url = write_course(tmp_path / "course", ANSWERS)
    with formgrader(tmp_path / "course") as address:
        both = [Ta(window, address, points) for points in ("1", "2")]
        for _ in range(2 * ANSWERS):
            working = [ta for ta in both if ta.left]
            if not working:
                break
            for ta in working:
                ta.begin_to_save()
            for ta in working:
                ta.see_what_became_of_it()
        for ta in both:
            ta.page.context.close()
    theirs = {ta.points: saved(ta) for ta in both}
    with Gradebook(url, "tinytorch") as gradebook:
        grades = {one.id: one for one in gradebook.db.query(Grade)}
        assert len(grades) == ANSWERS
        assert not any(one.needs_manual_grade for one in grades.values())
        stands = {id: f"{one.manual_score:g}" for id, one in grades.items()}
    assert stands == {id: points for points, ids in theirs.items() for id in ids}
    assert Counter(Counter(theirs["1"] + theirs["2"]).values()) == {1: ANSWERS}
    engine = create_engine(url)
    with engine.connect() as connection:
        assert sorted(connection.scalars(select(GIVEN.c.grade_id))) == sorted(grades)
    engine.dispose()
    refused = [status for ta in both for status, _ in ta.answered if status != GRADED]
    assert refused, "they never met at one answer: nothing was tried"
    assert set(refused) == {STALE}
