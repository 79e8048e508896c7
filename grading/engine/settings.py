"""Settings of the workers: how much one may use for a submission, beside the sandbox's limits."""

from traitlets import Float, Integer, Unicode
from traitlets.config import Configurable


class Workers(Configurable):
    """Hold the limits of one worker; set them in `nbgrader_config.py` as `c.Workers.…`."""

    scheduler = Unicode(
        "",
        help="Address of a Dask scheduler whose workers grade; empty: workers here.",
    ).tag(config=True)
    memory_mb = Integer(
        1024, help="Megabytes of memory that a worker may hold, without the sandbox's."
    ).tag(config=True)
    cpu_seconds = Float(
        60,
        help="CPU seconds that a worker itself may need for one submission: to read, judge, write.",
    ).tag(config=True)
    wall_seconds = Float(
        120,
        help="Seconds that a submission may take beyond `Sandbox.notebook_seconds`, whatever the "
        "worker's own clock says.",
    ).tag(config=True)
