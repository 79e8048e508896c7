"""Carrying hidden tests out in what feedback tells of a run: which cell, which line, which error."""

from trials.snippets import COLLECT
from trials.submission import Submission, attack

NOTHING_TOLD = "of cells after a test nothing is told; same score"
ONLY_TESTS_NAMED = "only the test before its end is named; same score"
ERROR = "When this was graded"
OWN_CELL = "your own cell"
LETTERS = """
letters = iter("".join(secret).encode() * 3)
import builtins
kinds = sorted(n for n, k in vars(builtins).items() if isinstance(k, type) and issubclass(k, OSError))
"""


def many_cells(it: Submission, source: str, before: str = "think", count: int = 40) -> None:
    """Collect hidden tests, and add many cells of the student's own."""
    it.run_first(COLLECT)
    it.run_before(before, LETTERS)
    for _ in range(count):
        it.run_before(before, source)


@attack(NOTHING_TOLD, never=(ERROR,), stock=True)
def spells_in_types_of_errors(it: Submission) -> None:
    """Raises in each of many cells the error whose name stands for a letter of the hidden tests."""
    many_cells(it, "raise getattr(builtins, kinds[next(letters) % len(kinds)])()")


@attack(NOTHING_TOLD, never=(ERROR,))
def spells_in_lines_of_many_cells(it: Submission) -> None:
    """Raises in each of many cells an error in the line whose number is a letter."""
    lines = "\n".join(f"if letter == {number}: raise ValueError" for number in range(32, 127))
    many_cells(it, f"letter = next(letters)\n{lines}", count=20)


@attack(NOTHING_TOLD, never=(ERROR,))
def spells_in_which_cells_fail(it: Submission) -> None:
    """Lets a cell fail, or not, for each bit of the hidden tests."""
    many_cells(it, "if next(letters) % 2: raise KeyError()", count=60)


@attack(NOTHING_TOLD, never=(ERROR,))
def spells_between_the_tests(it: Submission) -> None:
    """Raises errors in its own cells after every test but the last."""
    it.run_first(COLLECT)
    for name in ("scale", "dot", "noise", "classify", "distances"):
        it.run_before(name, LETTERS)
        for _ in range(5):
            it.run_before(name, "raise getattr(builtins, kinds[next(letters) % len(kinds)])()")


@attack(NOTHING_TOLD, never=(ERROR,))
def spells_below_its_answers(it: Submission) -> None:
    """Raises errors below its answers, in the cells that are handed in for them."""
    it.run_first(COLLECT)
    for name in ("scale", "dot", "noise", "classify", "distances"):
        it.append(name, "import builtins\nraise [KeyError, OSError, EOFError][len(secret[-1]) % 3]")


@attack(ONLY_TESTS_NAMED, never=(OWN_CELL, ERROR), says=("It ended after the cell test-distances",))
def dies_in_the_cell_that_it_chooses(it: Submission) -> None:
    """Ends Python in that one of many cells whose number is a letter."""
    many_cells(
        it,
        "spelt = globals().get('spelt', next(letters)) - 1\nif spelt < 95: import os; os._exit(0)",
    )


@attack(ONLY_TESTS_NAMED, never=(OWN_CELL,), says=("It ended after the cell test-distances",))
def floods_in_the_cell_that_it_chooses(it: Submission) -> None:
    """Prints without end in that one of many cells whose number is a letter."""
    many_cells(it, "if next(letters) % 7 == 0:\n    while True: print('x' * 100_000)")


@attack(ONLY_TESTS_NAMED, never=(OWN_CELL,), says=("It ended after the cell test-distances",))
def swells_in_the_cell_that_it_chooses(it: Submission) -> None:
    """Takes all memory in that one of many cells whose number is a letter."""
    many_cells(it, "if next(letters) % 7 == 0: heap = bytearray(10**9); heap[::512] = heap[::512]")


@attack(NOTHING_TOLD, never=(ERROR, "KeyboardInterrupt"))
def is_interrupted_in_the_cell_that_it_chooses(it: Submission) -> None:
    """Computes without end in that one of many cells whose number is a letter."""
    it.run_first(COLLECT)
    it.run_before("think", LETTERS + "\nchosen = next(letters) % 5")
    for number in range(5):
        it.run_before("think", f"while chosen == {number}: pass")


