"""Cells of honest notebooks do in the sandbox, warm and cold, what they do in Jupyter."""

import re
from pathlib import PurePath

import pytest

from grading.sandbox.archive import NOTHING, pack_files
from grading.sandbox.kernel import Files, SealedKernel
from grading.sandbox.settings import Sandbox

pytestmark = pytest.mark.slow

FILES = [
    (PurePath("helper.py"), b"x = 7"),
    (PurePath("script.py"), b"print(__name__)"),
    (PurePath("data.txt"), b"mine"),
]
NO_INPUT = "error: StdinNotImplementedError"
# What a cell shows: the texts of its streams, the kinds of what it displays, the name of its error.
CELLS = {
    "a result": ("1 + 1", "execute_result: 2"),
    "nothing of the template's": (
        "print(sorted(name for name in globals() if not name.startswith('_')), _, __, Out)",
        "stdout: ['In', 'Out', 'exit', 'get_ipython', 'open', 'quit'] 2  {1: 2}",
    ),
    "the history": (
        "2 + 2\nprint(len(In), In[1], _1)",
        "stdout: 4 1 + 1 2",
    ),
    "a suppressed result": ("3;", ""),
    "random numbers": (
        "import random, numpy as np\nrandom.random() == random.random()",
        "execute_result: False",
    ),
    "seeded numbers": (
        "np.random.seed(0); random.seed(0)\n"
        "print(round(np.random.rand(), 4), round(random.random(), 4))",
        "stdout: 0.5488 0.8444",
    ),
    "main": ("print(__name__, '__file__' in globals())", "stdout: __main__ False"),
    "arguments": ("import sys; print(sys.argv[1:], sys.flags.interactive)", "stdout: [] 0"),
    "the folder": (
        "import os; print(os.getcwd(), os.environ['PWD'])",
        "stdout: /home/student /home/student",
    ),
    "files beside the notebook": (
        "import helper; print(open('data.txt').read(), helper.x, helper.__file__)",
        "stdout: mine 7 /home/student/helper.py",
    ),
    "a script": ("get_ipython().run_line_magic('run', 'script.py')", "stdout: __main__"),
    "an error": ("1 / 0", "error: ZeroDivisionError"),
    "an error in a function": ("def f():\n    raise ValueError('deep')\nf()", "error: ValueError"),
    "a mistake in syntax": ("x = (", "error: SyntaxError"),
    "a failed assert": ("assert 1 == 2, 'one is not two'", "error: AssertionError"),
    "the last error": ("print(sys.last_type.__name__)", "stdout: AssertionError"),
    "SystemExit": ("raise SystemExit", "error: SystemExit|stderr: …To exit: use 'exit'…"),
    "printing": (
        "print('a', flush=True); print('b', file=sys.stderr, flush=True); print('c')",
        "stdout: a|stderr: b|stdout: c",
    ),
    "bytes cannot be printed": ("sys.stdout.write(b'x')", "error: TypeError"),
    "a progress bar": (
        "for i in range(3): print(f'\\r{i}', end='', file=sys.stderr)",
        "stderr: \\r0\\r1\\r2",
    ),
    "odd characters": ("print('ü', '\U0001f600')", "stdout: ü \U0001f600"),
    "a long text": ("print(len('x' * 200_000), 'x' * 200_000)", "stdout: 200000 " + "x" * 200_000),
    "displays": (
        "from IPython.display import HTML, clear_output, display, update_display\n"
        "shown = display('a', display_id=True); shown.update('b'); display(HTML('<b>x</b>'))",
        "display_data: 'a'|update_display_data: 'b'|display_data: <IPython…HTML object>",
    ),
    "cleared output": (
        "print('x'); clear_output(wait=True); print('y')",
        "stdout: x|clear_output|stdout: y",
    ),
    "captured output": ("%%capture caught\nprint('x'); display('y')", ""),
    "what was captured": (
        "print(repr(caught.stdout), len(caught.outputs))",
        "stdout: 'x\\\\n' 1",
    ),
    "how long it took": ("%%time\nx = 1", "stdout: CPU times: …"),
    "how long it takes": ("%timeit -n 1 -r 1 pass", "stdout: …"),
    "saving": ("%autosave 0", "display_data|stdout: Autosave disabled"),
    "await": (
        "import asyncio\nasync def f(): return 7\nawait asyncio.sleep(0)\nawait f()",
        "execute_result: 7",
    ),
    "a thread that prints": (
        "import threading\n"
        "thread = threading.Thread(target=print, args=('x',)); thread.start(); thread.join()",
        "stdout: x",
    ),
    "a pool of processes": (
        "import multiprocessing\n"
        "class Boxed:\n    def __init__(self, value): self.value = value\n"
        "def work(x):\n    print('child')\n    return Boxed(2 * x)\n"
        "print('before', end=' ')\n"
        "with multiprocessing.Pool(1) as pool:\n"
        "    print([one.value for one in pool.map(work, [1, 2])])",
        "stdout: before child child [2, 4]",
    ),
    "a forked process": (
        "print('parent', end=' ')\nprint('waits', end=' ')\n"
        "if os.fork() == 0:\n    print('child'); os._exit(0)\n"
        "_ = os.wait()",
        "stdout: child parent waits ",
    ),
    "pickled": (
        "import pickle; print(pickle.loads(pickle.dumps(Boxed(3))).value, Boxed.__module__)",
        "stdout: 3 __main__",
    ),
    "a program": (
        "import subprocess; print(subprocess.check_output(['echo', 'x'], text=True).strip())",
        "stdout: x",
    ),
    "a shell": ("!echo x\nnames = !ls data.txt\nprint(names)", "stdout: x ['data.txt']"),
    "a cell of the shell": ("%%bash\necho x", "stdout: x"),
    "a system call": ("print(os.system('exit 3') >> 8)", "stdout: 3"),
    "a question": ("input('?')", NO_INPUT),
    "a question for a password": ("import getpass; getpass.getpass()", NO_INPUT),
    "a debugger": ("1 + 1; breakpoint()", "stdout: …|" + NO_INPUT),
    "a warning": (
        "import warnings; warnings.warn('careful')",
        "stderr: <ipython-input> UserWarning: careful import warnings; warnings.warn('careful')",
    ),
    "a log": (
        "import logging; logging.warning('x'); logging.info('y'); len(logging.root.handlers)",
        "stderr: WARNING:root:x|execute_result: 1",
    ),
    "a figure at the end of a cell": (
        "%matplotlib inline\nfrom matplotlib import pyplot as plt\nplt.plot([1, 2])\nNone",
        "display_data: <Figure size 640x480 with 1 Axes> image/png",
    ),
    "a figure that is shown": (
        "plt.plot([1, 2]); plt.show(); print(plt.get_fignums())",
        "display_data: <Figure size 640x480 with 1 Axes> image/png|stdout: []",
    ),
    "a figure that was closed": ("plt.plot([1, 2]); plt.close()", ""),
    "where figures go": ("plt.get_backend()", "execute_result: 'inline'"),
    "windows": ("get_ipython().enable_gui('qt')", "stderr: UsageError: …"),
    "a file written": ("%%writefile new.txt\nx", "stdout: Writing new.txt"),
    "magic that writes beside the profile": (
        "kept = 1\n%store kept\n%store -r kept",
        "stdout: Stored 'kept' (int)",
    ),
    "modules that are loaded anew": ("%load_ext autoreload\n%autoreload 2", ""),
    "help": ("?print", ""),
    "temporary files": (
        "import tempfile\nwith tempfile.NamedTemporaryFile() as file: print(file.name[:5])",
        "stdout: /tmp/",
    ),
    "its own process": (
        "print(open('/proc/self/environ').read()[:0], os.path.exists('/proc/self/io'))",
        "stdout:  True",
    ),
    "ending standard output": (
        "import io; old, sys.stdout = sys.stdout, io.StringIO(); print('x'); sys.stdout = old",
        "",
    ),
    "and after": ("print('still here')", "stdout: still here"),
}


