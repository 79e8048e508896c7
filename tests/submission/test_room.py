"""How much a notebook's outputs hold together, and what is told of the rest."""

import pytest
from nbformat import NotebookNode

from grading.submission.room import Room
from grading.submission.sanitize import MORE, NO_PICTURE, clean_outputs

CUT = "\n… (cut)"


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def error(traceback, ename="E", evalue="v"):
    return {"output_type": "error", "ename": ename, "evalue": evalue, "traceback": traceback}


def show(**data):
    return {"output_type": "display_data", "metadata": {}, "data": data}


def texts(outputs, room=None):
    return [output.text for output in clean_outputs(outputs, room)]


def test_two_hundred_outputs_of_a_cell_stay():
    assert texts([stream(str(number)) for number in range(200)]) == [*map(str, range(200))]


def test_more_are_left_out_and_the_student_told():
    shown = texts([stream(str(number)) for number in range(300)])
    assert shown == [*map(str, range(200)), f"{MORE}\n"]


def test_no_output_behind_the_last_is_looked_at():
    def outputs():
        yield from [stream("x")] * 201
        raise AssertionError

    assert len(clean_outputs(outputs())) == 201


def test_outputs_of_a_notebook_share_its_room():
    room = Room(outputs=3)
    assert texts([stream("a"), stream("b")], room) == ["a", "b"]
    assert texts([stream("c"), stream("d")], room) == ["c", f"{MORE}\n"]


def test_the_text_of_a_notebook_shares_its_room():
    room = Room(characters=5)
    assert texts([stream("abc"), stream("defg")], room) == ["abc", f"de{CUT}"]
    assert texts([stream("h")], room) == [CUT]


@pytest.mark.parametrize(
    "output", [stream("xx"), error(["xx"], "", ""), show(**{"text/plain": "xx"})]
)
def test_every_kind_of_text_takes_room(output):
    clean_outputs([output], room := Room(characters=5))
    assert room.characters == 3


def test_pictures_of_a_notebook_share_its_room():
    room = Room(pictures=6)
    first, second, third = clean_outputs([show(**{"image/png": "AAAA"})] * 3, room)[:3]
    assert first.data == {"image/png": "AAAA"}
    assert second.data == third.data == {"text/plain": NO_PICTURE}


def test_tags_of_a_notebook_share_its_room():
    room = Room(tags=3)
    first, second = clean_outputs([show(**{"text/html": "<b>x</b>"})] * 2, room)
    assert first.data["text/html"] == "<b>x</b>"
    assert second.data["text/html"] == "(cut: too many tags)"


def test_of_a_long_traceback_its_beginning_and_its_end_stay():
    (clean,) = clean_outputs([error([str(number) for number in range(1_000_000)])])
    assert clean.traceback[:100] == [*map(str, range(100))]
    assert clean.traceback[100] == "… (cut)"
    assert clean.traceback[101:] == [*map(str, range(1_000_000 - 99, 1_000_000))]


def test_the_lines_of_a_traceback_are_cut_together():
    (clean,) = clean_outputs([error(["x" * 60_000] * 5)])
    assert [len(line) for line in clean.traceback] == [60_000, 40_000 + len(CUT)]


def test_of_thousands_of_types_those_that_are_shown_are_looked_at():
    class Data(dict):
        def __iter__(self):
            raise AssertionError

        items = keys = values = __iter__

    data = Data({f"text/x-{number}": "x" for number in range(5_000)} | {"text/plain": "shown"})
    (clean,) = clean_outputs([{"output_type": "display_data", "data": data}])
    assert clean.data == {"text/plain": "shown"}


COLOUR = "\x1b[38;5;196m"


def test_colours_stay():
    assert texts([stream(f"{COLOUR}x\x1b[0m\x1b[m")]) == [f"{COLOUR}x\x1b[0m\x1b[m"]


@pytest.mark.parametrize(
    "escape", ["\x1b[2J", "\x1b[A", "\x1b", "\x1b[", "\x1b[1", "\x1b[?25h", f"\x1b[{'1;' * 99}m"]
)
def test_no_other_escape_stays(escape):
    assert texts([stream(f"a{escape}\nb")]) == ["a\nb"]


def test_of_one_text_two_thousand_colours_stay():
    assert texts([stream("x\x1b[1m" * 2_001)]) == ["x\x1b[1m" * 2_000 + "x"]


def test_colours_of_a_notebook_share_its_room():
    room = Room(colours=3)
    assert texts([stream("\x1b[1mx\x1b[mx")] * 2, room) == ["\x1b[1mx\x1b[mx", "\x1b[1mxx"]


@pytest.mark.parametrize(
    "odd",
    [
        *(None, 7, "x", [], {}, stream(None), stream([1]), stream("x", "other"), stream("x", None)),
        *(error(None), error([], None), error([], "E", 7), {"output_type": "error"}),
        *(show() | {"data": None}, show() | {"data": []}, show(**{"text/plain": [1]}), show()),
        *({"output_type": ["stream"]}, {"output_type": "display_data"}),
    ],
    ids=str,
)
def test_what_is_malformed_is_left_out_and_the_rest_stays(odd):
    assert texts([stream("a"), odd, stream("b")]) == ["a", "b"]


def test_what_was_cleaned_is_cleaned_again_to_the_same():
    outputs = [
        *(
            stream(f"{COLOUR}{'x' * 100_001}"),
            error(["t"] * 500),
            show(**{"text/html": "<p>a<p><b>b"}),
        ),
        *[stream("y")] * 300,
    ]
    once = clean_outputs(outputs)
    assert clean_outputs([NotebookNode(output) for output in once]) == once
