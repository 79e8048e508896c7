"""Settings of the sandbox: how much a student's notebook may use."""

from pathlib import Path

from traitlets import Bool, Float, Integer, Unicode
from traitlets.config import Configurable

PROJECT = Path(__file__).resolve().parents[2]


class Sandbox(Configurable):
    """Hold the limits of one sealed run; set them in `nbgrader_config.py` as `c.Sandbox.…`."""

    cell_seconds = Float(
        60,
        help="Seconds a cell may take, not counting how long it waited for a processor; then it "
        "is interrupted, and killed if it ignores that.",
    ).tag(config=True)
    notebook_seconds = Float(
        300,
        help="Seconds a whole notebook may take, not counting how long it waited for a processor; "
        "twice as many in any case.",
    ).tag(config=True)
    cpu_seconds = Float(
        300, help="CPU seconds that all processes of a notebook may use together."
    ).tag(config=True)
    memory_mb = Integer(
        2048, help="Megabytes of memory that all processes of a notebook may hold together."
    ).tag(config=True)
    processes = Integer(64, help="Processes and threads a notebook may have at once.").tag(
        config=True
    )
    file_mb = Integer(64, help="Megabytes a single file may reach.").tag(config=True)
    scratch_mb = Integer(
        256, help="Megabytes the scratch folder may hold; it is memory, thrown away with the run."
    ).tag(config=True)
    output_mb = Float(
        2,
        help="Megabytes of output that are kept; what a notebook prints beyond is dropped unread.",
    ).tag(config=True)
    flood_mb = Integer(
        128, help="Megabytes of output after which the run is ended instead of ignored."
    ).tag(config=True)
    startup_seconds = Float(60, help="Wall seconds the kernel may take to start.").tag(config=True)
    warm = Bool(
        True,
        help="Whether kernels are forked from a sealed process that has imported everything. Where "
        "that cannot be done, each is started from nothing, and the run says so.",
    ).tag(config=True)
    pictures = Bool(
        False,
        help="Whether the pictures of a notebook are drawn again when it is graded. False shows "
        "graders those that were submitted, and saves about half of the time of light notebooks.",
    ).tag(config=True)
    sealed = Bool(
        True,
        help="Whether student code runs inside bubblewrap. False runs it unprotected, as the "
        "grader's own user: only for code you trust. It is recorded beside every grade.",
    ).tag(config=True)
    student_env = Unicode(
        str(PROJECT / ".venv-student"),
        help="Environment whose Python runs student notebooks: NumPy, matplotlib, ipykernel.",
    ).tag(config=True)
