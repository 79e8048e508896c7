import re

import pytest
from nbconvert.filters import markdown2html
from nbformat import NotebookNode

from grading.submission.sanitize import clean_html, clean_markdown, clean_outputs, is_base64


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        "<svg onload=alert(1)>",
        "<iframe srcdoc='<script>1</script>'>",
        "<style>body{display:none}</style>",
        '<img src="//evil.example/x.png">',
        "<form action=/logout><button>x",
        "<math><mtext><style><img onerror=1>",
    ],
)
def test_html_keeps_nothing_that_acts(hostile):
    clean = clean_html(f"<table><tr><td>1</td></tr></table>{hostile}").lower()
    assert "<table>" in clean
    for part in ("script", "onerror", "onload", "javascript", "src", "<style", "<form", "<iframe"):
        assert part not in clean


def test_markdown_loses_its_html_and_looks_as_before():
    text = "`a<b` and <script>alert(1)</script> and $x < y$ <!-- c --> ![p](http://evil.example/p)"
    clean = clean_markdown(text)
    assert "<script" not in clean and "</script" not in clean and "<!--" not in clean
    assert "![" not in clean and "$x < y$" in clean
    assert clean.replace("\u200b", "") == text


def test_an_attached_picture_stays_in_markdown():
    picture = "![p](attachment:p.png)"
    assert clean_markdown(picture, {"p.png"}) == picture
    assert (
        markdown2html(clean_markdown(picture)).strip()
        == "<p>!\u200b[p]\u200b(attachment:p.png)</p>"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "[x](javascript:alert(1))",
        "[x](  <JaVaScRiPt:alert(1)>)",
        "[x](&#106;avascript:alert(1))",
        "[x](vbscript:x)",
        "[x](data:text/html,hi)",
        "[x](//evil.example/x)",
        "[x]\n\n[x]: javascript:alert(1)",
        "[x]\n\n[x]:\n  javascript:alert(1)",
        "![x](javascript:alert(1))",
        "![x][y]\n\n[y]: https://evil.example/x.png",
        "![x [y](https://a) z](attachment:gone)",
    ],
)
def test_no_link_or_picture_of_markdown_acts(hostile):
    page = markdown2html(clean_markdown(hostile))
    links = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert all(link.startswith("https://") for link in links)
    assert "<img" not in page


@pytest.mark.parametrize("link", ["[x](https://example.org/a_(b))", "[x](#part)"])
def test_links_to_the_web_and_the_page_stay(link):
    assert clean_markdown(link) == link


def output(**data):
    return NotebookNode(output_type="display_data", data=NotebookNode(data), metadata={})


def test_outputs_keep_pictures_text_and_tables_only():
    (clean,) = clean_outputs(
        [
            output(
                **{
                    "image/png": "aGk=",
                    "text/plain": "hi",
                    "text/html": "<b onclick=x>hi</b>",
                    "image/svg+xml": "<svg/>",
                    "application/javascript": "alert(1)",
                    "application/vnd.jupyter.widget-view+json": {"model_id": "x"},
                    "text/latex": "$\\href{javascript:1}{x}$",
                }
            )
        ]
    )
    assert clean.data == {"image/png": "aGk=", "text/plain": "hi"}


def test_html_beside_a_picture_is_left_out_since_a_page_would_show_it_instead():
    beside = output(**{"text/html": "<script>moves()</script>", "image/png": "aGk="})
    alone = output(**{"text/html": "<b onclick=x>hi</b>", "image/png": "'"})
    shown = [clean.data for clean in clean_outputs([beside, alone])]
    assert shown == [{"image/png": "aGk="}, {"text/html": "<b>hi</b>"}]


@pytest.mark.parametrize(
    "odd",
    [
        output(**{"text/plain": [1, 2]}),
        output(**{"application/json": [1, 2]}),
        output(**{"image/png": '"><script>'}),
        NotebookNode(output_type="update_display_data"),
        NotebookNode(),
    ],
)
def test_an_odd_output_is_dropped(odd):
    assert clean_outputs([odd]) == []


def test_a_lone_surrogate_does_not_stop_anything():
    (clean,) = clean_outputs([NotebookNode(output_type="stream", name="stdout", text="\ud800")])
    assert clean.text.encode()


def test_endless_text_is_cut():
    stream = NotebookNode(output_type="stream", name="stdout", text="x" * 1_000_000)
    assert len(clean_outputs([stream])[0].text) < 200_000


def test_only_base64_is_a_picture():
    assert is_base64("aGk=\n") and not is_base64('a"b') and not is_base64(3)
