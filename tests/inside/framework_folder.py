"""A student's folders: an assignment as handed out, and beside it their own framework."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from grading.course.package import whole_package
from grading.sandbox.settings import PROJECT

ORDER = ("setup", "tensor", "activations", "layers", "losses", "autograd", "optimizers")
MODULES = (*ORDER, "spatial", "training", "dataloader")
SMALL = (
    "from tinytorch._finale import train, run; "
    "train.FOR_TRAINING, train.FOR_TESTING, train.XOR_STEPS = 128, 40, 200; "
)


def lay_out(root: Path, modules: tuple[str, ...] = MODULES, images: int = 168) -> Path:
    """Write both folders, with random images; return the assignment's."""
    folder = root / "10_last"
    for name, text in whole_package().items():
        (folder / "tinytorch" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "tinytorch" / name).write_text(text)
    told = [
        {
            "assignment": f"{number:02}_{module}",
            "title": module.title(),
            "module": module,
            "exercises": [],
            "given": ["import numpy as np"],
        }
        for number, module in enumerate(MODULES, 1)
    ]
    (folder / "tinytorch" / "course.json").write_text(json.dumps(told))
    mine = root / "my_tinytorch"
    mine.mkdir()
    for module in modules:
        shutil.copy(PROJECT / "tinytorch_ref" / f"{module}.py", mine)
    rng = np.random.default_rng(0)
    (folder / "data").mkdir()
    np.savez(
        folder / "data" / "digits.npz",
        images=rng.integers(0, 256, (images, 1, 28, 28), dtype=np.uint8),
        labels=rng.integers(0, 10, images),
    )
    return folder


def run(folder: Path, code: str = "raise SystemExit(run.main())") -> tuple[int, str]:
    """Run the finale in a folder, with little to train; return its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", SMALL + code],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout
