"""Write HTML anew with few tags, none of them deep: what parsers multiply is not there any more.

A parser of HTML repairs what is wrongly nested: it opens each formatting element that is still
open again in every paragraph, with all its attributes, and looks through all open elements at each
tag. Here tags are written in pairs, without attributes, before one sees them.
"""

import re
from collections.abc import Iterator

BLOCKS = {"p", "div", "pre", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6"}
TABLES = {"table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption"}
INLINE = {"b", "i", "em", "strong", "code", "span", "sub", "sup"}
EMPTY = {"br", "hr"}
TAGS = BLOCKS | TABLES | INLINE | EMPTY
MAX_DEPTH = 32
UNSHOWN = {"script", "style", "title", "template", "textarea", "noscript", "iframe", "svg", "math"}
NAME = r"<(?P<close>/?)(?P<name>[A-Za-z][^\s/<>]*+)"
QUOTED = r"""(?:[^<>"']|"[^"]{0,2000}+"|'[^']{0,2000}+')*+"""
TAG = re.compile(rf"{NAME}(?P<attributes>{QUOTED})>")
LOOSE_TAG = re.compile(rf"{NAME}(?P<attributes>[^<>]*+)>")
ODD = re.compile(r"<!--|<[!?/]")
SPAN = re.compile(r"""\b(colspan|rowspan)\s{0,9}=\s{0,9}["']?(\d{1,4})\b""")
PARTS = ("thead", "tbody", "tfoot")
ENDS = {
    "p": {"p"},
    "li": {"li", "p"},
    "td": {"td", "th", "p"},
    "th": {"td", "th", "p"},
    "tr": {"tr", "td", "th", "p"},
    **{part: {*PARTS, "tr", "td", "th", "p"} for part in PARTS},
}  # what is still open ends where one of these begins, as its end may be left out


def tidy_html(text: str) -> str:
    """Return HTML whose tags are of `TAGS`, in pairs and at most `MAX_DEPTH` deep."""
    return "".join(_pieces(text))


def _pieces(text: str) -> Iterator[str]:
    opened: list[str] = []
    place = 0
    while (start := text.find("<", place)) >= 0:
        yield _characters(text[place:start])
        tag = TAG.match(text, start) or LOOSE_TAG.match(text, start)
        if tag is None:
            place = _behind_odd(text, start)
            if place == start + 1:
                yield "&lt;"
            continue
        place = tag.end()
        name = tag["name"].lower()
        if name in UNSHOWN and not tag["close"]:
            place = _behind(text, f"</{name}", place)
        elif name in TAGS:
            yield from _closed(opened, name) if tag["close"] else _opened(opened, name, tag)
    yield _characters(text[place:])
    yield from (f"</{name}>" for name in reversed(opened))


def _opened(opened: list[str], name: str, tag: re.Match[str]) -> Iterator[str]:
    if name in EMPTY:
        yield f"<{name}>"
        return
    while opened and opened[-1] in ENDS.get(name, ()):
        yield f"</{opened.pop()}>"
    if len(opened) < MAX_DEPTH and not (name in INLINE and name in opened):
        opened.append(name)
        yield f"<{name}{_spans(tag['attributes']) if name in ('td', 'th') else ''}>"


def _closed(opened: list[str], name: str) -> Iterator[str]:
    if name in opened:
        while (last := opened.pop()) != name:
            yield f"</{last}>"
        yield f"</{name}>"


def _spans(attributes: str) -> str:
    found = dict(SPAN.findall(attributes.lower()))
    return "".join(f' {name}="{number}"' for name, number in found.items())


def _characters(text: str) -> str:
    return text.replace(">", "&gt;")


def _behind_odd(text: str, start: int) -> int:
    """Return where a comment or declaration ends; behind the `<` where it is a mere character."""
    odd = ODD.match(text, start)
    if odd is None:
        return start + 1
    return _behind(text, "-->" if odd[0] == "<!--" else ">", odd.end())


def _behind(text: str, end: str, place: int) -> int:
    """Return where a text goes on behind an end, of a tag as well; at its end, if there is none."""
    found = re.compile(re.escape(end), re.IGNORECASE).search(text, place)
    if found is None:
        return len(text)
    if end.endswith(">"):
        return found.end()
    closing = text.find(">", found.end())
    return len(text) if closing < 0 else closing + 1
