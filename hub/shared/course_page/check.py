"""Ask the hub's service what holds of saved work: in the name of the student whose server this is.

Where there is no such service (`COURSE_CHECK` is not set), nothing is offered.
"""

import json
import os
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse

ADDRESS, TOKEN = "COURSE_CHECK", "JUPYTERHUB_API_TOKEN"
POLICY_SECONDS, CHECK_SECONDS, QUESTION_SECONDS = 10.0, 3600.0, 60.0
QUESTIONS = "asked/about-grades"
NO_QUESTIONS = {"allowed": False, "questions": []}
NONE = {"tells": "off"}
Answer = dict[str, Any]


async def policy() -> Answer:
    """Return what the student may ask, and how often still; `off` where nothing is offered."""
    answer = await _ask("", POLICY_SECONDS)
    return _said(answer) if answer is not None and answer.code == 200 else NONE


async def check(notebook: Path, assignment: str) -> tuple[int, Answer]:
    """Return an HTTP status and what the service says of a saved notebook."""
    answer = await _ask(assignment, CHECK_SECONDS, notebook.read_bytes())
    if answer is None:
        return 503, {"message": "Check cannot be reached now. Try again in a minute."}
    said = _said(answer)
    if answer.code != 200:
        return 409, {"message": said.get("error", f"Check answered {answer.code}.")}
    return 200, said


async def questions() -> Answer:
    """Return what the student has asked about grades, with the answers; nothing where none may."""
    answer = await _ask(QUESTIONS, QUESTION_SECONDS)
    if answer is None or answer.code != 200:
        return NO_QUESTIONS
    return NO_QUESTIONS | _said(answer)


async def ask_about_grade(question: Answer) -> tuple[int, Answer]:
    """Return an HTTP status and all of the student's questions, with the one that is asked now."""
    answer = await _ask(QUESTIONS, QUESTION_SECONDS, json.dumps(question).encode())
    if answer is None:
        return 503, {"message": "Your question cannot be sent now. Try again in a minute."}
    said = _said(answer)
    if answer.code != 200:
        return 409, {"message": said.get("error", f"The course answered {answer.code}.")}
    return 200, said


async def _ask(path: str, seconds: float, body: bytes | None = None) -> HTTPResponse | None:
    address, token = os.environ.get(ADDRESS), os.environ.get(TOKEN)
    if not (address and token):
        return None
    request = HTTPRequest(
        address + path,
        method="GET" if body is None else "POST",
        headers={"Authorization": f"token {token}"},
        body=body,
        connect_timeout=POLICY_SECONDS,
        request_timeout=seconds,
        follow_redirects=False,
    )
    try:
        return await AsyncHTTPClient().fetch(request, raise_error=False)
    except (OSError, HTTPClientError):
        return None


def _said(answer: HTTPResponse) -> Answer:
    try:
        said = json.loads(answer.body or b"")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
