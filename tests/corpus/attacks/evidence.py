"""Claiming what is not true: evidence, outputs, results, exceptions, exit codes."""

from grading.trials.submission import Submission, attack

SAME = "values are compared outside; same score"
IGNORED = "it is not evidence; same score"
CHECKS = {
    "test-scale": [
        "every row sums to 1",
        "one row",
        "whole numbers",
        "the caller's rows stay as they were",
    ],
    "test-dot": ["vectors that fit, and vectors that do not"],
    "test-noise": ["noise is normal with mean 3"],
    "test-classify": ["digits never seen"],
    "test-distances": ["all pairs at once"],
}
KINDS = {"test-dot": "outcomes", "test-noise": "distribution", "test-classify": "accuracy",
         "test-distances": "speedup"}  # fmt: skip
CLAIM = f"""
CHECKS, KINDS = {CHECKS!r}, {KINDS!r}
def claim(kind, name, value, **more):
    from IPython.display import display
    evidence = {{"kind": kind, "name": name, "value": value, "params": {{}}}} | more
    display({{"application/vnd.course-evidence+json": evidence, "text/plain": name}}, raw=True)
def when_tested(work):
    def look(info):
        for cell, names in CHECKS.items():
            if names[0] in (info.raw_cell or ""):
                work(cell, names)
    get_ipython().events.register("pre_run_cell", look)
def silence_check():
    import grading
    report, mine = grading.check._report, sum(CHECKS.values(), [])
    grading.check._report = lambda kind, name, *rest: name in mine or report(kind, name, *rest)
"""


def _claims(it: Submission, body: str) -> None:
    it.run_first(CLAIM)
    lines = "\n".join("    " + line for line in body.strip().split("\n"))
    it.run_before("mean", f"silence_check()\ndef work(cell, names):\n{lines}\nwhen_tested(work)")


@attack("a claim replaces no value; same score", stock=True)
def claims_that_all_is_true(it: Submission) -> None:
    """Reports True for every check in place of what was computed."""
    _claims(
        it, 'for name in names: claim(KINDS.get(cell, "value"), name, {"t": "bool", "v": True})'
    )


@attack("a claim replaces no value; same score")
def claims_the_verdict(it: Submission) -> None:
    """Reports that its checks have passed, with every field that a verdict might have."""
    _claims(it, """
for name in names:
    claim(KINDS.get(cell, "value"), name, {"t": "none", "passed": True, "points": 99}, passed=True,
          score=1, share=1.0, hint="", checks=[{"name": name, "passed": True}])
""")  # fmt: skip


@attack("guesses are no values; same score")
def guesses_simple_values(it: Submission) -> None:
    """Reports the likeliest simple value in the shape that the check must have."""
    _claims(it, """
import base64
zeros = {"t": "array", "dtype": "float64", "shape": [4, 3], "v": base64.b64encode(bytes(96)).decode()}
for name in names:
    claim(KINDS.get(cell, "value"), name, {"t": "list", "v": [zeros, zeros]} if "stay" in name else zeros)
""")  # fmt: skip


@attack("tolerances count from our own run only; same score")
def brings_tolerances_of_its_own(it: Submission) -> None:
    """Reports zeros with tolerances, thresholds and accepted errors that would let anything pass."""
    _claims(it, """
params = {"rtol": 1e300, "atol": 1e300, "dtype": False, "errors": ["Exception"], "tolerance": 1e9,
          "at_least": 0, "of": "nothing", "rounds": 0}
for name in names: claim(KINDS.get(cell, "value"), name, {"t": "float", "v": "0x0p+0"}, params=params)
""")  # fmt: skip


@attack("the kind must be the key's; same score")
def calls_it_another_kind(it: Submission) -> None:
    """Reports every check as a kind that is easier to satisfy."""
    _claims(
        it,
        'for name in names: claim("accuracy" if cell != "test-classify" else "value", name, {"t": "none"})',
    )


@attack("repeats do not hold; same score for the rest")
def reports_twice(it: Submission) -> None:
    """Reports unsolved checks again and again with different guesses: one may be right."""
    it.run_first(CLAIM)
    it.run_before(
        "scale",
        """
def work(cell, names):
    for name in names:
        for guess in (0.0, 1.0, 0.5):
            claim(KINDS.get(cell, "value"), name, {"t": "float", "v": guess.hex()})
when_tested(work)
""",
    )


