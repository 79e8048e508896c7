"""What submitted cells are compared with: the released cells, as students see them."""

import copy
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests

from grading.course.cells import grade_id_of, is_answer, is_test
from grading.course.release_steps import take_step
from grading.submission.code import Lines, Statement, form_of, lines_of, names_in, statements

Defines = Mapping[str, Iterable[str]]


@dataclass(frozen=True)
class Original:
    """What submissions are rebuilt on: an assignment's name, its notebook without solutions.

    `defines` tells what our solutions define, by grade id; nothing else of them is needed.
    """

    name: str
    skeleton: NotebookNode
    defines: Defines

    @cached_property
    def cells(self) -> "ReleasedCells":
        """The cells of the notebook, read once for all submissions."""
        return ReleasedCells(self.skeleton, self.defines)


def defined_by(solved: NotebookNode) -> dict[str, frozenset[str]]:
    """Return the names that each cell of code with a grade id defines, tests left out."""
    return {
        name: frozenset(key for one in _statements(cell) for key in one.defines)
        for cell in solved.cells
        if (name := grade_id_of(cell)) is not None and not is_test(cell)
    }


class ReleasedCells:
    """The cells of a release, by grade id and by what stands in them.

    `defines` tells more of what answers define than their stubs do.
    """

    def __init__(self, skeleton: NotebookNode, defines: Defines | None = None) -> None:
        self.cells = {name: cell for cell in skeleton.cells if (name := grade_id_of(cell))}
        self.order = list(self.cells)
        self.answers = [name for name, cell in self.cells.items() if is_answer(cell)]
        self.by_id = {cell.get("id"): name for name, cell in self.cells.items()}
        self.skeleton, self._more = skeleton, defines or {}

    @cached_property
    def seen(self) -> dict[str, Lines]:
        """Return the lines of each cell as students see them: without hidden tests."""
        shown = copy.deepcopy(NotebookNode(cells=[*self.cells.values()], metadata={}))
        tests = NotebookNode(cells=[cell for cell in shown.cells if is_test(cell)], metadata={})
        take_step(ClearHiddenTests, tests, of=self.skeleton)
        return {str(grade_id_of(cell)): lines_of(cell.source) for cell in shown.cells}

    @cached_property
    def forms(self) -> dict[str, str | None]:
        """Return what each cell of code does, as students see it."""
        return {
            name: form_of("\n".join(lines)) if self.cells[name].cell_type == "code" else None
            for name, lines in self.seen.items()
        }

    @cached_property
    def words(self) -> dict[str, frozenset[str]]:
        """Return the names in each cell of code, without which no text does as it does."""
        return {
            name: names_in("\n".join(lines) if self.cells[name].cell_type == "code" else "")
            for name, lines in self.seen.items()
        }

    @cached_property
    def handed_out(self) -> dict[Lines, str | None]:
        """Return the texts that are released outside nbgrader's cells, and what they follow."""
        found: dict[Lines, str | None] = {}
        name = None
        for cell in self.skeleton.cells:
            name = grade_id_of(cell) or name
            if not grade_id_of(cell):
                found[lines_of(cell.source)] = name
        return found

    @cached_property
    def stubs(self) -> dict[Lines, str]:
        """Return the answer that each text was handed out for."""
        return {self.seen[name]: name for name in reversed(self.answers) if self.seen[name]}

    @cached_property
    def defines(self) -> dict[str, frozenset[str]]:
        """Return the names by which each answer in code is known: those that no other defines."""
        stubs, solved = self._tables
        return self._unique({name: stubs[name] or solved[name] for name in stubs})

    @cached_property
    def may_define(self) -> dict[str, frozenset[str]]:
        """Return what each answer in code defines in the stub or in our solution, and no other."""
        stubs, solved = self._tables
        return self._unique({name: stubs[name] | solved[name] for name in stubs})

    @cached_property
    def stub_forms(self) -> frozenset[str]:
        """Return what the statements do that were handed out in answers."""
        return frozenset(one.form for name in self.answers for one in _statements(self.cells[name]))

    def defined_by(self, names: Iterable[str]) -> frozenset[str]:
        """Return what these cells of ours define, unsolved or solved."""
        return frozenset(
            key for name in names for table in self._tables for key in table.get(name, ())
        )

    def at(self, name: str | None) -> int:
        """Return the place of a cell among ours; before the first where there is none."""
        return self.order.index(name) if name is not None else -1

    def is_untouched(self, name: str, source: str) -> bool:
        """Return whether a text is empty or what was handed out for an answer."""
        lines = lines_of(source)
        return not lines or lines == self.seen[name] or self._does_as(name, source)

    def is_locked(self, name: str) -> bool:
        """Return whether a cell is ours alone."""
        return not is_answer(self.cells[name])

    def tests_of(self, name: str) -> set[str]:
        """Return the tests of what an answer defines; where that is not known, all of them."""
        tests = {test: cell for test, cell in self.cells.items() if is_test(cell)}
        after = [test for test in tests if self.order.index(test) > self.order.index(name)]
        naming = {
            test
            for test, cell in tests.items()
            if any(key in cell.source for key in self.defines[name])
        }
        return {*naming, *after[:1]} if self.defines[name] else set(tests)

    def _does_as(self, name: str, source: str) -> bool:
        if source.isascii() and any(word not in source for word in self.words[name]):
            return False  # told without parsing it
        form = self.forms[name]
        return form is not None and form == form_of(source)

    @cached_property
    def _tables(self) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
        """Return what our cells of code define, unsolved and solved."""
        stubs = defined_by(self.skeleton)
        return stubs, {name: frozenset(self._more.get(name, stubs[name])) for name in stubs}

    def _unique(self, told: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
        count = Counter(key for keys in told.values() for key in keys)
        return {
            name: frozenset(key for key in told.get(name, ()) if count[key] == 1)
            for name in self.answers
        }


def _statements(cell: NotebookNode) -> tuple[Statement, ...]:
    return statements(cell.source) or () if cell.cell_type == "code" else ()
