"""What each network needs of a framework, and what is missing of it, in words."""

import importlib
import traceback
from collections.abc import Mapping
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
        """Return a sentence for each module that is not there or lacks names."""
        told = []
        for module, names in needed.items():
            absent = [name for name in names if not hasattr(self.modules.get(module), name)]
            if module in self.reasons:
                told.append(f"`{module}` cannot be imported: {self.reasons[module]}")
            elif module not in self.modules:
                told.append(f"`{module}` is not there ({', '.join(names)}): {how_to_make(module)}")
            elif absent:
                told.append(f"`{module}` has no {', '.join(absent)}: {how_to_make(module)}")
        return told

    def name(self, module: str, name: str) -> Any:
        """Return what a module calls so."""
        return getattr(self.modules[module], name)


def load(folder: Path) -> Framework:
    """Import every module of one's own; one that fails is told of and left out."""
    framework = Framework(folder)
    wanted = [one["module"] for one in course()]
    wanted += [name for needed in NEEDS.values() for name in needed] + [*BETTER_WITH]
    for module in dict.fromkeys(wanted):
        if not (folder / f"{module}.py").is_file():
            continue
        try:
            framework.modules[module] = importlib.import_module(f"tinytorch.{module}")
        except (Exception, SystemExit) as error:
            framework.reasons[module] = in_words(error, folder)
    return framework


def how_to_make(module: str) -> str:
    """Say which assignment makes a module, and how it gets into one's framework."""
    for one in course():
        if one["module"] == module:
            return f"solve {one['assignment']} and run its last cell, which exports it."
    return "a later assignment makes it."


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