def shown(messages):
    """Return what messages show, in a line."""
    seen = []
    for message in messages:
        kind, data = message["msg_type"], message.get("data", {})
        if kind == "stream":
            if seen and seen[-1][0] == message["name"]:
                seen[-1][1] += message["text"]
            else:
                seen.append([message["name"], message["text"]])
        elif kind == "error":
            seen.append([kind, message["ename"]])
        elif kind != "execute_reply":
            picture = " image/png" if "image/png" in data else ""
            seen.append([kind, data.get("text/plain", "") + picture])
    return "|".join(f"{kind}: {tidy(text)}" if text else kind for kind, text in seen)


def tidy(text):
    text = re.sub(r"<ipython-input-[^>]*>:\d+:", "<ipython-input>", text)
    text = re.sub(r"(\r?\n)+ *", " ", text.rstrip("\r\n")).replace("\r", "\\r")
    return text.replace("\\n", "\\\\n")


@pytest.fixture(scope="module", params={"warm": True, "cold": False})
def notebook(request):
    """Run all cells in one kernel; return what each shows."""
    settings = Sandbox(warm=request.param == "warm", pictures=True)
    with SealedKernel(settings, Files(pack_files(FILES), NOTHING, NOTHING), "the salt") as kernel:
        assert not kernel.cold
        return {name: shown(kernel.execute(source)) for name, (source, _) in CELLS.items()}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_shows_what_it_shows_in_jupyter(notebook, name):
    pattern = re.escape(CELLS[name][1]).replace("…", ".*")
    assert re.fullmatch(pattern, notebook[name], re.DOTALL), notebook[name]


DRAW = "import numpy as np, random, uuid; print(np.random.rand(), random.random(), uuid.uuid4())"


def test_two_runs_draw_different_numbers(way):
    drawn = []
    for _ in range(2):
        with SealedKernel(Sandbox(**way), Files(NOTHING, NOTHING, NOTHING), "the salt") as kernel:
            drawn.append(shown(kernel.execute(DRAW)).split())
    assert not set(drawn[0][1:]) & set(drawn[1][1:])
