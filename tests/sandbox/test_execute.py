"""What is kept of a run, and where keeping ends; a kernel that follows a script runs the cells."""

import json
from types import SimpleNamespace

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.sandbox.evidence import EVIDENCE_MIME
from grading.sandbox.execute import run_notebook
from grading.sandbox.kernel import MB, Files, KernelEnded
from grading.sandbox.settings import Sandbox

OK = {"msg_type": "execute_reply", "status": "ok"}
FILES = Files(b"submission", b"handout", b"data")
FAILED = {"msg_type": "execute_reply", "status": "error"}
INTERRUPTED = {"msg_type": "interrupted"}


def stream(text, name="stdout"):
    return {"msg_type": "stream", "name": name, "text": text}


def display(data, **more):
    return {"msg_type": "display_data", "data": data, **more}


def evidence(raw):
    return display({EVIDENCE_MIME: raw, "text/plain": "check"})


class ScriptedKernel:
    """A kernel for which a cell's source is the name of what it sends."""

    scripts = started = told = None
    why_cold = ""

    def __init__(self, *arguments):
        self.started.append(arguments)
        self.clock = SimpleNamespace(stretches=["a stretch"])
        self.cold, self.closed = self.why_cold, False
        self.told = ScriptedKernel.told = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closed = True

    def cpu_seconds(self):
        return 1.5

    def execute(self, source, about):
        self.told.append(about)
        for message in self.scripts[source]:
            if isinstance(message, Exception):
                raise message
            yield message


@pytest.fixture
def run(monkeypatch):
    """Run one code cell for each list of messages."""

    def run(*scripts, cells=None, about=None, records=False, **limits):
        monkeypatch.setattr("grading.sandbox.execute.SealedKernel", ScriptedKernel)
        monkeypatch.setattr(ScriptedKernel, "started", [])
        names = {f"cell {number}": script for number, script in enumerate(scripts)}
        monkeypatch.setattr(ScriptedKernel, "scripts", names)
        notebook = new_notebook(cells=cells or [new_code_cell(name) for name in names])
        settings = Sandbox(**limits)
        return run_notebook(notebook, FILES, settings, "the salt", about=about, records=records)

    return run


@pytest.mark.parametrize("records", [True, False])
def test_a_kernel_gets_the_files_the_salt_and_whether_it_records(run, records):
    run([OK], records=records)
    ((settings, *others),) = ScriptedKernel.started
    assert isinstance(settings, Sandbox) and others == [FILES, "the salt", records]


@pytest.mark.parametrize(
    ("messages", "status"),
    [
        ([OK], "ran"),
        ([FAILED], "failed"),
        ([{"msg_type": "execute_reply"}], "failed"),
        ([INTERRUPTED, FAILED], "interrupted"),
        ([INTERRUPTED, OK], "interrupted"),
        ([KernelEnded("memory", "Too much.")], "stopped"),
    ],
)
def test_how_a_cell_ended(run, messages, status):
    assert run(messages).cells[0].status == status


def test_after_an_error_the_next_cell_runs(run):
    done = run([FAILED], [OK])
    assert [cell.status for cell in done.cells] == ["failed", "ran"] and done.ended == "complete"


def test_with_each_cell_goes_what_is_said_of_it(run):
    cells = [new_markdown_cell("cell 0"), new_code_cell("cell 0"), new_code_cell("cell 0")]
    run([OK], cells=cells, about=[{}, {"gives": {"a": ["x"]}}, {"test": {}}])
    assert ScriptedKernel.told == [{"gives": {"a": ["x"]}}, {"test": {}}]


def test_where_nothing_is_said_of_cells_all_are_ordinary(run):
    run([OK], [OK])
    assert ScriptedKernel.told == [None, None]


def test_text_and_empty_cells_are_not_run(run):
    cells = [new_markdown_cell("cell 0"), new_code_cell(" \n"), new_code_cell("cell 0")]
    assert [cell.status for cell in run([OK], cells=cells).cells] == ["not run", "not run", "ran"]


def test_a_run_that_is_ended_keeps_what_it_had_and_says_why(run):
    done = run(
        [evidence("first"), stream("one"), OK],
        [evidence("second"), KernelEnded("memory", "Too much memory.")],
        [OK],
    )
    assert [cell.status for cell in done.cells] == ["ran", "stopped", "not run"]
    assert [cell.evidence for cell in done.cells] == [["first"], ["second"], []]
    assert (done.ended, done.message) == ("memory", "Too much memory.")
    assert done.stretches == ["a stretch"] and done.cpu_seconds == 1.5


@pytest.mark.parametrize("sealed", [True, False])
def test_whether_it_was_sealed_is_recorded(run, sealed):
    assert run([OK], sealed=sealed).sealed is sealed


@pytest.mark.parametrize("why", ["", "the template ended"])
def test_why_a_kernel_was_started_from_nothing_is_recorded(run, monkeypatch, why):
    monkeypatch.setattr(ScriptedKernel, "why_cold", why)
    assert run([OK]).cold == why


