"""What students write around their answers: magics, prompts, wrappers, modules of their own."""

import textwrap

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from trials.submission import Change, Submission, honest

FULL = "it costs nothing; full marks"
PERSON = "a person decides"

OWN_CELLS = {
    "asks_for_a_name": ("A cell asks for input.", "name = input('Your name: ')\nprint(name)"),
    "quits_in_the_middle": ("Cells quit, as one would in a terminal.", "quit()\nexit()"),
    "exits_the_system": ("A cell ends Python.", "import sys\nsys.exit(0)"),
    "resets_at_the_top": ("A cell forgets all names, above everything.", "%reset -f"),
    "installs_a_widget": ("A cell uses widgets.", "%matplotlib widget\nimport ipywidgets"),
    "prints_into_a_file": (
        "A cell sends what is printed into a file, and never back.",
        "import sys\nsys.stdout = sys.stderr = open('log.txt', 'w')",
    ),
    "closes_the_output": ("A cell closes what is printed to.", "import sys\nsys.stdout.close()"),
    "works_in_a_thread": (
        "A cell starts a thread that goes on working.",
        "import threading, time\nthreading.Thread(target=time.sleep, args=[30]).start()",
    ),
    "notes_in_a_cell_of_code": (
        "Notes stand in a cell of code.",
        "I don't know why this works\n(but it does!)",
    ),
    "a_session_pasted": (
        "A terminal's session was pasted.",
        "$ python\n>>> sum([1, 2])\n3\nTraceback (most recent call last):",
    ),
    "another_language": ("A cell is in another language.", "%%javascript\nalert('hello')"),
    "a_shell": ("Cells call the shell.", "!ls\n%pwd\nfiles = !ls data\nprint?"),
    "lists_what_there_is": ("A cell lists names and times itself.", "%whos\n%timeit -n1 -r1 1+1"),
    "shows_tracebacks_shortly": ("A cell changes how errors are shown.", "%xmode minimal\n%pdb on"),
    "imports_everything": (
        "Cells import everything there is from modules with names of ours.",
        "from math import *\nfrom statistics import *\nfrom random import *\nfrom os import *",
    ),
    "calls_numpy_otherwise": (
        "A cell imports another module under NumPy's short name.",
        "import math as np\nimport numpy",
    ),
    "awaits_something": ("A cell awaits.", "import asyncio\nawait asyncio.sleep(0.01)"),
    "stops_at_a_breakpoint": (
        "A cell has a breakpoint.",
        "def probe():\n    breakpoint()\nprobe()",
    ),
}


def _with(how: str, about: str, source: str) -> Change:
    def change(it: Submission) -> None:
        it.run_first(source)

    change.__name__ = how
    change.__doc__ = about
    change.__module__ = __name__
    return honest(FULL)(change)


for _how, (_about, _source) in OWN_CELLS.items():
    globals()[_how] = _with(_how, _about, _source)


@honest(FULL)
def answers_that_are_timed(it: Submission) -> None:
    """Answers begin with a magic that times or captures their cell."""
    it.answer("mean", f"%%time\n{it.cell('mean').source}")
    it.answer("dot", f"%%capture out\n{it.cell('dot').source}")


@honest(FULL)
def answers_that_are_timed_and_stripped(it: Submission) -> None:
    """Answers begin with a magic, and all metadata are gone."""
    answers_that_are_timed(it)
    for number, cell in enumerate(it.notebook.cells):
        cell["metadata"], cell["id"] = NotebookNode(), f"new-{number}"


@honest(FULL)
def answers_under_conditions(it: Submission) -> None:
    """Answers stand below `if` and `try`, and all metadata are gone."""
    indented = textwrap.indent(it.cell("mean").source, "    ")
    it.answer("mean", f"if True:\n{indented}")
    indented = textwrap.indent(it.cell("dot").source, "    ")
    it.answer("dot", f"try:\n{indented}\nfinally:\n    pass")
    for number, cell in enumerate(it.notebook.cells):
        cell["metadata"], cell["id"] = NotebookNode(), f"new-{number}"


@honest(FULL)
def an_answer_wrapped_in_another_name(it: Submission) -> None:
    """The function has another name, and the wanted one is given to it below, in a fresh cell."""
    it.answer("mean", it.cell("mean").source.replace("def mean(", "def my_mean("))
    place = it.notebook.cells.index(it.cell("mean"))
    it.notebook.cells.insert(place + 1, new_code_cell("mean = my_mean"))
    it.rewritten.append("mean = my_mean")


