"""What the grader is told: broken evidence, forged messages, floods of nothing."""

from trials.snippets import CLAIM, claims
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
