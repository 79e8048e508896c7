"""Start a Dask scheduler here and its workers as Slurm jobs; print the scheduler's address.

    .venv/bin/uv pip install dask-jobqueue
    .venv/bin/python environment/cluster/slurm.py [--jobs 4] [--show]

`--show` prints the job's script and starts nothing. The course's folder must be at the same path on
every node, with both environments in it: see docs/cluster.md.
"""

import argparse
import sys
from pathlib import Path

from dask_jobqueue import SLURMCluster

COURSE = Path(__file__).resolve().parents[2]
PLACES = 8  # submissions that one job grades at a time, one processor each
MEMORY = "24GB"  # of a job: about 3 GB a place, student's notebook and grader together


def main() -> None:
    """Keep a cluster of Slurm jobs until the program is ended."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--show", action="store_true", help="print the job's script and end")
    options = parser.parse_args()
    cluster = SLURMCluster(
        cores=PLACES,
        processes=PLACES,
        memory=MEMORY,
        walltime="04:00:00",
        job_name="grading",
        python=str(COURSE / ".venv" / "bin" / "python"),
        worker_extra_args=["--no-dashboard"],
        job_script_prologue=[f"cd {COURSE}"],
    )
    if options.show:
        print(cluster.job_script())
        return
    cluster.scale(jobs=options.jobs)
    print(f"make autograde SCHEDULER={cluster.scheduler_address}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