@honest(FULL)
def answers_that_are_lambdas_and_methods(it: Submission) -> None:
    """One answer is a lambda, one a method of an object of the student's own class."""
    it.answer("mean", "mean = lambda numbers: float(np.sum(numbers) / np.size(numbers))")
    source = textwrap.indent(it.cell("dot").source.replace("dot(a, b)", "dot(self, a, b)"), "    ")
    it.answer("dot", f"class Mine:\n{source}\n\ndot = Mine().dot")


@honest(FULL)
def answers_with_types_and_decorators(it: Submission) -> None:
    """Answers have annotations, keyword defaults and a decorator of the student's own."""
    it.run_first("import functools\ndef logged(f):\n    @functools.wraps(f)\n    def g(*a, **k):"
                 "\n        print(f.__name__)\n        return f(*a, **k)\n    return g")  # fmt: skip
    source = it.cell("mean").source
    it.answer(
        "mean", "@logged\n" + source.replace("(numbers)", "(numbers: 'list[float]') -> float", 1)
    )


@honest(FULL)
def answers_in_a_module_beside_it(it: Submission) -> None:
    """The answers are in a module beside the notebook, and each cell imports its own."""
    names = ("mean", "scale", "dot")
    text = "\n\n".join(it.cell(name).source for name in names)
    it.add_file("my_answers.py", f"import numpy as np\n\n{text}\n")
    for name in names:
        it.answer(name, f"import my_answers\n{name} = my_answers.{name}")


@honest(FULL)
def an_answer_written_to_a_file_first(it: Submission) -> None:
    """A cell writes a module, and the answer's cell runs it."""
    source = it.cell("mean").source
    it.run_before("mean", f"%%writefile mine.py\nimport numpy as np\n\n{source}")
    it.answer("mean", "%run mine.py")


@honest(FULL)
def written_answer_in_raw_text(it: Submission) -> None:
    """The written answer's cell has become one of raw text."""
    place = it.notebook.cells.index(it.cell("think"))
    it.notebook.cells[place] = new_raw_cell(
        it.cell("think").source, metadata=it.cell("think").metadata
    )


@honest(FULL)
def an_answer_made_markdown_by_a_key(it: Submission) -> None:
    """Pressing M has made an answer Markdown, and its id is another."""
    place = it.notebook.cells.index(it.cell("scale"))
    cell = new_markdown_cell(it.cell("scale").source, metadata=it.cell("scale").metadata)
    it.notebook.cells[place] = cell


@honest(FULL)
def an_answer_made_markdown_without_metadata(it: Submission) -> None:
    """An answer has become Markdown, and all metadata are gone."""
    place = it.notebook.cells.index(it.cell("scale"))
    it.notebook.cells[place] = new_markdown_cell(it.cell("scale").source)
    for number, cell in enumerate(it.notebook.cells):
        cell["metadata"], cell["id"] = NotebookNode(), f"new-{number}"


@honest(PERSON, waits=True)
def an_answer_fenced_in_markdown(it: Submission) -> None:
    """The answer was pasted from a chat, in Markdown with its fences, below the untouched stub."""
    source = it.cell("scale").source
    it.cell("scale").source = it.stubs["scale"]
    place = it.notebook.cells.index(it.cell("scale"))
    it.notebook.cells.insert(place + 1, new_markdown_cell(f"```python\n{source}\n```"))


@honest(PERSON, waits=True)
def an_answer_pasted_with_its_fences(it: Submission) -> None:
    """The answer was pasted from a chat into its cell, with the fences of Markdown."""
    it.answer("scale", f"```python\n{it.cell('scale').source}\n```")


@honest(FULL)
def two_students_one_notebook(it: Submission) -> None:
    """The halves of a pair were pasted together: solved and unsolved cells alternate."""
    names = [name for name in it.stubs if name != "think"]
    for number, name in enumerate(names):
        cell = it.cell(name)
        place = it.notebook.cells.index(cell)
        stub = NotebookNode({**cell, "source": it.stubs[name], "id": f"other-{number}"})
        it.notebook.cells.insert(place + number % 2, stub)
