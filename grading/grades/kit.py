"""All that is needed to grade one assignment's submissions, and nothing else of the course."""

import io
import json
import tarfile
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.checks.answer_key import AnswerKey, key_text, read_key
from grading.course.cells import is_graded, nbgrader_of
from grading.course.layout import Course
from grading.course.released import ReleasedNotebook
from grading.course.stamp import fingerprint
from grading.grades.graded import rounded
from grading.sandbox.archive import pack
from grading.sandbox.settings import Sandbox
from grading.submission.names import NamesOfCells
from grading.submission.released_cells import Original, defined_by


@dataclass(frozen=True)
class Kit:
    """What a worker gets of an assignment: it sees no course folder and no gradebook.

    `skeleton` and `key` are JSON texts, `defines` the names that our solutions define, `handout`
    and `data` tar archives, `limits` the settings of the sandbox.
    """

    assignment: str
    skeleton: str
    defines: dict[str, list[str]]
    key: str
    salt: str
    limits: dict[str, Any]
    handout: bytes
    data: bytes

    @classmethod
    def of(
        cls, course: Course, released: ReleasedNotebook, settings: Sandbox, execute: bool = True
    ) -> "Kit":
        """Gather it; with `execute`, the answer key too, which is made where it is missing."""
        limits = {name: getattr(settings, name) for name in settings.trait_names(config=True)}
        return cls(
            released.assignment,
            nbformat.writes(released.skeleton()),
            {name: sorted(keys) for name, keys in defined_by(released.solved()).items()},
            key_text(course, released, settings) if execute else "",
            course.salt if execute else "",
            limits,
            pack(released.handout),
            pack(course.hidden_data),
        )

    def to_bytes(self) -> bytes:
        """Return it as bytes: a line of JSON, then the two archives."""
        texts = asdict(self) | {"handout": len(self.handout), "data": len(self.data)}
        return json.dumps(texts).encode() + b"\n" + self.handout + self.data

    @classmethod
    def from_bytes(cls, packed: bytes) -> "Kit":
        """Return what `to_bytes` has packed."""
        line, _, archives = packed.partition(b"\n")
        texts = json.loads(line)
        length = texts["handout"]
        return cls(**texts | {"handout": archives[:length], "data": archives[length:]})

    @cached_property
    def fingerprint(self) -> str:
        """A hash of everything in it."""
        return fingerprint(self.to_bytes())

    @cached_property
    def answer_key(self) -> AnswerKey:
        """The evidence of our own solution."""
        return read_key(self.key)

    @cached_property
    def original(self) -> Original:
        """What submissions are rebuilt on."""
        return Original(self.assignment, self.notebook, self.defines)

    @cached_property
    def names(self) -> NamesOfCells:
        """What the kernel is told of names."""
        return NamesOfCells(self.notebook, self.defines)

    @cached_property
    def notebook(self) -> NotebookNode:
        """The notebook without solutions, with hidden tests; not to be changed."""
        return nbformat.reads(self.skeleton, as_version=4)

    @cached_property
    def points(self) -> dict[str, float]:
        """The most that each graded cell can earn, by grade id, rounded as scores are."""
        graded = [nbgrader_of(cell) for cell in self.notebook.cells if is_graded(cell)]
        return {one["grade_id"]: rounded(one["points"]) for one in graded}

    @cached_property
    def settings(self) -> Sandbox:
        """The limits of a run."""
        return Sandbox(**self.limits)

    @cached_property
    def handed_out(self) -> frozenset[PurePath]:
        """The names of the files that are handed out beside the notebook."""
        with tarfile.open(fileobj=io.BytesIO(self.handout)) as files:
            return frozenset(PurePath(name) for name in files.getnames())
