"""Each rule by which outputs are made harmless, and what they keep."""

import pytest
from nbformat import NotebookNode

from grading.submission.sanitize import clean_html, clean_outputs, is_base64

TABLE = (
    "<table><caption>c</caption><thead><tr><th>h</th></tr></thead>"
    "<tbody><tr><td>d</td></tr></tbody><tfoot><tr><td>f</td></tr></tfoot></table>"
)
FORMATTED = [
    *("p", "div", "span", "b", "i", "em", "strong", "pre", "code", "ul", "ol", "li", "sub"),
    *("sup", "h1", "h2", "h3", "h4", "h5", "h6"),
]
ACTIVE = [
    *("script", "style", "iframe", "frame", "object", "embed", "applet", "form", "input", "button"),
    *("select", "textarea", "a", "img", "picture", "source", "svg", "math", "video", "audio"),
    *("link", "meta", "base", "details", "dialog", "template", "noscript", "canvas", "map", "area"),
    *("marquee", "title", "html", "body", "head", "portal", "x-evil", "font", "center", "label"),
]


def test_tables_stay_as_they_are():
    assert clean_html(TABLE) == TABLE


@pytest.mark.parametrize("tag", FORMATTED)
def test_formatted_text_stays_as_it_is(tag):
    assert clean_html(f"<{tag}>x</{tag}>") == f"<{tag}>x</{tag}>"


@pytest.mark.parametrize("tag", ["br", "hr"])
def test_lines_stay(tag):
    assert clean_html(f"a<{tag}>b") == f"a<{tag}>b"


@pytest.mark.parametrize("tag", ACTIVE)
@pytest.mark.parametrize("form", ["<{0}>x</{0}>", "<{0}/>", "<{0} x=y", "<{0}><b>1", "</{0}>"])
def test_no_other_tag_stays(tag, form):
    assert f"<{tag}" not in clean_html(f"<p>1</p>{form.format(tag)}")


@pytest.mark.parametrize("tag", ["script", "style"])
def test_what_stands_in_a_script_or_style_is_not_shown_as_text(tag):
    assert "steal" not in clean_html(f"<b>1</b><{tag}>steal()</{tag}>")


@pytest.mark.parametrize("comment", ["<!-- x -->", "<!-- x", "<!DOCTYPE x>", "<?php x ?>", "<!x>"])
def test_no_comment_or_instruction_stays(comment):
    assert clean_html(f"<b>1</b>{comment}") == "<b>1</b>"


@pytest.mark.parametrize(
    "attribute",
    [
        *("onclick", "onload", "onerror", "ontoggle", "style", "class", "id", "name", "href"),
        *(
            "src",
            "srcset",
            "action",
            "background",
            "data-x",
            "xmlns",
            "align",
            "headers",
            "is",
            "slot",
        ),
    ],
)
@pytest.mark.parametrize("tag", ["p", "td", "b", "div", "th"])
def test_no_tag_keeps_an_attribute_that_acts_or_imitates(tag, attribute):
    clean = clean_html(f'<table><tr><{tag} {attribute}="x">1</{tag}></tr></table>')
    assert attribute not in clean


@pytest.mark.parametrize("attribute", ["colspan", "rowspan"])
def test_cells_of_tables_span_others_and_nothing_else_does(attribute):
    row = f'<tr><td {attribute}="2">1</td><th {attribute}="2">1</th></tr>'
    table = f"<table><tbody>{row}</tbody></table>"
    assert clean_html(table) == table
    assert clean_html(f'<div {attribute}="2">1</div>') == "<div>1</div>"


def test_a_large_table_stays_whole():
    table = f"<table><tbody>{'<tr><td>1</td></tr>' * 1_249}</tbody></table>"
    assert table.count("<") == 5_000
    assert clean_html(table) == table


@pytest.mark.parametrize("tag", ["<div>", "<b></p>", "<ul><li>", "</p>"])
def test_html_of_endless_tags_is_left_out(tag):
    assert clean_html(tag * 5_001) == "<p>(cut: too many tags)</p>"


def show(kind="display_data", metadata=None, **data):
    return NotebookNode(output_type=kind, data=NotebookNode(data), metadata=metadata or {})


def stream(text, name="stdout"):
    return NotebookNode(output_type="stream", name=name, text=text)


def error(ename="E", evalue="v", traceback=("t",)):
    return NotebookNode(output_type="error", ename=ename, evalue=evalue, traceback=list(traceback))


def only(output):
    (clean,) = clean_outputs([output])
    return clean


def test_text_that_was_printed_stays():
    assert only(stream("hello", "stderr")) == stream("hello", "stderr")


def test_an_error_stays():
    assert only(error("E", "v", ["a", "b"])) == error("E", "v", ["a", "b"])


