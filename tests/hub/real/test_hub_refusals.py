"""What a student, and a submission, must not reach."""

import json
import time
from pathlib import Path

import nbformat
from browser import Grader, Person, Student
from server import SYSTEM_PYTHON, Installation

ATTACK = """
import json, os, socket, urllib.request
from pathlib import Path
found = {}
for variable in ("JUPYTERHUB_API_TOKEN", "JUPYTERHUB_API_URL"):
    found[variable] = os.environ.get(variable, "")
for process in Path("/proc").glob("[0-9]*"):
    try:
        found[process.name] = (process / "environ").read_bytes().decode(errors="replace")
    except OSError:
        continue
try:
    urllib.request.urlopen("http://127.0.0.1:PORT/hub/api", timeout=3)
    found["api"] = "reached"
except OSError:
    found["api"] = "no"
for path in ("COURSE/gradebook.db", "COURSE/source", "EXCHANGE"):
    found[path] = os.path.exists(path)
print("FOUND " + json.dumps(found))
"""
LISTEN = """
import socket, sys
for place in sys.argv[1:]:
    try:
        socket.socket(socket.AF_UNIX).connect(place)
        print("heard", place)
    except PermissionError:
        print("closed")
"""


def test_services_and_servers_of_others_are_closed(
    hub: Installation, people: dict[str, Person]
) -> None:
    student1, student2, ta1 = people["student1"], people["student2"], people["ta1"]
    for path in ("", "lab", "formgrader/manage_assignments", "formgrader/api/assignments"):
        assert student1.status_of(f"/services/tinytorch/{path}") in (403, 404), path
    assert student1.status_of(f"/user/{student2.name}/api/contents") in (403, 404)
    assert student1.status_of(f"/user/{student2.name}/lab") in (403, 404)
    assert student1.status_of("/hub/admin") in (403, 404)
    assert student1.status_of("/hub/api/users") == 403
    assert student1.status_of(f"/hub/api/users/{student2.name}") in (403, 404)
    assert ta1.status_of("/services/tinytorch/formgrader/api/assignments") == 200
    assert ta1.status_of(f"/user/{student2.name}/api/contents") in (403, 404)
    assert ta1.status_of("/hub/api/users") == 403


def test_the_files_of_the_course_and_of_others_are_closed(
    hub: Installation, people: dict[str, Person], released: str
) -> None:
    student1, student2 = people["student1"].name, people["student2"].name
    places = (
        hub.course,
        hub.course / "gradebook.db",
        hub.course / "source" / released / f"{released}.py",
        hub.srv / "code" / "tinytorch_ref",
        hub.srv / "hub" / "jupyterhub.sqlite",
        hub.srv / "hub" / "cookie_secret",
        hub.srv / "backups",
        hub.home(student2),
        hub.inbound,
    )
    for place in places:
        assert hub.run_as(student1, "test", "-r", place).returncode != 0, place
    exchange = hub.inbound.parent
    assert hub.run_as(student1, "test", "-r", exchange / "outbound" / released).returncode == 0
    for path in (exchange, exchange / "outbound"):
        assert hub.run_as(student1, "mv", path, f"{path}.gone").returncode != 0
        assert hub.run_as(student1, "touch", path / "mine").returncode != 0


def test_nothing_handed_out_or_installed_tells_of_a_solution(
    hub: Installation, people: dict[str, Person], released: str
) -> None:
    student1 = people["student1"].name
    places = (hub.opt / "code", hub.inbound.parent / "outbound")
    for telling in ("BEGIN SOLUTION", "BEGIN HIDDEN TESTS", "check.rng("):
        found = hub.run_as(student1, "grep", "-rlIF", telling, *places)
        assert found.stdout == "", telling
    assert hub.run_as(student1, "grep", "-rlI", "YOUR CODE HERE", *places).stdout != ""


