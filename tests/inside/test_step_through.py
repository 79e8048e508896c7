"""Graphs that can be stepped through: what is traced, drawn and shown, without a network."""

import importlib
import json
import re
from html.parser import HTMLParser
from itertools import combinations
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

TIMES, MINUS = "\N{MULTIPLICATION SIGN}", "\N{MINUS SIGN}"
EVIL = '</script><img src=x onerror="evil()">&\'$x$'


@pytest.fixture
def pictures(tinytorch):
    """Return a function that imports a module of the pictures."""
    return lambda name: importlib.import_module(f"tinytorch._pictures.{name}")


@pytest.fixture
def trace(tinytorch, pictures):
    """Return a function that traces another at leaves, by our own rules."""
    rules = importlib.import_module("tinytorch.autograd").rules

    def traced(function, order=None, **leaves):
        return pictures("graph").trace(function, rules, order, leaves)

    return traced


@pytest.fixture
def page(pictures):
    """Return a function that draws a graph, and gives the HTML of it."""
    draw, lay_out = pictures("draw"), pictures("layout").lay_out

    def drawn(graph):
        return draw.page(graph, draw.svg(graph, lay_out(graph.nodes)), graph.described())

    return drawn


class Tags(HTMLParser):
    """All tags of a page with their attributes, and what its scripts say."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.scripts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        if self.tags[-1][0] == "script":
            self.scripts.append(data)

    def only(self, name):
        (attributes,) = [attributes for tag, attributes in self.tags if tag == name]
        return attributes


def product(a, b, c):
    return (a * b + c) * a


def cube_and_square(x):
    square = x * x
    return square * x + square


def still_of(page):
    return unquote(Tags(page).only("img")["src"].partition(",")[2])


def test_every_node_has_its_data_and_in_the_end_its_gradient(trace):
    graph = trace(product, a=2, b=-3, c=10)
    titles = ["a", "b", "c", f"① = a {TIMES} b", "② = ① + c", f"③ = ② {TIMES} a"]
    assert [node.title for node in graph.nodes] == titles
    assert [node.data for node in graph.nodes] == [2, -3, 10, -6, 4, 8]
    assert graph.steps[-1].grads == [-2, 4, 2, 2, 2, 1]


def test_the_steps_begin_with_nothing_and_add_one_operation_each(trace):
    graph = trace(product, a=2, b=-3, c=10)
    assert [sum(grad is not None for grad in step.grads) for step in graph.steps] == [0, 1, 3, 5, 6]
    assert [step.at for step in graph.steps] == [None, 5, 5, 4, 3]
    assert f"{MINUS}6 more for a ({MINUS}2 in all) and 4 for b" in graph.steps[-1].said


def test_the_way_back_follows_the_order_that_is_given(trace, tinytorch):
    right = importlib.import_module("tinytorch.autograd").in_backward_order
    assert trace(cube_and_square, right, x=2).steps[-1].grads[0] == 16
    too_early = trace(cube_and_square, lambda last: [right(last)[i] for i in (0, 2, 1)], x=2)
    assert [step.at for step in too_early.steps[2:]] == [3, 1, 2]
    assert too_early.steps[-1].grads[0] != 16


def test_a_constant_takes_part_and_gets_no_gradient(trace):
    graph = trace(lambda x: x * 3, x=2)
    assert [node.title for node in graph.nodes] == ["x", "3", f"① = x {TIMES} 3"]
    assert graph.steps[-1].grads == [3, None, 1]


def test_tracing_leaves_the_recorder_as_it_was_even_after_an_error(trace):
    function = importlib.import_module("tinytorch.tensor").Function
    before = function.recorder
    with pytest.raises(ZeroDivisionError):
        trace(lambda x: x * (1 / 0), x=2)
    trace(lambda x: x * x, x=2)
    assert function.recorder is before


@pytest.mark.parametrize(
    ("function", "said"),
    [(lambda x: x.reshape(1) * [1.0, 2.0], "single numbers"), (lambda x: x, "last operation")],
)
def test_what_cannot_be_drawn_is_refused(trace, function, said):
    with pytest.raises(ValueError, match=said):
        trace(function, x=2)


@pytest.mark.parametrize("function", [product, cube_and_square, lambda x, y: (x - y) * (y - x)])
def test_boxes_stand_inside_the_picture_and_beside_each_other(trace, pictures, function):
    layout = pictures("layout")
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    drawn = layout.lay_out(trace(function, **dict.fromkeys(names, 2)).nodes)
    width, height = drawn.size
    for x, y in drawn.boxes:
        assert layout.WIDTH / 2 <= x <= width - layout.WIDTH / 2
        assert layout.HEIGHT / 2 <= y <= height - layout.HEIGHT / 2
    for (x1, y1), (x2, y2) in combinations(drawn.boxes, 2):
        assert abs(x1 - x2) >= layout.WIDTH or abs(y1 - y2) >= layout.HEIGHT


def test_the_graph_of_the_notebook_fits_a_phone(trace, pictures):
    assert pictures("layout").lay_out(trace(product, a=2, b=-3, c=10).nodes).size[0] <= 370


def test_an_edge_goes_around_the_boxes_of_the_rows_it_passes(trace, pictures):
    layout = pictures("layout")
    drawn = layout.lay_out(trace(product, a=2, b=-3, c=10).nodes)
    (points,) = [points for start, end, points in drawn.edges if (start, end) == (0, 5)]
    for x, y in points[1:-1]:
        assert all(abs(x - bx) > layout.WIDTH / 2 for bx, by in drawn.boxes if by == y)


def test_the_still_picture_is_svg_with_the_last_gradients(trace, page):
    root = ElementTree.fromstring(still_of(page(trace(product, a=2, b=-3, c=10))))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    grads = [text.text for text in root.iter() if text.get("class") == "grad"]
    assert grads == [f"grad {MINUS}2", "grad 4", "grad 2", "grad 2", "grad 2", "grad 1"]


def test_the_page_has_a_still_picture_in_words_too_and_the_steps(trace, page):
    graph = trace(product, a=2, b=-3, c=10)
    tags = Tags(page(graph))
    assert f"③ = ② {TIMES} a: data 8, gradient 1" in tags.only("img")["alt"]
    steps = json.loads(tags.only("figure")["data-steps"])
    assert [step["said"] for step in steps] == [step.said for step in graph.steps]
    assert steps[0]["grads"] == ["grad ?"] * 6


def test_nothing_that_is_shown_becomes_a_tag_or_ends_the_script(pictures, page):
    graph = pictures("graph")
    evil = graph.Graph([graph.Node(EVIL, 1.0)], [graph.Step([1.0], EVIL, 0)])
    made = page(evil)
    assert [tag for tag, _ in Tags(made).tags] == ["figure", "img", "script"]
    texts = [text.text for text in ElementTree.fromstring(still_of(made)).iter()]
    assert EVIL in texts
    assert json.loads(Tags(made).only("figure")["data-steps"])[0]["said"] == EVIL


def test_no_page_asks_the_network_for_anything(trace, page):
    made = page(trace(product, a=2, b=-3, c=10))
    addresses = re.findall(r"\w+://[^\s\"']+", unquote(made))
    assert set(addresses) == {"http://www.w3.org/2000/svg"}
    for way in ("fetch", "XMLHttpRequest", "import(", "WebSocket", "sendBeacon", "@import", "url("):
        assert way not in made


def test_the_script_shows_text_only(pictures):
    script = pictures("script").SCRIPT
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval", "</"):
        assert way not in script


def test_a_figure_is_shown_with_its_description_and_as_a_png(tinytorch, pictures, monkeypatch):
    shown = shown_by(monkeypatch, pictures)
    figure = importlib.import_module("matplotlib.figure").Figure(figsize=(1, 1))
    tinytorch.show(figure, 'a "curve" & more')
    ((data, metadata),) = shown
    assert metadata["image/png"]["alt"] == 'a "curve" & more'
    image = Tags(data["text/html"]).only("img")
    assert image["alt"] == 'a "curve" & more'
    assert image["src"] == f"data:image/png;base64,{data['image/png']}"


def test_a_graph_is_shown_to_step_through_and_as_a_png(tinytorch, pictures, monkeypatch):
    shown = shown_by(monkeypatch, pictures)
    rules = importlib.import_module("tinytorch.autograd").rules
    tinytorch.step_through(product, rules, a=2, b=-3, c=10)
    ((data, metadata),) = shown
    assert data["image/png"] == PNG
    assert Tags(data["text/html"]).scripts == [pictures("script").SCRIPT]
    assert metadata["image/png"]["alt"] == Tags(data["text/html"]).only("img")["alt"]


def test_where_no_pictures_are_drawn_only_the_figure_is_named(tinytorch, pictures, monkeypatch):
    shown = shown_by(monkeypatch, pictures, png=None)
    rules = importlib.import_module("tinytorch.autograd").rules
    tinytorch.step_through(product, rules, a=2, b=-3, c=10)
    assert shown == [({"text/plain": "<Figure size 1x1>"}, {})]


PNG = "aGk="


def shown_by(monkeypatch, pictures, png=PNG):
    """Return what is displayed from now on, where figures become this PNG, or none."""
    formatters = importlib.import_module("IPython.core.formatters")
    display = importlib.import_module("IPython.display")
    shown = []

    def formatted(figure):
        return {"text/plain": "<Figure size 1x1>"} | ({"image/png": png} if png else {}), {}

    monkeypatch.setattr(formatters, "format_display_data", formatted)
    monkeypatch.setattr(
        display, "display", lambda data, metadata, raw: shown.append((data, metadata))
    )
    return shown
