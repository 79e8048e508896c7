"""Code that several attacks run inside: reporting false evidence, speaking to the clock."""

from trials.submission import Submission

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

TALK = """
import json, os, socket, numpy as np
def connect():
    line = socket.socket(fileno=os.dup(int(os.environ["CHECK_CLOCK_FD"])))
    return line.makefile("rwb")
def ask(line, message):
    line.write(json.dumps(message).encode() + b"\\n")
    line.flush()
    return json.loads(line.readline())
def start(line, name, side, number):
    return ask(line, {"do": "start", "name": name, "side": side, "round": number})["seed"]
def stop(line, value):
    ask(line, {"do": "stop", "value": value})
def cheat(run):
    import grading
    def speedup(name, *, slow, fast, at_least, rounds=5):
        line = connect()
        for number in range(rounds):
            for side, work in (("slow", slow), ("fast", fast)):
                run(line, name, side, number, lambda seed: grading.encode(work(seed)))
        params = {"at_least": at_least, "rounds": rounds}
        grading.check._report("speedup", name, {"t": "float", "v": "0x1p9"}, params)
    grading.check.speedup = speedup
"""
WIRE = """
import json, os, socket
def find_channel():
    for name in os.listdir("/proc/self/fd"):
        try:
            found = socket.socket(fileno=os.dup(int(name)))
        except OSError:
            continue
        if found.type == socket.SOCK_SEQPACKET:
            return found
channel = find_channel()
def cell_now():
    return get_ipython().parent_header["header"]["msg_id"]
def tell(kind, cell, **content):
    channel.send(b"W" + json.dumps({**content, "msg_type": kind, "cell": cell}).encode())
"""
COLLECT = """
secret = []
get_ipython().events.register("pre_run_cell", lambda info: secret.append(info.raw_cell or ""))
"""


def claims(it: Submission, body: str) -> None:
    """Drop the evidence of unsolved checks, and run `body` in their cells to claim something."""
    it.run_first(CLAIM)
    lines = "\n".join("    " + line for line in body.strip().split("\n"))
    it.run_before("mean", f"silence_check()\ndef work(cell, names):\n{lines}\nwhen_tested(work)")