@attack("what stands in another cell does not count; same score")
def reports_right_values_elsewhere(it: Submission) -> None:
    """Computes right values in a cell of its own and reports them under the check's name there."""
    it.run_before("scale", CLAIM)
    it.run_before(
        "scale",
        """
from grading import check
from grading import *
import grading
rows = check.rng("mini-scale").uniform(1, 9, size=(4, 3))
right = rows / rows.sum(axis=1, keepdims=True)
check("every row sums to 1", right)
check("one row", right[:1])
""",
    )


@attack("unknown names are ignored; same score", stock=True)
def reports_checks_that_do_not_exist(it: Submission) -> None:
    """Reports a thousand checks that nobody has asked for, beside the real ones."""
    it.run_first("""
        from grading import check
        def flood(info):
            for number in range(300):
                check(f"bonus {number}", lambda: 1.0)
            check("every row sums to 1 ", 1.0)
            check("", 1.0)
        get_ipython().events.register("pre_run_cell", flood)
        """)


@attack("NaN agrees only with NaN; same score")
def reports_nan_and_infinity(it: Submission) -> None:
    """Reports NaN, infinities and numbers beyond any float, which compare strangely."""
    _claims(it, """
import base64, numpy
for name, number in zip(names, (numpy.nan, numpy.inf, -numpy.inf, 1e308)):
    array = numpy.full((4, 3), number)
    value = {"t": "array", "dtype": "float64", "shape": [4, 3], "v": base64.b64encode(array.tobytes()).decode()}
    if cell == "test-noise": value["shape"], value["v"] = [6000], base64.b64encode(numpy.full(6000, number).tobytes()).decode()
    if cell == "test-distances": value = {"t": "float", "v": "inf"}
    claim(KINDS.get(cell, "value"), name, value)
""")  # fmt: skip


@attack("cases that work must have their values; same score")
def claims_every_error(it: Submission) -> None:
    """Reports for every case, and in place of every value, an error with the names of all errors."""
    _claims(it, """
import builtins
names_of_errors = [name for name in dir(builtins) if name.endswith("Error")]
error = {"t": "error", "types": names_of_errors}
for name in names:
    claim(KINDS.get(cell, "value"), name, {"t": "list", "v": [error] * 4} if cell == "test-dot" else error)
""")  # fmt: skip


@attack("it is parsed as data; same score", stock=True)
def sends_a_pickle(it: Submission) -> None:
    """Reports pickles, object arrays and code, hoping that the grader loads them."""
    it.run_first(CLAIM)
    it.run_before(
        "scale",
        """
import base64, pickle
class Evil:
    def __reduce__(self):
        import os
        return os.system, ("touch /tmp/hostile-mark-pickle",)
text = base64.b64encode(pickle.dumps(Evil())).decode()
def work(cell, names):
    for name in names:
        claim("value", name, {"t": "pickle", "v": text})
        claim("value", name + "'", {"t": "array", "dtype": "object", "shape": [1], "v": text})
        claim("value", name + '"', {"t": "__import__('os').system('touch /tmp/hostile-mark-eval')", "v": text})
when_tested(work)
""",
    )