@pytest.mark.parametrize("kind", ["display_data", "execute_result"])
def test_what_was_shown_stays(kind):
    clean = only(show(kind, **{"text/plain": "x", "image/png": "aGk="}))
    assert (clean.output_type, clean.data) == (kind, {"text/plain": "x", "image/png": "aGk="})


@pytest.mark.parametrize(
    "kind", ["update_display_data", "pyout", "clear_output", "comm_msg", "", None]
)
def test_no_other_kind_of_output_stays(kind):
    assert clean_outputs([show(kind, **{"text/plain": "x"})]) == []


@pytest.mark.parametrize(
    "mime",
    [
        *("image/svg+xml", "image/gif", "image/webp", "application/pdf", "application/javascript"),
        *("text/javascript", "text/latex", "text/markdown", "application/json", "text/x-evil"),
        *(
            "application/vnd.jupyter.widget-view+json",
            "application/vnd.plotly.v1+json",
            "TEXT/HTML",
        ),
        *("application/vnd.course-evidence+json", "video/mp4", "image/png ", 'image/png"'),
    ],
)
def test_no_other_type_of_content_stays(mime):
    assert only(show(**{mime: "aGk=", "text/plain": "x"})).data == {"text/plain": "x"}
    assert clean_outputs([show(**{mime: "aGk="})]) == []


def test_metadata_do_not_stay():
    evil = {"image/png": {"width": '"><script>'}, "isolated": True}
    assert only(show(metadata=evil, **{"image/png": "aGk="})).metadata == {}


def test_no_other_field_of_an_output_stays():
    outputs = [stream("x"), error(), show(**{"text/plain": "x"})]
    for output in outputs:
        output["transient"] = {"x": 1}
    assert not any("transient" in clean for clean in clean_outputs(outputs))


def test_a_result_is_not_numbered():
    output = show("execute_result", **{"text/plain": "x"}) | {"execution_count": '"><script>'}
    assert only(NotebookNode(output)).execution_count is None


def test_html_that_was_shown_is_cleaned():
    assert only(show(**{"text/html": "<b onclick=x>1</b><script>2</script>"})).data == {
        "text/html": "<b>1</b>"
    }


def test_html_in_pieces_is_cleaned_as_a_whole():
    assert only(show(**{"text/html": ["<scr", "ipt>1</script>", "<b>2</b>"]})).data == {
        "text/html": "<b>2</b>"
    }


@pytest.mark.parametrize("mime", ["image/png", "image/jpeg"])
@pytest.mark.parametrize(
    "data", ['"><script>', "a'b", "a<b", "data:x", "a-b", "\u0661", ["aGk=", '"']]
)
def test_a_picture_that_is_none_does_not_stay(mime, data):
    assert clean_outputs([show(**{mime: data})]) == []


@pytest.mark.parametrize("data", ["aGk=", "a+/9\n", ""])
def test_base64_is_a_pictures_data(data):
    assert is_base64(data)


@pytest.mark.parametrize("data", ['a"', "a'", "a b;", "<", "&", None, 7, b"aGk=", ["aGk="]])
def test_nothing_else_is_a_pictures_data(data):
    assert not is_base64(data)


CUT = "x" * 100_000 + "\n… (cut)"
LONGEST, LONGER = "x" * 100_000, "x" * 100_001


@pytest.mark.parametrize(
    ("text", "kept"), [(LONGEST, LONGEST), (LONGER, CUT)], ids=["whole", "cut"]
)
@pytest.mark.parametrize(
    ("output", "shown"),
    [
        (stream, lambda clean: clean.text),
        (lambda text: stream(list(text)), lambda clean: clean.text),
        (lambda text: error(ename=text), lambda clean: clean.ename),
        (lambda text: error(evalue=text), lambda clean: clean.evalue),
        (lambda text: error(traceback=[text]), lambda clean: clean.traceback[0]),
        (lambda text: show(**{"text/plain": text}), lambda clean: clean.data["text/plain"]),
        (lambda text: show(**{"text/html": text}), lambda clean: clean.data["text/html"]),
    ],
    ids=["stream", "lines", "ename", "evalue", "traceback", "plain", "html"],
)
def test_endless_text_of_any_kind_is_cut_and_says_so(output, shown, text, kept):
    assert shown(only(output(text))) == kept


def test_of_an_endless_traceback_two_hundred_lines_stay():
    assert len(only(error(traceback=["t"] * 201)).traceback) == 200


@pytest.mark.parametrize("output", [stream("\ud800"), error("\ud800", "\ud800", ["\ud800"])])
def test_half_a_character_is_replaced(output):
    assert "\ud800" not in str(only(output)) and "?" in str(only(output))


def test_outputs_stay_in_their_order():
    outputs = [stream("1"), show("pyout"), stream("2"), error("3")]
    assert [clean.get("text", "3") for clean in clean_outputs(outputs)] == ["1", "2", "3"]