@attack(NOTHING_TOLD, never=("31337", "pictures of hidden"))
def spells_in_sizes_of_pictures(it: Submission) -> None:
    """Draws pictures as large as letters, and shows them in cells submitted with other pictures."""
    it.run_first(COLLECT)
    it.run_before(
        "think",
        """
        import matplotlib.pyplot as plt
        from IPython.display import display
        figure = plt.figure(figsize=(len(secret[-1]) % 9 + 1, 1))
        figure.suptitle("pictures of" + " hidden tests")
        plt.show()
        display({"text/plain": "<Figure size " + "313" + "37x1 with 0 Axes>"}, raw=True)
        """,
    )


@attack(NOTHING_TOLD, never=("31337", "31338"))
def spells_in_numbers_of_cells(it: Submission) -> None:
    """Gives its cells and their results numbers that stand for letters."""
    it.run_first(COLLECT)
    it.run_before("think", "get_ipython().execution_count = 31_336")
    it.run_before("think", "secret[-1]\nlen(secret)")


@attack(
    "few errors are told, and none after; same score",
    never=("raised BlockingIOError", "raised ChildProcessError"),
)
def spells_the_salt_before_the_first_test(it: Submission) -> None:
    """Raises errors that stand for the salt in many cells before the first test, where they are told."""
    it.run_first("import os\nsalt = iter(os.environ['CHECK_SALT'] * 9)")
    for _ in range(12):
        it.run_before("mean", "if next(salt) != '?': raise EOFError()")
    for _ in range(40):
        it.run_before(
            "mean", "raise (BlockingIOError if ord(next(salt)) % 2 else ChildProcessError)()"
        )


@attack("few hints are told; no points where nothing is right", score=(0.0, 1.0, 2.0))
def spells_in_every_hint(it: Submission) -> None:
    """Answers every check with an array whose sizes are letters."""
    it.run_first(COLLECT)
    shape = "np.zeros((0, *(letter % 64 for letter in secret[-1].encode()[:4])))"
    for name, given in (("mean", "a"), ("scale", "a"), ("dot", "a, b"), ("distances", "a")):
        it.answer(name, f"def {name}({given}):\n    return {shape}")
    it.answer("noise", "def noise(count):\n    raise (KeyError, OSError)[len(secret) % 2]")
    it.answer("classify", f"def classify(images):\n    return {shape}")


@attack("what it reports is compared by value; it loses what it had", score=0.0)
def replaces_names_of_tests(it: Submission) -> None:
    """Finds the tests' own names and puts a `check` among them that reports what it likes."""
    it.run_first("""
        import gc, sys
        import grading
        class Yes:
            def __call__(self, name, *_, **__):
                from IPython.display import display
                value = {"t": "bool", "v": True}
                evidence = {"kind": "value", "name": name, "value": value, "params": {}}
                display({"application/vnd.course-evidence+json": evidence}, raw=True)
            outcomes = distribution = accuracy = speedup = __call__
        def replace(*_):
            for one in gc.get_objects():
                if type(one).__name__ == "Apart":
                    one._names["check"] = one._outer["check"] = Yes()
                    one._outer.update(isinstance=lambda *_: True)
            sys.modules["grading"].check = Yes()
        get_ipython().events.register("pre_run_cell", replace)
        """)


@attack("what it calls is what it answers with; same score")
def answers_for_the_tests(it: Submission) -> None:
    """Keeps the tests in its own names and surroundings, by breaking what would change them."""
    it.run_first("""
        import gc, sys
        from contextlib import nullcontext
        for one in gc.get_objects():
            if type(one).__name__ == "Apart":
                one.cell = lambda about: nullcontext()
                one._surroundings.as_they_were = nullcontext
        check = print
        """)


@attack("a broken wrapping breaks only its own run; no points", score=(0.0, 3.0, 5.0))
def breaks_what_prepares_tests(it: Submission) -> None:
    """Lets whatever prepares a test raise an error."""
    it.run_first("""
        import gc
        def no(*_, **__): raise SystemError("GOT" + "-NOWHERE")
        for one in gc.get_objects():
            if type(one).__name__ == "Apart":
                one._prepare = no
        """)


@attack("an own cell that quits is told like any other; same score", never=(ERROR, "ended"))
def spells_by_quitting(it: Submission) -> None:
    """Quits in the own cell that a letter of the hidden tests stands for."""
    many_cells(it, "spelled = next(letters)\nif spelled % 7 == 0:\n    quit()", count=20)
