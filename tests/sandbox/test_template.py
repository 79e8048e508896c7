"""A template is made once, asked within limits of time, and given up when it fails."""

import json
import os
import socket
import threading

import pytest

from grading.inside.kernel.packets import WHOLE
from grading.sandbox import template as template_module
from grading.sandbox.bubblewrap import SandboxError
from grading.sandbox.channel import Channel
from grading.sandbox.settings import Sandbox
from grading.sandbox.template import (
    NoTemplate,
    forget_templates,
    fork_kernel,
    share_templates,
    warm_up,
)


class Inside:
    """The sealed end of a template, played by the test."""

    def __init__(self, settings, module, own, final):
        self.module, self.final, self.killed = module, final, 0
        self.control = socket.socket(fileno=os.dup(own[0]))
        self.thread = threading.current_thread()
        self.ended = False

    def kill(self):
        self.killed += 1
        self.ended = True
        self.control.close()

    def last_words(self):
        return "its last words"

    def ready(self):
        self.control.send(b"ready")

    def answer(self, message):
        """Answer the next request for a fork with a message in its channel."""
        request, descriptors, _, _ = socket.recv_fds(self.control, 10_000, 3)
        self.asked = json.loads(request)
        if message is not None:
            os.write(descriptors[0], WHOLE + json.dumps(message).encode())
        for descriptor in descriptors:
            os.close(descriptor)


