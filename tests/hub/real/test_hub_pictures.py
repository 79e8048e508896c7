"""A graph in a browser: stepped through, and still on paper and where no scripts run."""

from browser import Browser, Locator

from grading.inside.tinytorch._pictures import draw
from grading.inside.tinytorch._pictures.graph import Graph, Node, Step
from grading.inside.tinytorch._pictures.layout import lay_out

PHONE = {"width": 390, "height": 800}
EVIL = "<b>1 & 2</b>"
GRAPH = Graph(
    [Node("a", 2.0), Node("b", 3.0), Node("out", 6.0, EVIL, [0, 1])],
    [
        Step([None, None, None], "forward"),
        Step([None, None, 1.0], "begin", 2),
        Step([3.0, 2.0, 1.0], f"the end: {EVIL}", 2),
    ],
)
PAGE = draw.page(GRAPH, draw.svg(GRAPH, lay_out(GRAPH.nodes)), GRAPH.described())


def _grads(picture: Locator) -> list[str]:
    return picture.locator("svg .grad").all_text_contents()


def test_a_graph_is_stepped_through_back_and_forth(window: Browser) -> None:
    page = window.new_context(viewport=PHONE).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(PAGE + PAGE)
    first, second = page.locator("figure").all()
    assert _grads(first) == ["grad ?", "grad ?", "grad ?"]
    forth = first.get_by_role("button", name="Next step")
    forth.click()
    forth.click()
    assert _grads(first) == ["grad 3", "grad 2", "grad 1"]
    assert first.locator("p").inner_text() == f"the end: {EVIL}"
    assert forth.is_disabled()
    assert _grads(second) == ["grad ?", "grad ?", "grad ?"], "each picture has steps of its own"
    first.get_by_role("button", name="Undo").click()
    assert _grads(first) == ["grad ?", "grad ?", "grad 1"]
    first.get_by_role("button", name="Start again").click()
    assert first.locator("p").inner_text() == "forward"
    assert first.locator("b").count() == 0, "what is shown is text"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert [url for url in asked if not url.startswith("data:")] == []


def test_on_paper_and_without_scripts_there_is_the_still_picture(window: Browser) -> None:
    page = window.new_context().new_page()
    page.set_content(PAGE)
    assert not page.locator("img").is_visible()
    page.emulate_media(media="print")
    assert page.locator("img").is_visible()
    assert not page.locator("button").first.is_visible()
    still = window.new_context(java_script_enabled=False).new_page()
    still.set_content(PAGE)
    assert still.locator("img").is_visible()
    assert "a: data 2, gradient 3" in (still.locator("img").get_attribute("alt") or "")
    assert still.locator("button").count() == 0
