"""What each network needs of a framework, and what is missing of it, in words."""

import importlib
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from .._exporting import course

TENSORS = {
    "setup": ["manual_seed"],
    "tensor": ["Tensor"],
    "autograd": ["no_grad"],
}
DIGITS = TENSORS | {"setup": ["manual_seed", "load_digits"], "losses": ["cross_entropy"]}
NEEDS: dict[str, dict[str, list[str]]] = {
    "XOR": TENSORS
    | {
        "activations": ["Tanh"],
        "layers": ["Linear", "Sequential"],
        "losses": ["BCEWithLogitsLoss"],
        "optimizers": ["SGD"],
    },
    "MLP": DIGITS | {"layers": ["MLP"], "optimizers": ["Adam"]},
    "CNN": DIGITS
    | {
        "activations": ["ReLU"],
        "layers": ["Flatten", "Linear", "Sequential"],
        "optimizers": ["Adam"],
        "spatial": ["Conv2d", "MaxPool2d"],
    },
}
BETTER_WITH = {
    "training": ["train_epoch", "evaluate"],
    "dataloader": ["DataLoader", "TensorDataset"],
}
STANDS_IN = "Until then a plain loop stands in."


def needed_by_any() -> dict[str, list[str]]:
    """Return the modules that networks need or are better with, in the course's order, with names.

    Modules that the course does not make so far come last.
    """
    together: dict[str, list[str]] = {one["module"]: [] for one in course()}
    for needed in (*NEEDS.values(), BETTER_WITH):
        for module, names in needed.items():
            together[module] = list(dict.fromkeys([*together.get(module, []), *names]))
    return {module: names for module, names in together.items() if names}


@dataclass
class Framework:
    """The modules of one's own that could be imported, and why the others could not."""

    folder: Path
    modules: dict[str, ModuleType] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def has(self, needed: Mapping[str, list[str]]) -> bool:
        """Return whether all the modules are there, with all the names."""
        return not self.lacks(needed)

    def lacks(self, needed: Mapping[str, list[str]]) -> list[str]:
        """Return the modules that are not there or lack some of the names."""
        return [
            module
            for module, names in needed.items()
            if any(not hasattr(self.modules.get(module), name) for name in names)
        ]

    def still(self) -> list[str]:
        """Return a sentence for each module that is missing, and which assignment it is from."""
        needed = needed_by_any()
        return [
            self._said_of(module, needed[module])
            + (f" {STANDS_IN}" if module in BETTER_WITH else "")
            for module in self.lacks(needed)
        ]

    def _said_of(self, module: str, names: list[str]) -> str:
        if module in self.reasons:
            return f"`{module}` cannot be imported: {self.reasons[module]}. {made_by(module)}"
        if module not in self.modules:
            return f"`{module}` is not there ({', '.join(names)}): {how_to_make(module)}"
        absent = [name for name in names if not hasattr(self.modules[module], name)]
        return f"`{module}` has no {', '.join(absent)}: {how_to_make(module)}"

    def name(self, module: str, name: str) -> Any:
        """Return what a module calls so."""
        return getattr(self.modules[module], name)


def load(folder: Path) -> Framework:
    """Import every module of one's own; one that fails is told of and left out."""
    framework = Framework(folder)
    for module in dict.fromkeys([*[one["module"] for one in course()], *needed_by_any()]):
        if not (folder / f"{module}.py").is_file():
            continue
        try:
            framework.modules[module] = importlib.import_module(f"tinytorch.{module}")
        except (Exception, SystemExit) as error:
            framework.reasons[module] = in_words(error, folder)
    return framework


def how_to_make(module: str) -> str:
    """Say which assignment makes a module, and how it gets into one's framework."""
    assignment = _assignment_of(module)
    if assignment:
        return f"solve {assignment} and run its last cell, which exports it."
    return "a later assignment makes it."


def made_by(module: str) -> str:
    """Say which assignment a module comes from."""
    assignment = _assignment_of(module)
    return f"It comes from {assignment}." if assignment else "A later assignment makes it."


def _assignment_of(module: str) -> str:
    return next((one["assignment"] for one in course() if one["module"] == module), "")


def listed(names: Iterable[str]) -> str:
    """Return names as code, with commas and a last "and"."""
    *before, last = [f"`{name}`" for name in names]
    return f"{', '.join(before)} and {last}" if before else last


def in_words(error: BaseException, folder: Path) -> str:
    """Name an error, and the last line of one's own code that it came through."""
    name = type(error).__name__
    said = " ".join(str(error).split())
    told = f"{name}: {said}" if said else name
    if isinstance(error, NotImplementedError) and not said:
        told = "an exercise in it is still unsolved"
    if isinstance(error, ModuleNotFoundError) and (error.name or "").startswith("tinytorch."):
        told = f"it uses `{(error.name or '').partition('.')[2]}`, which is not there"
    own = [
        f"{Path(frame.filename).name}, line {frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).resolve().parent == folder.resolve()
    ]
    if isinstance(error, SyntaxError) and error.filename:
        own = [f"{Path(error.filename).name}, line {error.lineno}"]
    return f"{told} ({own[-1]})" if own else told
