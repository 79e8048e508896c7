"""What the grader is told: broken evidence, forged messages, floods of nothing."""

from trials.snippets import CLAIM, WIRE, claims
from trials.submission import Submission, attack


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


@attack("what is no message is left out; same score")
def forges_messages(it: Submission) -> None:
    """Sends messages with forged, missing and malformed types, cells and contents."""
    it.run_first(
        WIRE
        + r"""
M = "application/vnd.course-evidence+json"
here = cell_now()
contents = ({}, {"data": []}, {"data": {M: []}}, {"name": [], "text": {}}, {"ename": {}, "traceback": 7},
            {"data": {"text/plain": [1, 2]}}, {"data": {"text/html": {"a": 1}}}, {"data": {"image/png": [[]]}},
            {"data": {"application/json": [1]}}, {"ename": [], "evalue": {}, "traceback": [[], {}]}, {"data": {M: {M: M}}})
for kind in ("display_data", "execute_result", "stream", "error", "clear_output", "interrupted", "ready", "first", "x"):
    for cell in (here, here + 1, None, [], {}, str(here), float(here), -1, 1e400):
        for content in contents:
            tell(kind, cell, **content)
for odd in (b"", b"{", b"[]", b"null", b"7", b"\xff", b'"x"', b"{}", b'{"msg_type": 7}', b'{"msg_type": ["stream"]}', b"NaN"):
    channel.send(b"W" + odd)
""",
    )


@attack("a reply is no grade; same score")
def forges_replies(it: Submission) -> None:
    """Answers for cells that are still to come: ok, with a score as the result."""
    it.run_first(
        WIRE
        + """
def forge(info):
    for cell in range(cell_now() + 1, cell_now() + 40):
        tell("execute_result", cell, data={"text/plain": "100"}, execution_count=1, metadata={})
        tell("execute_reply", cell, status="ok")
get_ipython().events.register("pre_run_cell", forge)
"""
    )


@attack("what comes after the reply belongs to no cell; no points", score=0.0)
def answers_in_advance(it: Submission) -> None:
    """Answers for every cell before it runs, with a score as the result."""
    it.run_first(
        WIRE
        + """
def forge(info):
    tell("execute_result", cell_now(), data={"text/plain": "100"}, execution_count=1, metadata={})
    tell("execute_reply", cell_now(), status="ok")
get_ipython().events.register("pre_run_cell", forge)
"""
    )


@attack("it ends the run; no points", score=0.0)
def sends_a_message_without_end(it: Submission) -> None:
    """Sends parts of a message, and never its last."""
    it.run_first(WIRE + 'while True:\n    channel.send(b"P" + bytes(60_000))')


@attack("it ends the run; no points", score=0.0)
def sends_packets_of_nothing(it: Submission) -> None:
    """Sends the smallest packets there are, as fast as it can."""
    it.run_first(WIRE + 'while True:\n    channel.send(b"W")')


@attack("it is read within bounds; same score")
def sends_deep_and_large_json(it: Submission) -> None:
    """Sends JSON that is nested without end, numbers without end, and many empty things."""
    it.run_first(
        WIRE
        + r"""
def long(text):
    for start in range(0, len(text), 60_000):
        channel.send((b"P" if start + 60_000 < len(text) else b"L") + text[start : start + 60_000])
for odd in (b"[" * 50_000, b'{"a":' * 10_000, b"9" * 50_000, b'{"msg_type": "stream", "cell": 1, "text": ' + b"9" * 40_000 + b"}"):
    channel.send(b"W" + odd)
long(b'{"msg_type": "display_data", "cell": ' + str(cell_now()).encode() + b', "data": {"x": [' + b"[]," * 400_000 + b"[]]}}")
long(b'{"msg_type": "stream", "name": "stdout", "cell": ' + b"[" * 1_000_000)
"""
    )


@attack("it is unknown or repeated; same score")
def lets_children_report(it: Submission) -> None:
    """Leaves processes behind that report evidence for every later cell, in its name."""
    it.run_first(
        WIRE
        + CLAIM
        + """
import time
if os.fork() == 0:
    unsolved = ("all pairs at once", "digits never seen", "vectors that fit, and vectors that do not")
    for _ in range(8):
        for cell in range(1, 40):
            for name in unsolved:
                evidence = {"kind": "value", "name": name, "value": {"t": "none"}, "params": {}}
                data = {"application/vnd.course-evidence+json": evidence, "text/plain": name}
                tell("display_data", cell, data=data, metadata={})
        time.sleep(0.02)
    os._exit(0)
"""
    )


@attack("the grader takes none; same score")
def passes_descriptors(it: Submission) -> None:
    """Passes open files, and its channel itself, over its channel, as many as it may."""
    it.run_first(
        WIRE
        + """
message = b"W" + json.dumps({"msg_type": "status", "cell": cell_now()}).encode()
null = os.open("/dev/null", os.O_RDWR)
for _ in range(200):
    try:
        socket.send_fds(channel, [message], [null, channel.fileno()] * 20)
    except OSError as error:
        print(error)
"""
    )


@attack("it has nobody to report to; no points", score=0.0)
def closes_its_channel(it: Submission) -> None:
    """Closes everything that it was started with, and goes on."""
    it.run_first("import os\nos.closerange(3, 200)\nfor _ in range(10**9): pass")


@attack("what is said elsewhere is not heard; no points", score=0.0)
def replaces_its_channel(it: Submission) -> None:
    """Puts a socket of its own in the channel's and the clock's place, which says yes to all."""
    it.run_first(
        WIRE
        + """
near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
for name in os.listdir("/proc/self/fd"):
    if int(name) > 2 and int(name) not in (near.fileno(), far.fileno()):
        try:
            os.dup2(near.fileno(), int(name))
        except OSError:
            pass
"""
    )


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


@attack("it costs the grader little; same score")
def reports_a_mountain_of_nothing(it: Submission) -> None:
    """Reports tens of megabytes of empty lists, which become gigabytes when they are parsed."""
    claims(it, """
from IPython.display import display
heap = [[]] * 3_000_000
if cell == "test-scale":
    display({"application/vnd.course-evidence+json": heap}, raw=True)
    display({"application/json": heap}, raw=True)
""")  # fmt: skip