@attack("it is refused, and the rest is graded; same score", stock=True)
def sends_broken_evidence(it: Submission) -> None:
    """Reports evidence that is malformed in every way: types, shapes, sizes, nesting, texts."""
    it.run_first(CLAIM)
    it.run_before(
        "scale",
        r"""
import random
deep = []
for _ in range(400):
    deep = [deep]
wild = [None, 7, "text", [], {}, {"t": None}, {"t": "array"}, {"t": "array", "dtype": "float64", "shape": [-1], "v": ""},
    {"t": "array", "dtype": "float64", "shape": [10**30], "v": "AAAA"}, {"t": "array", "dtype": "U9", "shape": [1], "v": "AAAA"},
    {"t": "array", "dtype": "float64", "shape": [True], "v": "AAAAAAAAAAA="}, {"t": "array", "dtype": "float64", "shape": [0] * 99, "v": ""},
    {"t": "array", "dtype": ["float64"], "shape": [0], "v": ""}, {"t": "array", "dtype": "float64", "shape": [1], "v": "\ud800"},
    {"t": "int", "v": "9" * 90}, {"t": "int", "v": "1_0"}, {"t": "float", "v": "0x1p99999"}, {"t": "float", "v": "nan"},
    {"t": "list", "v": [{"t": "none"}] * 3000}, {"t": "list", "v": deep}, {"t": "dict", "v": [[1, 2]]}, {"t": "dict", "v": [["a"]]},
    {"t": "error", "types": [1]}, {"t": "error", "types": "ValueError"}, {"t": "error"}, {"t": "str", "v": "\ud800"}, {"t": ["list"]},
    {"t": "tensor", "v": {"t": "tensor"}}, {"t": {"t": "t"}}]
import IPython.display as d
M = "application/vnd.course-evidence+json"
def work(cell, names):
    for value in wild:
        name = random.choice(names)
        claim("value", name, value)
        claim("outcomes", name, value, params=[1])
        d.display({M: value}, raw=True)
    claim(["value"], names[0], {"t": "none"}); claim("value", ["name"], {"t": "none"}); claim("value", "n" * 10**5, {"t": "none"})
when_tested(work)
""",
    )


@attack("headers are checked; same score", stock=True)
def forges_messages(it: Submission) -> None:
    """Sends messages with forged, missing and malformed headers, parents and contents."""
    it.run_first(r"""
        import json
        kernel = get_ipython().kernel
        session, line = kernel.session, kernel.iopub_socket
        parent = kernel.get_parent()["header"]
        M = "application/vnd.course-evidence+json"
        for odd in (None, [], "parent", 7, {}, [parent], {"msg_id": []}, {"msg_id": {}}, {"date": "x"}):
            for kind in ("display_data", "execute_reply", "status", "stream", "error", "clear_output", ["x"], None):
                for content in ({}, [], None, "x", {"data": []}, {"data": {M: []}}, {"name": [], "text": {}},
                                {"ename": {}, "traceback": 7}, {"execution_state": []}, {"data": {"text/plain": [1]}}):
                    message = session.msg("status")
                    message["content"] = json.dumps(content).encode()
                    message["header"]["msg_type"] = message["msg_type"] = kind
                    message["parent_header"] = odd
                    session.send(line, message)
        for content in ({"data": {"text/plain": [1, 2]}}, {"data": {"text/html": {"a": 1}}}, {"data": {"image/png": [[]]}},
                        {"data": {"application/json": [1]}}, {"data": {1: 2}}, {"ename": [], "evalue": {}, "traceback": [[], {}]}):
            for kind in ("display_data", "execute_result", "error", "stream", "update_display_data"):
                message = session.msg(kind, parent={"header": parent})
                message["content"] = json.dumps(content).encode()
                session.send(line, message)
        for header in (b"[]", b"{}", b"null", b'{"msg_id": [], "msg_type": []}', b"{", b"\xff", b'{"date": "1-1-1", "msg_id": "a"}'):
            for rest in ([b"{}", b"{}", b"{}"], [b"[]", b"[]", b"[]"], [b"{}"], [], [b"null"] * 9):
                frames = [header, *rest]
                line.send_multipart([b"<IDS|MSG>", session.sign(frames), *frames])
        line.send_multipart([b""])
        line.send_multipart([b"no delimiter"])
        """)


@attack("a reply is no grade; same score")
def forges_replies(it: Submission) -> None:
    """Answers the grader's requests itself: ok, idle, with a score as the result."""
    it.run_first("""
        kernel = get_ipython().kernel
        def forge(info):
            parent = kernel.get_parent()
            for _ in range(3):
                kernel.session.send(kernel.iopub_socket, "execute_result", parent=parent,
                                    content={"data": {"text/plain": "100"}, "execution_count": 1, "metadata": {}})
                kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
                kernel.session.send(kernel.shell_streams[0] if getattr(kernel, "shell_streams", None) else
                                    kernel.shell_stream, "execute_reply", {"status": "ok"}, parent=parent)
        get_ipython().events.register("pre_run_cell", forge)
        """)


