"""Stands in for a worker: speaks the format, and does what a broken one would.

    python stand_in.py BEHAVIOUR SOCKET [PROCESSOR]

Needs nothing but Python, so that a test starts it in no time.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time

GRADED = {
    "answer": "graded",
    "scores": {"test": 1.5, "think": None},
    "comments": {"think": None},
    "waits": [],
    "answers": {},
    "cold": "",
    "cpu_seconds": 0.25,
    "ended": "complete",
    "stopped_in": "",
}


def main(behaviour, descriptor, *processor):
    channel = socket.socket(fileno=int(descriptor))
    requests = channel.makefile("rb")
    for line in requests:
        request = json.loads(line)
        requests.read(request["bytes"])
        if request["do"] == "kit":
            with_kit(behaviour, channel)
        else:
            BEHAVIOURS[behaviour](channel, request)


def with_kit(behaviour, channel):
    if behaviour == "dies with its kit":
        print("some warning\nImportError: no module named grading", file=sys.stderr, flush=True)
        os._exit(1)
    if behaviour == "hangs with its kit":
        time.sleep(1000)
    if behaviour == "refuses its kit":
        say(channel, answer="failed", kind="ValueError", why="a kit that is none")
        return
    say(channel, answer="ready")
    if behaviour == "ends after its kit":
        os._exit(0)
    if behaviour == "reads nothing after its kit":
        say(channel, cell="test", earned=0.5)
        time.sleep(1000)


def say(channel, content=b"", **line):
    channel.sendall(json.dumps(line | {"bytes": len(content)}).encode() + b"\n" + content)


def answer(channel, **changed):
    say(channel, f"graded by {os.getpid()}".encode(), **GRADED | changed)


def earn(channel, **changed):
    say(channel, **{"cell": "test", "earned": 0.5} | changed)


def good(channel, request):
    earn(channel)
    answer(channel)


def settles(channel, request):
    answer(channel, scores=request["instead"]["earned"])


def hangs(channel, request):
    earn(channel)
    time.sleep(1000)


def stops(channel, request):
    earn(channel)
    os.kill(os.getpid(), signal.SIGSTOP)


def swells(channel, request):
    held = []
    while True:
        held.append(b"x" * 10_000_000)
        time.sleep(0.01)


def spins(channel, request):
    while True:
        pass


def dies(channel, request):
    earn(channel)
    earn(channel, cell="more", earned=1)
    os._exit(1)


def says(content, then_hangs=False):
    def behave(channel, request):
        channel.sendall(content)
        if then_hangs:
            time.sleep(1000)

    return behave


def says_without_end(channel, request):
    while True:
        channel.sendall(b"x" * 1_000_000)


def says_more_than_it_said(channel, request):
    answer(channel)
    channel.sendall(b"and more")


def answers_twice(channel, request):
    answer(channel)
    answer(channel, scores={"test": 2})


def ends_after_its_answer(channel, request):
    answer(channel)
    os._exit(0)


def chatters(channel, request):
    while True:
        earn(channel)


def fails(kind):
    def behave(channel, request):
        say(channel, answer="failed", kind=kind, why="the disk is on fire")

    return behave


def with_score(score):
    return lambda channel, request: answer(channel, scores={"test": score})


def has_a_child(channel, request):
    child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    earn(channel, cell="more", earned=0)
    say(channel, child=child.pid)
    time.sleep(1000)


HALF = json.dumps({"answer": "graded", "bytes": 1000}).encode() + b"\nhalf of it"
BEHAVIOURS = {
    "good": good,
    "cold": lambda channel, _: answer(channel, cold="no template"),
    "settles": settles,
    "hangs": hangs,
    "stops": stops,
    "swells": swells,
    "spins": spins,
    "dies": dies,
    "chatters": chatters,
    "says garbage": says(b"garbage\n"),
    "says a list": says(b"[1, 2]\n"),
    "says no length": says(b'{"answer": "graded"}\n'),
    "says a length below zero": says(b'{"answer": "graded", "bytes": -1}\n'),
    "says a length beyond all": says(b'{"answer": "graded", "bytes": 100000000000}\n'),
    "says a length that is no number": says(b'{"answer": "graded", "bytes": "3"}\n'),
    "says a line without end": says_without_end,
    "says half and hangs": says(HALF, then_hangs=True),
    "says half and dies": lambda channel, request: (says(HALF)(channel, request), os._exit(0)),
    "says more than it said": says_more_than_it_said,
    "answers twice": answers_twice,
    "answers what is none": says(b'{"answer": "graded", "bytes": 0}\n'),
    "answers infinity": with_score(float("inf")),
    "answers a number without end": with_score(10**4000),
    "answers more than can be earned": with_score(2.5),
    "answers less than nothing": with_score(-1),
    "earns more than can be earned": lambda channel, request: earn(channel, earned=2.5),
    "earns for no cell": lambda channel, request: earn(channel, cell="nowhere"),
    "earns what is no number": lambda channel, request: earn(channel, earned="much"),
    "ends after its answer": ends_after_its_answer,
    "ends after its kit": good,
    "reads nothing after its kit": good,
    "has a child": has_a_child,
    "fails": fails("ValueError"),
    "has no sandbox": fails("SandboxError"),
    "has no kernel": fails("KernelNotStarted"),
}

if __name__ == "__main__":
    main(*sys.argv[1:])