def test_a_submission_in_the_name_of_another_is_its_owners(
    hub: Installation, people: dict[str, Person], released: str
) -> None:
    student1, student2, ta1 = people["student1"], people["student2"], people["ta1"]
    forged = hub.inbound / f"{student2.name}+{released}+2030-01-01 00:00:00.000000 UTC+x"
    secret = hub.course / "gradebook.db"
    script = (
        f"mkdir '{forged}' && echo '{{}}' > '{forged}/{released}.ipynb' && "
        f"ln -s {secret} '{forged}/stolen'"
    )
    assert hub.run_as(student1.name, "sh", "-c", script).returncode == 0
    log = ta1.press(released, "collect")
    assert f"was handed in by {student1.name}" in log
    stolen = hub.course / "submitted" / student1.name / released
    assert stolen.is_dir()
    assert not (stolen / "stolen").exists()
    assert "2030" not in (stolen / "timestamp.txt").read_text()
    theirs = hub.course / "submitted" / student2.name / released / f"{released}.ipynb"
    assert not theirs.exists() or theirs.read_text() != "{}\n"


def test_a_submission_being_graded_reaches_neither_hub_nor_token(
    hub: Installation, people: dict[str, Person], released: str
) -> None:
    student1, ta1 = people["student1"], people["ta1"]
    assert isinstance(student1, Student)
    attack = (
        ATTACK.replace("PORT", str(hub.settings.hub_port))
        .replace("COURSE", hub.settings.course)
        .replace("EXCHANGE", hub.settings.exchange)
    )
    release = hub.course / "release" / released / f"{released}.ipynb"
    notebook = nbformat.read(release, as_version=4)
    answer = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution"))
    answer.source = attack
    hub.put_submission(student1.name, released, nbformat.writes(notebook))
    ta1.press_for(released, student1.name, "autograde")
    graded = hub.course / "autograded" / student1.name / released / f"{released}.ipynb"
    printed = "".join(
        output.get("text", "")
        for cell in nbformat.read(graded, as_version=4).cells
        for output in cell.get("outputs", [])
    )
    found = json.loads(printed.partition("FOUND ")[2].partition("\n")[0])
    assert found.pop("api") == "no"
    for place, seen in found.items():
        assert not seen or "JUPYTERHUB" not in str(seen), place
    for place in (hub.course / "gradebook.db", hub.course / "source", hub.settings.exchange):
        assert found[str(place)] is False
    assert found["JUPYTERHUB_API_TOKEN"] == ""
    assert any(place.isdigit() for place in found), "it saw its own processes"


def test_a_submission_is_not_run_in_the_graders_name(
    hub: Installation, people: dict[str, Person], released: str
) -> None:
    student1, ta1 = people["student1"], people["ta1"]
    assert isinstance(ta1, Grader)
    unsolved = hub.course / "release" / released / f"{released}.ipynb"
    hub.put_submission(student1.name, released, unsolved.read_text())
    for folder in ("submitted", "autograded"):
        path = f"{folder}/{student1.name}/{released}/{released}.ipynb"
        assert ta1.start_kernel(path) == 403, path
    assert ta1.start_kernel(f"source/{released}/{released}.ipynb") == 201
    assert ta1.status_of("/services/tinytorch/assignments/validate") == 404


def sockets_of_a_kernel(folder: Path) -> list[Path]:
    """Return them once the kernel listens at all five."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        sockets = [file for file in folder.iterdir() if file.is_socket()]
        if len(sockets) >= 5:
            return sockets
        time.sleep(0.2)
    raise AssertionError([file.name for file in folder.iterdir()])


def test_what_a_kernel_says_is_heard_by_its_own_account_alone(
    hub: Installation, people: dict[str, Person], released: str
) -> None:
    student1, ta1 = people["student1"], people["ta1"]
    assert isinstance(ta1, Grader)
    assert ta1.start_kernel(f"source/{released}/{released}.ipynb") == 201
    settings = hub.settings
    sockets = sockets_of_a_kernel(settings.runtime / settings.grader)
    listen = (SYSTEM_PYTHON, "-c", LISTEN, *sockets)
    assert set(hub.run_as(student1.name, *listen).stdout.split()) == {"closed"}
    assert "closed" not in hub.run_as(settings.grader, *listen).stdout.split()
    kernels = [one for one in hub.descendants() if "ipykernel_launcher" in " ".join(one.cmdline())]
    for kernel in kernels:
        ports = [one for one in kernel.net_connections("inet") if one.status == "LISTEN"]
        assert len(ports) <= 1, "but for the pipe of its own children, which tells nobody anything"
    assert kernels
    assert (settings.runtime / student1.name).stat().st_mode & 0o777 == 0o700