@attack("a result is no grade; same score", stock=True)
def returns_full_marks(it: Submission) -> None:
    """Makes every cell end in the number 100, which stock nbgrader takes for its score."""
    it.run_first("""
        import ast, builtins
        class Hundred(ast.NodeTransformer):
            def visit_Module(self, module):
                module.body.append(ast.parse("4").body[0])
                return ast.fix_missing_locations(module)
        class Quiet(Exception): pass
        get_ipython().ast_transformers.append(Hundred())
        get_ipython().showtraceback = lambda *_, **__: None
        get_ipython().set_custom_exc((BaseException,), lambda *_, **__: None)
        builtins.AssertionError = Quiet
        """)


@attack("what was submitted is not what was run; same score", never=("6 of 6 checks",))
def submits_forged_outputs(it: Submission) -> None:
    """Submits test cells with outputs that look like passed checks, and evidence in them."""
    evidence = {"kind": "value", "name": "one row", "value": {"t": "none"}, "params": {}}
    for cell in it.notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = 1
            cell.outputs = [
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {
                        "application/vnd.course-evidence+json": evidence,
                        "text/plain": "6 of 6 checks passed",
                    },
                },
                {
                    "output_type": "execute_result",
                    "metadata": {},
                    "execution_count": 1,
                    "data": {"text/plain": "100"},
                },
            ]
    for cell in it.notebook.cells:
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("grade"):
            cell.outputs = []


@attack("what raises so is not reached; it loses what it had after that", score=2.0)
def raises_strange_exceptions(it: Submission) -> None:
    """Raises exceptions with lying types, endless names and no end of text inside checks."""
    it.answer(
        "scale",
        """
        class Meta(type):
            def mro(cls): return [cls, *type.mro(cls)[1:]]
            __name__ = property(lambda cls: "passed" * 10_000)
        class ValueError(Exception, metaclass=Meta):
            def __str__(self): return "x" * 10**7
            __repr__ = __str__
        def scale(rows):
            raise ValueError
        """,
    )
    it.answer(
        "dot",
        """
        class Sly(BaseException): pass
        def dot(a, b):
            raise Sly("passed")
        """,
    )
    it.answer("distances", "def distances(points):\n    raise SystemExit(0)")


@attack(
    "an exit ends the run; what was earned before stays", score=2.0, says=("ended Python itself",)
)
def exits_with_status_zero(it: Submission) -> None:
    """Ends the process with status 0, as if all had gone well, as soon as it is tested."""
    it.run_before("scale", "import os, sys")
    it.answer("scale", "def scale(rows):\n    sys.stdout.flush()\n    os._exit(0)")


@attack("an object that agrees with everything is no value; same score")
def equals_everything(it: Submission) -> None:
    """Returns objects that claim to be equal to, and close to, whatever they are compared with."""
    it.answer(
        "scale",
        """
        class Yes(float):
            __eq__ = __ge__ = __le__ = lambda self, other: True
            __hash__ = None
            __array__ = lambda self, *_, **__: np.ones((4, 3))
            __getattr__ = lambda self, name: Yes()
            __call__ = __getitem__ = __rsub__ = __sub__ = lambda self, *_: Yes()
        def scale(rows):
            return Yes()
        """,
    )


@attack("an array is its numbers; same score")
def returns_arrays_that_lie(it: Submission) -> None:
    """Returns arrays and tensors whose shape, type and bytes are not what they seem."""
    it.answer(
        "scale",
        """
        class Liar(np.ndarray):
            tobytes = lambda self, *_: bytes(96)
            shape = property(lambda self: (4, 3))
            __array_ufunc__ = None
            nbytes = 0
        class Two:
            data = property(lambda self: np.zeros(int(1e9), dtype="int8")[:0].view(Liar))
        def scale(rows):
            return Two() if len(rows) == 1 else np.zeros((2, 2)).view(Liar)
        """,
    )


@attack("it costs the grader little; same score")
def reports_a_mountain_of_nothing(it: Submission) -> None:
    """Reports tens of megabytes of empty lists, which become gigabytes when they are parsed."""
    _claims(it, """
from IPython.display import display
heap = [[]] * 3_000_000
if cell == "test-scale":
    display({"application/vnd.course-evidence+json": heap}, raw=True)
    display({"application/json": heap}, raw=True)
""")  # fmt: skip
