"""Each rule by which Markdown is made harmless, and what it keeps."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters import markdown2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from grading.submission.sanitize import clean_markdown

NO_WIDTH = "\u200b"


@pytest.mark.parametrize(
    "opening",
    [
        "<b>",
        "</b>",
        "<!-- c",
        "<!DOCTYPE",
        "<?php",
        "<A",
        "<https://a.org>",
        "<javascript:x>",
        "<x@y>",
    ],
)
def test_what_opens_a_tag_does_not(opening):
    assert clean_markdown(f"a {opening} b") == f"a <{NO_WIDTH}{opening[1:]} b"


def test_every_opening_is_found():
    assert clean_markdown("<b><b\n<b") == f"<{NO_WIDTH}b><{NO_WIDTH}b\n<{NO_WIDTH}b"


@pytest.mark.parametrize("text", ["a < b", "a <= b", "1<2", "a <- b", "<<", "x<", "a != b", "# T!"])
def test_what_opens_no_tag_stays(text):
    assert clean_markdown(text) == text


@pytest.mark.parametrize(
    "target",
    [
        *("javascript:x", "JaVaScRiPt:x", "vbscript:x", "data:text/html,x", "file:///etc/passwd"),
        *("ftp://a.org", "//a.org", "/hub/logout", "notes.html", "mailto:x", "blob:x", "about:x"),
        *("<javascript:x>", "httpsx://a", "http:x", "https:/x", "&#106;avascript:x", "\\#", "?a=1"),
    ],
)
@pytest.mark.parametrize("space", ["", " ", "\n", "  \n\t"])
@pytest.mark.parametrize("form", ["[x]({})", "[x]\n\n[x]: {}"])
def test_a_link_to_anything_but_the_web_or_the_page_is_none(form, space, target):
    page = markdown2html(clean_markdown(form.format(space + target)))
    assert "href" not in page


@pytest.mark.parametrize("target", ["http://a.org", "https://a.org/b?c=d#e", "#part"])
@pytest.mark.parametrize("form", ["[x]({})", "[x]\n\n[x]: {}", "[x]( {})"])
def test_a_link_to_the_web_or_the_page_is_one(form, target):
    text = form.format(target)
    assert clean_markdown(text) == text
    assert f'href="{target}"' in markdown2html(text)


@pytest.mark.parametrize(
    "target",
    [
        "https://a.org/x.png",
        "x.png",
        "//a.org/x.png",
        "data:image/png;base64,aGk=",
        "#x",
        "javascript:1",
    ],
)
@pytest.mark.parametrize("form", ["![p]({})", "![p][q]\n\n[q]: {}", "![q]\n\n[q]: {}", "![]({})"])
def test_a_picture_from_elsewhere_is_none(form, target):
    assert "<img" not in markdown2html(clean_markdown(form.format(target), {"p.png"}))


@pytest.mark.parametrize("name", ["p.png", "a-b_c~1%20(2".partition("(")[0], "A1.jpeg", "x@2+y=z"])
def test_an_attached_picture_is_shown(name):
    text = f"see ![a picture](attachment:{name}) here"
    assert clean_markdown(text, {name}) == text


@pytest.mark.parametrize(
    "picture",
    [
        "![p](attachment:gone.png)",
        "![p](attachment:p.png.svg)",
        "![p]( attachment:p.png)",
        "![p](attachment:p.png 'title')",
        "![a[b](attachment:p.png)",
        "![a](b](attachment:p.png)",
    ],
)
def test_only_what_names_an_attached_picture_is_one(picture):
    assert f"!{NO_WIDTH}[" in clean_markdown(picture, {"p.png"})


@pytest.mark.parametrize(
    "name", ["\u00e9.png", 'a"b', "a\\_b", "a&amp;b", "a^b", "a|b", "[a", "a*b*"]
)
def test_a_picture_that_the_page_would_look_for_under_another_name_is_none(name):
    assert f"!{NO_WIDTH}[" in clean_markdown(f"![p](attachment:{name})", {name})


@pytest.mark.parametrize("opening", ["\\\\(", "\\\\[", "\\begin{a}"])
def test_formulas_beyond_two_hundred_stay_text(opening):
    clean = clean_markdown(opening * 201)
    mark = opening[:2] if opening[1] == "\\" else "\\begin"
    assert clean == opening * 200 + mark + NO_WIDTH + opening[len(mark) :]


TOKENS = st.sampled_from(
    [
        *(
            "<script>",
            "</script>",
            "<img src=x onerror=y>",
            "<a href=javascript:x>",
            "<svg/onload=x>",
        ),
        *(
            "![",
            "[",
            "]",
            "](",
            "]:",
            ")",
            "(",
            "!",
            "javascript:x",
            "https://a.org",
            "//a.org/x.png",
        ),
        *(
            "#",
            "attachment:p.png",
            "`",
            "```",
            "$",
            "$$",
            "\\",
            "\n",
            "\n\n",
            " ",
            "> ",
            "- ",
            "*",
            "|",
        ),
        *(
            "x",
            "&#106;",
            "&lt;",
            "<",
            ">",
            '"',
            "[x]: ",
            "[^x]",
            "\t",
            "\u00a0",
            "\ufeff",
            "<!--",
            "-->",
        ),
    ]
)


class Acting(HTMLParser):
    """Collect what acts in a page: elements, attributes and addresses."""

    allowed = frozenset(
        [
            *("p", "em", "strong", "code", "pre", "a", "h1", "h2", "h3", "h4", "h5", "h6", "ul"),
            *("ol", "li", "blockquote", "br", "hr", "img", "table", "thead", "tbody", "tr", "th"),
            *("td", "section", "del", "span", "div", "sup"),
        ]
    )

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag not in self.allowed:
            self.found.append(tag)
        for name, value in attributes:
            web = (value or "").startswith(("https://", "http://", "#"))
            picture = tag == "img" and (value or "").startswith("data:image/png;base64,")
            if name.startswith("on") or (name in ("href", "src") and not web and not picture):
                self.found.append((name, value))
            if tag == "img" and name == "src" and not picture:
                self.found.append((name, value))


@settings(max_examples=150, deadline=None)
@given(st.lists(TOKENS, max_size=14).map("".join))
def test_no_text_makes_a_page_that_acts(text):
    attached = {"p.png": {"image/png": "aGk="}}
    renderer = IPythonRenderer(escape=False, attachments=attached)
    page = MarkdownWithMath(renderer=renderer).render(clean_markdown(text, attached))
    assert Acting(page).found == []


@settings(max_examples=150, deadline=None)
@given(st.lists(TOKENS, max_size=30).map("".join))
def test_a_text_looks_as_it_was_written(text):
    assert clean_markdown(text, {"p.png"}).replace(NO_WIDTH, "") == text
