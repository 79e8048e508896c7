"""Code that does not run, or runs in unexpected ways."""

from trials.submission import Submission, fault


@fault("the cell earns nothing, the others as before", score=2.0, stock=True)
def syntax_error(it: Submission) -> None:
    """An answer has a bracket too few."""
    it.append("mean", "print((1, 2)")


@fault(
    "the error is told by its kind and line; same score", says=("ZeroDivisionError",), stock=True
)
def an_error_between(it: Submission) -> None:
    """A cell of the student's own raises an error, before a test has run."""
    it.run_before("mean", "x = 1\ny = 1 / 0")


@fault("a warning costs nothing; same score", stock=True)
def warnings(it: Submission) -> None:
    """Right code writes warnings to stderr."""
    it.append(
        "mean",
        """
        import sys, warnings
        right = mean
        def mean(numbers):
            warnings.warn("numbers should be sorted")
            print("computing", file=sys.stderr)
            return right(numbers)
        """,
    )


@fault("no one can answer; same score", says=("raised an error",), stock=True)
def asks_for_input(it: Submission) -> None:
    """A cell asks for input, another for a password."""
    it.run_first("name = input('Your name? ')")
    it.run_first("import getpass\ngetpass.getpass()")


@fault("they are missing or do nothing; same score", stock=True)
def widgets(it: Submission) -> None:
    """A cell shows sliders, another opens communication with a browser that is not there."""
    it.run_first("import ipywidgets\nipywidgets.IntSlider()")
    it.run_first(
        "from comm import create_comm\ncreate_comm(target_name='jupyter.widget', data={'state': {}})"
    )


@fault("they run inside; same score", stock=True)
def shell_escapes(it: Submission) -> None:
    """Cells call the shell with !, !! and %%bash, in the background, too."""
    it.run_first("!echo hello && ls -la | head -3\nfiles = !ls\n!!date")
    it.run_first("%%bash\necho from bash; exit 3")
    it.run_first("%%bash --bg\nsleep 60")
    it.run_first("get_ipython().system('sleep 60 &')")


@fault("they run inside; same score", stock=True)
def magics(it: Submission) -> None:
    """Cells use magics: timeit, run, load, matplotlib, store, history, reset of names, unknown ones."""
    for line in ("%timeit -n 1 -r 1 sum(range(10))", "%matplotlib widget", "%matplotlib inline", "%history", "%who",
                 "%run missing.py", "%load missing.py", "%unknown", "%%unknown\nx", "%pip install x", "%store x",
                 "%autoreload 2", "%debug", "%pdb on", "%env", "%cd /tmp", "%cd -", "%xmode Verbose", "%colors NoColor"):  # fmt: skip
        it.run_first(line)


@fault("the debugger has no one to talk to; same score")
def breakpoints(it: Submission) -> None:
    """A cell stops at a breakpoint."""
    it.run_first("import pdb\npdb.set_trace()")
    it.run_first("breakpoint()")


@fault("it runs; same score", stock=True)
def asynchronous_code(it: Submission) -> None:
    """Cells await at the top level, start tasks that never end, and nest event loops."""
    it.run_first(
        "import asyncio\nawait asyncio.sleep(0.01)\ntask = asyncio.ensure_future(asyncio.sleep(10**6))"
    )
    it.run_first("import asyncio\nasyncio.run(asyncio.sleep(0))")
    it.run_first(
        "import asyncio\nasync def spin():\n    while True:\n        await asyncio.sleep(0)\nasyncio.ensure_future(spin())"
    )


@fault("the tests still find what they need; same score")
def throws_names_away(it: Submission) -> None:
    """The student's last cells delete names, change the folder and redefine what tests use."""
    it.run_before("scale", "%reset -f")
    it.run_before(
        "scale", "import numpy as np\nimport os\nos.chdir('/')\nlist = dict = print = None"
    )
    it.run_before("distances", "import builtins\nprint = builtins.print\n" + _DISTANCES)
    it.run_before("think", "del np, mean, distances")


_DISTANCES = """
def distances_one_by_one(points):
    return np.array([[np.sqrt(((a - b) ** 2).sum()) for b in points] for a in points])
"""


@fault("tests have names of their own; same score")
def breaks_numpy(it: Submission) -> None:
    """The student assigns to names of NumPy by accident."""
    it.run_before("scale", "np.random = None\nnp.array = list")


@fault("nothing can run any more, which costs only this student; what came before stays", score=2.0)
def breaks_python(it: Submission) -> None:
    """A cell empties sys.modules and removes builtins."""
    it.run_before(
        "scale",
        """
        import sys, builtins
        for name in ("isinstance", "len", "getattr", "__import__", "print", "repr", "str", "Exception"):
            delattr(builtins, name)
        sys.modules.clear()
        """,
    )