@pytest.fixture(autouse=True)
def templates(monkeypatch):
    """Return the templates that are made; none of them is a process."""
    made = []

    def launch(*arguments, **options):
        made.append(Inside(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(template_module, "launch_sealed", launch)
    monkeypatch.setattr(template_module, "_ours", template_module._Templates())
    yield made
    forget_templates()


@pytest.fixture
def fork(templates):
    """Ask for a fork, which a template answers with a message (None: with nothing)."""
    given = []

    def fork(message, ready=True, **settings):
        channel = Channel()
        clock, other = socket.socketpair()
        given.extend([channel, clock, other])
        settings = Sandbox(**{"startup_seconds": 5.0} | settings)
        template_module._template(settings)
        with template_module._ours.changing:
            template_module._ours.made[template_module._made_from(settings)].leave()
        answering = threading.Thread(target=answer, args=(templates[-1], message, ready))
        answering.start()
        try:
            return fork_kernel(settings, channel, clock)
        finally:
            answering.join()

    def answer(inside, message, ready):
        if ready and not hasattr(inside, "was_ready"):
            inside.ready()
            inside.was_ready = True
        if message != "nothing":
            inside.answer(message)

    yield fork
    for end in given:
        end.close()


FIRST = {"msg_type": "first"}


def test_a_fork_is_the_process_that_introduces_itself_first(fork):
    found = fork(FIRST)
    assert found.first.pid == os.getpid()
    found.first.close()
    found.close()


def test_a_fork_is_told_which_folders_to_cover(fork, templates):
    fork(FIRST, scratch_mb=80).close()
    covered = {"/tmp": 20, "/home/student": 80, "/run": 1, "/dev/shm": 16}
    assert templates[0].asked["folders"] == covered


def test_a_template_is_made_once_and_its_wall_lets_it_fork(fork, templates):
    fork(FIRST).close()
    fork(FIRST).close()
    assert len(templates) == 1 and templates[0].final is False
    assert templates[0].module[0] == "_course_kernel.template"


def test_another_environment_or_another_file_of_ours_needs_another_template(
    fork, templates, monkeypatch, tmp_path
):
    fork(FIRST).close()
    fork(FIRST, student_env=str(tmp_path)).close()
    monkeypatch.setattr(template_module.bubblewrap, "KERNEL_PACKAGE", tmp_path)
    fork(FIRST, student_env=str(tmp_path)).close()
    assert len(templates) == 3 and [one.killed for one in templates] == [1, 1, 0]


def test_a_template_that_has_ended_is_replaced(fork, templates):
    fork(FIRST).close()
    templates[0].ended = True
    fork(FIRST).close()
    assert len(templates) == 2


def test_where_forks_are_impossible_the_reason_is_told_and_the_template_stays(fork, templates):
    for _ in range(2):
        with pytest.raises(NoTemplate, match="unshare: no"):
            fork({"msg_type": "impossible", "why": "unshare: no"})
    assert len(templates) == 1 and templates[0].killed == 0


FAILURES = {
    "a template that is never ready": ("nothing", False, "not ready in time"),
    "a template that does not fork": ("nothing", True, "did not fork in time"),
    "a fork that ends without a word": (None, True, "the fork has ended"),
}


@pytest.mark.parametrize(("message", "ready", "why"), FAILURES.values(), ids=[*FAILURES])
def test_it_is_given_up_ended_and_replaced(fork, templates, message, ready, why):
    with pytest.raises(NoTemplate, match=why):
        fork(message, ready, startup_seconds=0.3)
    assert templates[0].killed == 1
    fork(FIRST).close()
    assert len(templates) == 2


def test_a_template_that_ends_before_it_is_ready_says_why(templates):
    settings, channel = Sandbox(startup_seconds=5.0), Channel()
    warm_up(settings)
    templates[0].control.close()
    with pytest.raises(NoTemplate, match="its last words"):
        fork_kernel(settings, channel, channel.inside)
    channel.close()


def test_a_template_that_reads_nothing_is_given_up(fork, templates):
    fork(FIRST).close()
    settings, channel = Sandbox(startup_seconds=0.2), Channel()
    template = next(iter(template_module._ours.made.values()))
    template._control.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            template._control.send(bytes(1000))
    with pytest.raises(NoTemplate, match="has ended: timed out"):
        fork_kernel(settings, channel, channel.inside)
    channel.close()
    assert templates[0].killed == 1


def test_a_template_that_fails_is_not_ended_under_a_kernel_that_it_forked(fork, templates):
    running = fork(FIRST)
    with pytest.raises(NoTemplate):
        fork(None)
    assert templates[0].killed == 0
    running.close()
    assert templates[0].killed == 1


def test_a_template_lasts_longer_than_the_thread_that_asked_for_it(templates):
    asking = threading.Thread(target=warm_up, args=[Sandbox()])
    asking.start()
    asking.join()
    assert templates[0].thread is not asking and templates[0].thread.is_alive()


def test_warming_up_makes_a_template_that_the_first_kernel_uses(fork, templates):
    warm_up(Sandbox())
    fork(FIRST).close()
    assert len(templates) == 1


def test_warming_up_complains_of_nothing(monkeypatch):
    def launch(*_, **__):
        raise SandboxError("no bubblewrap")

    monkeypatch.setattr(template_module, "launch_sealed", launch)
    warm_up(Sandbox())


def test_all_templates_are_ended_when_they_are_forgotten(templates):
    warm_up(Sandbox())
    forget_templates()
    assert templates[0].killed == 1 and not template_module._ours.made


def test_a_process_that_is_forked_from_a_grader_keeps_no_way_to_its_template(templates):
    warm_up(Sandbox())
    template = next(iter(template_module._ours.made.values()))
    if (child := os.fork()) == 0:
        left = [template._control.fileno(), len(template_module._ours.made), templates[0].killed]
        os._exit(0 if left == [-1, 0, 0] else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_process_forked_from_one_that_shares_its_template_uses_it_and_leaves_it(templates):
    warm_up(Sandbox())
    share_templates()
    if (child := os.fork()) == 0:
        [inherited] = template_module._ours.made.values()
        warm_up(Sandbox())
        seen = [len(templates), inherited.ended, inherited._control.fileno() >= 0]
        forget_templates()
        os._exit(0 if [*seen, templates[0].killed] == [1, False, True, 0] else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_template_tells_each_of_those_who_share_it_that_it_is_ready(fork, templates):
    fork(FIRST).close()
    next(iter(template_module._ours.made.values()))._ready = False
    fork(FIRST).close()
    assert len(templates) == 1


def test_a_fork_is_told_the_processors_it_may_run_on(fork, templates):
    fork(FIRST).close()
    assert templates[0].asked["processors"] == sorted(os.sched_getaffinity(0))


def test_the_filter_goes_into_the_template(templates, monkeypatch):
    monkeypatch.setattr(template_module.seccomp, "program", lambda: b"the filter")
    warm_up(Sandbox())
    assert templates[0].module == ["_course_kernel.template", "{0}", "dGhlIGZpbHRlcg=="]
