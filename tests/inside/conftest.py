import importlib
import sys

import pytest

from grading.course.package import whole_package
from grading.sandbox.settings import PROJECT


@pytest.fixture(scope="module")
def tinytorch(tmp_path_factory):
    """Import a whole framework, made of our own modules, from a folder of its own."""
    folder = tmp_path_factory.mktemp("whole")
    modules = {file.name: file.read_text() for file in PROJECT.glob("tinytorch_ref/*.py")}
    for name, text in (modules | whole_package()).items():
        file = folder / "tinytorch" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(folder), *sys.path])
        yield importlib.import_module("tinytorch")
    for name in [name for name in sys.modules if name.partition(".")[0] == "tinytorch"]:
        del sys.modules[name]
