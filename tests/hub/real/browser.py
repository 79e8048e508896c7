"""People at a browser: what they click, with Debian's Chromium."""

import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Request, Response, sync_playwright

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PICTURES = Path(__file__).resolve().parents[3] / "reports" / "hub"
PATIENCE = 120_000
GRADING = 400_000
PHONE = 390
LOCAL = ("127.0.0.1", "localhost", "")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give Debian's Chromium, without a window; close it with whatever its pages still hold."""
    path = shutil.which("chromium")
    assert path, "Chromium is not installed: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def _fresh_lab(server: str, path: str = "") -> str:
    """Return the address of JupyterLab with nothing open; with `?reset` it would load twice."""
    return f"{server}/lab/workspaces/{secrets.token_hex(4)}{path}"


def _saves(what: str) -> Callable[[Response], bool]:
    """Return what knows the answer of Formgrader to having saved a grade or a comment."""
    return lambda one: f"/api/{what}/" in one.url and one.request.method == "PUT" and one.ok


class Person:
    """Somebody with an account, at a browser of their own."""

    everybody: ClassVar[list["Person"]] = []

    def __init__(self, browser: Browser, address: str, name: str, shots: Path) -> None:
        self.address, self.name, self._shots = address, name, shots
        self.page: Page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        self.page.set_default_timeout(PATIENCE)
        self.asked_elsewhere: list[str] = []
        self.page.on("request", self._note)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.everybody.append(self)

    def _note(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.hostname not in LOCAL:
            self.asked_elsewhere.append(request.url)

    def picture(self, title: str) -> None:
        """Keep a screenshot."""
        self._shots.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(700)
        self.page.screenshot(path=self._shots / f"{title}.png")

    def assert_good_for_everybody(self, page: Page, title: str) -> None:
        """Find no serious fault of accessibility, and nothing wider than a phone."""
        usual = page.viewport_size
        page.set_viewport_size({"width": PHONE, "height": 844})
        try:
            page.screenshot(path=self._shots / f"{title}-phone.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE, title
            found = Axe().run(page).response["violations"]
            grave = [one["id"] for one in found if one["impact"] in ("serious", "critical")]
            assert grave == [], (title, grave)
        finally:
            page.set_viewport_size(usual or {"width": 1280, "height": 900})

    def log_in(self, password: str) -> None:
        """Answer the login form."""
        self.page.goto(f"{self.address}/hub/login")
        self.page.fill("#username_input", self.name)
        self.page.fill("#password_input", password)
        self.page.click("#login_submit")
        self.page.wait_for_url(lambda url: "/hub/login" not in url)

    def status_of(self, path: str) -> int:
        """Return how the hub answers this person's browser at an address."""
        answer = self.page.context.request.get(f"{self.address}{path}")
        if "/hub/login" in answer.url or "/hub/spawn" in answer.url:
            return 403
        return answer.status


class Student(Person):
    """A student on the course's page and in JupyterLab."""

    @property
    def course_page(self) -> str:
        """Return the address of the course's page."""
        return f"{self.address}/user/{self.name}/course"

    def open_course(self) -> None:
        """Open the course's page afresh and wait until it says what there is."""
        self.page.goto(self.course_page)
        self.page.locator("article").first.wait_for(timeout=GRADING)

    def card(self, assignment: str) -> Locator:
        """Return what the page says of an assignment."""
        return self.page.locator(f"#assignment-{assignment}")

    def fetch(self, assignment: str) -> None:
        """Fetch a released assignment."""
        self._press(assignment, "Fetch")
        self.card(assignment).get_by_role("link", name="Open").wait_for()

    def validate(self, assignment: str) -> str:
        """Press Validate on the page and return what it says."""
        self._press(assignment, "Validate")
        self.page.locator("#dialog", has_text="after you hand in").wait_for(timeout=GRADING)
        return self._said()

    def check(self, assignment: str) -> str:
        """Press Check on the page and return what it says."""
        self._press(assignment, "Check")
        self.page.locator("#dialog", has_text="Nothing was handed in").wait_for(timeout=GRADING)
        return self._said()

    def ask_to_submit(self, assignment: str) -> str:
        """Press Submit and return what is said before anything is handed in."""
        self._press(assignment, "Submit")
        self.page.get_by_role("button", name="Hand in", exact=True).wait_for()
        return self.page.locator("#dialog").inner_text()

    def hand_in(self) -> str:
        """Confirm it and return the receipt."""
        self.page.get_by_role("button", name="Hand in", exact=True).click()
        self.page.locator("#dialog", has_text="is handed in").wait_for()
        return self._said()

    def submit(self, assignment: str) -> str:
        """Submit and return the receipt."""
        self.ask_to_submit(assignment)
        return self.hand_in()

    def read_feedback(self, assignment: str) -> None:
        """Press Read feedback, which opens it as a page."""
        self._press(assignment, "Read feedback")
        self.page.wait_for_url(lambda url: "/course/feedback/" in url)
        self.page.locator("#summary").wait_for()

    def ask_about_grade(self, assignment: str, question: str) -> str:
        """Ask about the check that is offered first, and return its name."""
        self._press(assignment, "Ask about the grade")
        check = self.page.locator("#which option:checked").inner_text()
        self.page.locator("#question").fill(question)
        self.page.get_by_role("button", name="Ask", exact=True).click()
        self.page.locator("#dialog", has_text="Your question is asked").wait_for()
        self._said()
        return check.removeprefix("Check: ")

    def open_notebook(self, assignment: str) -> Page:
        """Open an assignment's notebook in JupyterLab, in a window beside the page's."""
        link = self.card(assignment).get_by_role("link", name="Open").get_attribute("href")
        lab = self.page.context.new_page()
        lab.set_default_timeout(PATIENCE)
        lab.on("request", self._note)
        lab.goto(f"{self.address}{link}")
        lab.get_by_role("button", name="Submit").wait_for(timeout=GRADING)
        return lab

    def type_answer(self, lab: Page, answer: str) -> None:
        """Type a written answer into the first unanswered cell, and save nothing."""
        cell = lab.locator(".jp-MarkdownCell", has_text="YOUR ANSWER HERE").first
        cell.scroll_into_view_if_needed(timeout=GRADING)
        rendered = cell.locator(".jp-RenderedMarkdown:visible")
        if rendered.count():
            rendered.dblclick()
        cell.locator(".cm-content").click()
        lab.keyboard.press("Control+a")
        lab.keyboard.type(answer)
        lab.keyboard.press("Shift+Enter")

    def _press(self, assignment: str, what: str) -> None:
        self.page.bring_to_front()
        self.card(assignment).get_by_role("button", name=f"{what}:").click()

    def _said(self) -> str:
        said = self.page.locator("#dialog").inner_text()
        self.page.locator("#dialog").get_by_role("button", name="Close").click()
        return said


class Grader(Person):
    """A TA or an instructor in Formgrader."""

    @property
    def formgrader(self) -> str:
        """Return Formgrader's address."""
        return f"{self.address}/services/tinytorch/formgrader"

    def press(self, assignment: str, column: str) -> str:
        """Press a button in the row of an assignment and return the answer."""
        self.page.goto(f"{self.formgrader}/manage_assignments")
        return self._press(self.page.locator("tr", has_text=assignment), column)

    def press_for(self, assignment: str, student: str, column: str) -> str:
        """Press a button in the row of a student's submission and return the answer."""
        self.page.goto(f"{self.formgrader}/manage_submissions/{assignment}")
        return self._press(self.page.locator("tr", has_text=student), column)

    def begin_for(self, assignment: str, student: str, column: str) -> Locator:
        """Press a button in a submission's row and return where its answer will appear."""
        self.page.goto(f"{self.formgrader}/manage_submissions/{assignment}")
        self.page.locator("tr", has_text=student).locator(f".{column} a").first.click()
        return self.page.locator(".modal.in")

    def set_due_date(self, assignment: str, local_time: str) -> None:
        """Change when an assignment is due, in UTC, such as "2020-01-01T00:00"; "" for never."""
        self.page.goto(f"{self.formgrader}/manage_assignments")
        self.page.locator("tr", has_text=assignment).locator(".edit a").click()
        modal = self.page.locator(".modal.in")
        modal.locator("input.modal-duedate").fill(local_time)
        modal.locator("input.modal-timezone").fill("+0000" if local_time else "")
        modal.locator(".modal-footer .save").click()
        modal.wait_for(state="hidden")

    def add_assignment(self, assignment: str) -> Page:
        """Add an assignment and follow its link; return the JupyterLab that opens."""
        self.page.goto(f"{self.formgrader}/manage_assignments")
        self.page.locator("a:visible", has_text="Add new assignment").click()
        modal = self.page.locator(".modal.in")
        modal.locator("input.name").fill(assignment)
        modal.locator(".modal-footer .save").click()
        with self.page.context.expect_page() as opened:
            row = self.page.locator("tr", has_text=assignment)
            row.locator(f".name a[href$='{assignment}']").click()  # drawn before it leads anywhere
        opened.value.wait_for_selector("#jp-top-panel", timeout=GRADING)
        return opened.value

    def save(self, notebook: str, content: dict[str, object]) -> None:
        """Save a notebook of the course as JupyterLab does."""
        body = {"type": "notebook", "format": "json", "content": content}
        said = self._send("PUT", f"contents/{notebook}", body)
        assert said in (200, 201), said

    def start_kernel(self, notebook: str) -> int:
        """Ask for a kernel for a notebook as JupyterLab does; return the answer's status."""
        body = {"type": "notebook", "name": "", "path": notebook, "kernel": {"name": "python3"}}
        return self._send("POST", "sessions", body)

    def do_for_class(self, assignment: str, step: str) -> str:
        """Press a whole class's button; return what the page says when that has ended."""
        self._press_for_class(assignment, step)
        return self._ended_for_class(assignment)

    def release_for_class(self, assignment: str) -> tuple[str, str]:
        """Release a whole class's feedback; return what is asked first, and what came of it."""
        self._press_for_class(assignment, "Release feedback")
        asks = self.page.locator("#asks")
        asks.wait_for()
        question = asks.inner_text()
        asks.get_by_role("button", name="Release").click()
        return question, self._ended_for_class(assignment)

    def preview_regrade(self, assignment: str) -> str:
        """Look at what a regrade would change; return what the page shows of it."""
        self.page.goto(f"{self.formgrader}/regrade")
        self.page.get_by_label("What would change in").select_option(assignment)
        self.page.get_by_role("button", name="Preview").click()
        self.page.locator("#shown").wait_for(timeout=GRADING)
        return self.page.locator("#shown").inner_text()

    def apply_regrade(self, why: str) -> str:
        """Apply to all what is shown; return what came of it."""
        self.page.get_by_role("textbox", name="Why").fill(why)
        self.page.get_by_role("button", name="Apply to all").click()
        return self._regraded("Apply")

    def take_regrade_back(self, why: str) -> str:
        """Take the run back that was made for a reason; return what came of it."""
        run = self.page.locator("#runs details", has_text=why)
        run.locator("summary").click()
        run.get_by_role("button", name="Bring back all").click()
        return self._regraded("Bring back")

    def _regraded(self, step: str) -> str:
        told = re.compile(rf"{step}, .*(Done|Stopped|nothing to do)")
        self.page.locator("#told", has_text=told).wait_for(timeout=GRADING)
        return self.page.locator("#look").inner_text()

    def _press_for_class(self, assignment: str, step: str) -> None:
        self.page.goto(f"{self.formgrader}/whole_class")
        self.page.get_by_role("button", name=f"{step}: {assignment}").click()

    def _ended_for_class(self, assignment: str) -> str:
        self.page.locator("#stop").wait_for(state="hidden")
        ended = re.compile(rf"ing( feedback)?, {assignment}.*(Done|Stopped|nothing to do)")
        self.page.locator("#told", has_text=ended).wait_for(timeout=GRADING)
        return self.page.locator("main").inner_text()

    def _send(self, method: str, path: str, body: dict[str, object]) -> int:
        self.page.goto(_fresh_lab(f"{self.address}/services/tinytorch"))
        self.page.wait_for_selector("#jp-top-panel", timeout=GRADING)
        said = self.page.evaluate(
            """async ([method, url, body]) => {
                const xsrf = document.cookie.match(/_xsrf=([^;]+)/)[1];
                const headers = {"X-XSRFToken": xsrf, "Content-Type": "application/json"};
                return (await fetch(url, {method, headers, body: JSON.stringify(body)})).status;
            }""",
            [method, f"{self.address}/services/tinytorch/api/{path}", body],
        )
        return int(said)

    def handed_in(self, assignment: str, student: str) -> str:
        """Return what the list of submissions says of the time of one."""
        self.page.goto(f"{self.formgrader}/manage_submissions/{assignment}")
        return self.page.locator("tr", has_text=student).locator(".timestamp").inner_text()

    def status_and_score(self, assignment: str, student: str) -> tuple[str, str]:
        """Return what the list of submissions says of one."""
        self.page.goto(f"{self.formgrader}/manage_submissions/{assignment}")
        row = self.page.locator("tr", has_text=student)
        return row.locator(".status").inner_text(), row.locator(".score").inner_text()

    def places(self, assignment: str) -> dict[str, int]:
        """Return where each student's submission stands in the gradebook's list."""
        self.page.goto(f"{self.formgrader}/gradebook/{assignment}/{assignment}")
        self.page.locator("td.name a:visible").first.wait_for()
        names = self.page.locator("td.name a.name-shown").all_text_contents()
        return {name: place for place, name in enumerate(names)}

    def grade_by_hand(self, assignment: str, place: int, cell: str, points: str, say: str) -> None:
        """Open a submission of the gradebook, give points and a comment for a written answer."""
        self.page.goto(f"{self.formgrader}/gradebook/{assignment}/{assignment}")
        self.page.locator("td.name a:visible").nth(place).click()
        self.page.wait_for_load_state("networkidle")
        score = self.page.locator(f"input.score#{cell}")
        score.fill(points)
        with self.page.expect_response(_saves("grade")):
            score.press("Tab")
        comment = self.page.locator(f"textarea#{cell}-comment")
        comment.fill(say)
        with self.page.expect_response(_saves("comment")):
            comment.blur()

    def answer_question(self, question: str, answer: str) -> str:
        """Answer a question of the queue, and return what the queue says of it."""
        self.page.goto(f"{self.formgrader}/questions")
        form = self.page.locator("form", has_text=question)
        said = form.inner_text()
        form.locator("textarea").fill(answer)
        form.get_by_role("button").click()
        form.get_by_text("Saved.").wait_for()
        return said

    def _press(self, row: Locator, column: str) -> str:
        row.locator(f".{column} a").first.click()
        modal = self.page.locator(".modal.in")
        modal.wait_for(timeout=GRADING)
        said = modal.inner_text()
        modal.locator(".modal-footer button").first.click()
        modal.wait_for(state="hidden")
        return said