def texts(result):
    return [(output.name, output.text) for output in result.outputs]


def test_output_of_one_stream_is_joined_and_of_two_is_not(run):
    cell = run([stream("a"), stream("b"), stream("c", "stderr"), stream("d"), OK]).cells[0]
    assert texts(cell) == [("stdout", "ab"), ("stderr", "c"), ("stdout", "d")]


def test_output_that_is_cleared_is_gone(run):
    cell = run([stream("a"), {"msg_type": "clear_output"}, stream("b"), OK]).cells[0]
    assert texts(cell) == [("stdout", "b")]


def test_evidence_is_not_output(run):
    cell = run([evidence("raw"), OK]).cells[0]
    assert cell.evidence == ["raw"] and cell.outputs == []


@pytest.mark.parametrize("kind", ["update_display_data", "comm_open", "execute_input", "status"])
def test_messages_of_other_kinds_are_neither_output_nor_evidence(run, kind):
    cell = run([evidence("raw") | {"msg_type": kind}, OK]).cells[0]
    assert cell.evidence == [] and cell.outputs == []


MALFORMED = {
    "a stream without a name": stream("a", None),
    "a stream of another name": stream("a", "stdlog"),
    "a stream without text": stream(None),
    "a display without data": display(None),
    "a display whose data are a list": display(["text/plain"]),
}


@pytest.mark.parametrize("message", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_output_is_dropped(run, message):
    assert run([message, OK]).cells[0].outputs == []


def test_a_display_is_kept_without_its_metadata(run):
    (output,) = (
        run([display({"text/plain": "x"}, metadata={"isolated": True}), OK]).cells[0].outputs
    )
    assert output == {
        "output_type": "display_data",
        "data": {"text/plain": "x"},
        "metadata": {},
    }


@pytest.mark.parametrize(("given", "kept"), [(3, 3), ("3", None), (None, None)])
def test_a_result_is_kept_with_its_number(run, given, kept):
    result = display({"text/plain": "x"}, execution_count=given) | {"msg_type": "execute_result"}
    (output,) = run([result, OK]).cells[0].outputs
    assert output.output_type == "execute_result" and output.execution_count == kept


def test_an_error_is_kept_by_its_name_and_cut(run):
    error = {"msg_type": "error", "ename": "N" * 500, "evalue": "v" * 5000, "traceback": ["x", 3]}
    cell = run([error, FAILED]).cells[0]
    (output,) = cell.outputs
    assert cell.error == "N" * 200 == output.ename
    assert len(output.evalue) == 2000 and output.traceback == ["x", "3"]


@pytest.mark.parametrize("trace", [None, "text", 3])
def test_an_error_with_a_malformed_traceback_has_none(run, trace):
    error = {"msg_type": "error", "ename": "E", "evalue": "", "traceback": trace}
    assert run([error, FAILED]).cells[0].outputs[0].traceback == []


def test_output_beyond_the_limit_is_dropped_and_the_run_goes_on(run):
    line = "x" * (MB // 4)
    done = run(
        [stream(line, name) for name in ("stdout", "stderr") * 8] + [OK], [OK], output_mb=1.5
    )
    assert sum(len(text) for _, text in texts(done.cells[0])) == 5 * len(line)
    assert [cell.status for cell in done.cells] == ["ran", "ran"]


def test_the_limit_on_output_is_one_for_all_cells(run):
    done = run(*[[stream("x" * (MB // 4)), OK]] * 8, output_mb=1)
    assert [len(cell.outputs) for cell in done.cells] == [1, 1, 1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "large",
    [
        display({"text/plain": "x" * MB}),
        {"msg_type": "error", "ename": "E", "evalue": "", "traceback": ["x" * MB]},
    ],
    ids=["display", "traceback"],
)
def test_the_limit_on_output_counts_every_kind(run, large):
    assert run([large, OK], output_mb=0.5).cells[0].outputs == []


def test_an_error_beyond_the_limit_is_still_known_by_its_name(run):
    error = {"msg_type": "error", "ename": "ValueError", "evalue": "", "traceback": []}
    assert run([stream("x" * MB), error, FAILED], output_mb=0.5).cells[0].error == "ValueError"


def test_evidence_is_kept_up_to_48_megabytes_over_all_cells(run):
    raw = {"v": "x" * (6 * MB - 100)}
    done = run(*[[evidence(raw), evidence(raw), OK]] * 5)
    assert [len(cell.evidence) for cell in done.cells] == [2, 2, 2, 2, 0]
    assert 8 * len(json.dumps(raw)) <= 48 * MB


def test_output_beyond_the_limit_costs_no_evidence(run):
    cell = run([stream("x" * MB), evidence("raw"), OK], output_mb=0.5).cells[0]
    assert cell.evidence == ["raw"]


def test_evidence_costs_no_output(run):
    cell = run([evidence("x" * MB), stream("a"), OK], output_mb=0.5).cells[0]
    assert texts(cell) == [("stdout", "a")]
