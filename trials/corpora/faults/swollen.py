"""What a notebook may be swollen by, and what makes reading or showing it take long."""

import json

from nbformat.v4 import new_markdown_cell

from trials.submission import Submission, fault

KEPT = "what is too much is left out, the answers count; same score"
AS_WRITTEN = "it is shown as it was written; same score"
LEFT_OUT = ("left out",)


def with_raw(it: Submission, name: str, raw: str) -> None:
    """Submit the notebook with a field of a code cell written as it stands, on one line."""
    it.run_first("# swollen")
    it.notebook.cells[0][name] = "HERE"
    it.replace_file(json.dumps(it.notebook).replace('"HERE"', raw).encode())


@fault(KEPT, says=LEFT_OUT, stock=True)
def large_outputs(it: Submission) -> None:
    """The notebook has 25 MB, nearly all of it one saved text."""
    it.show({"text/plain": "x" * 25_000_000})


@fault(KEPT)
def many_large_pictures(it: Submission) -> None:
    """The notebook has 60 MB, nearly all of it saved pictures."""
    for _ in range(60):
        it.show({"image/png": "A" * 1_000_000})


@fault(KEPT)
def empty_objects_in_metadata(it: Submission) -> None:
    """The metadata of a cell are 18 MB of empty objects."""
    with_raw(it, "metadata", '{"x": [' + "{}," * 6_000_000 + "0]}")


@fault(KEPT)
def empty_objects_in_the_notebook(it: Submission) -> None:
    """The metadata of the notebook are 90 MB of empty objects."""
    it.notebook["metadata"] = "HERE"
    raw = '{"x": [' + "{}," * 30_000_000 + "0]}"
    it.replace_file(json.dumps(it.notebook).replace('"HERE"', raw).encode())


@fault(KEPT, says=LEFT_OUT)
def countless_outputs(it: Submission) -> None:
    """A cell has a quarter of a million saved outputs."""
    it.run_first("# swollen")
    stream = {"output_type": "stream", "name": "stdout", "text": "x"}
    it.notebook.cells[0]["outputs"] = [stream] * 250_000


@fault(KEPT)
def outputs_of_countless_types(it: Submission) -> None:
    """A saved output has a hundred thousand types of content."""
    it.show({f"text/x-{number}": "x" for number in range(100_000)})


@fault(KEPT)
def nesting_in_outputs(it: Submission) -> None:
    """A saved output is a million lists, each in the one before."""
    with_raw(it, "outputs", "[" * 1_000_000 + "]" * 1_000_000)


@fault(KEPT)
def a_number_without_end(it: Submission) -> None:
    """A cell says that it was the 9999…th to be run, with a million digits."""
    with_raw(it, "execution_count", "9" * 1_000_000)


@fault(KEPT)
def countless_attachments(it: Submission) -> None:
    """A Markdown cell has fifty thousand attached pictures."""
    cell = it.write_text_cell("![p](attachment:0.png)")
    cell["attachments"] = {f"{number}.png": {"image/png": "AAAA"} for number in range(50_000)}


@fault(KEPT)
def a_traceback_without_end(it: Submission) -> None:
    """A saved error has a million lines."""
    it.run_first("# swollen")
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["x"] * 1_000_000}
    it.notebook.cells[0]["outputs"] = [error]


@fault(KEPT)
def html_that_multiplies(it: Submission) -> None:
    """Saved HTML leaves formatting open, which parsers open again in every paragraph."""
    for opened, paragraphs in ((5_500, 9_000), (2_000, 2_900)):
        tags = "".join(f"<b a={number}>" for number in range(opened))
        it.show({"text/html": f"<p>{tags}" + "<p>x" * paragraphs})


@fault(KEPT)
def html_in_the_run_that_multiplies(it: Submission) -> None:
    """The run displays such HTML a hundred times, and errors and colours without end."""
    it.run_first("""
        from IPython.display import HTML, display
        page = "<p>" + "".join(f"<b a={n}>" for n in range(1500)) + "<p>x" * 900
        for _ in range(20):
            display(HTML(page))
        print("x\\x1b[7;1;4;48;2;1;2;3m" * 5000)
        for number in range(1000):
            display(number)
        raise ValueError("\\n".join(["line 1"] * 20_000))
        """)


@fault(AS_WRITTEN)
def markdown_without_end(it: Submission) -> None:
    """Markdown cells repeat what opens a link, a picture, a formula, emphasis, a quote, a list."""
    units = ("[", "![", "[]", "[a](", "[a][", "[^", "\\\\[", "\\\\(", "\\begin{a}", "$a", "$a$ ")
    units += ("**a _b ", "*a", "`a", "<a", "> ", "- ", "> - ", "|", "|a|b|\n|-|-|\n", "a\n: b\n")
    for unit in units:
        it.write_text_cell(unit * (48_000 // len(unit)))
    it.answer("think", "**a _b " * 3_000 + " c_ d**" * 3_000 + "[" * 20_000)


@fault(AS_WRITTEN)
def markdown_that_names_lexers(it: Submission) -> None:
    """Blocks in Markdown are in languages whose lexers take long for blank lines."""
    for name in ("ipython3", "python", "html+php", "mermaid", "perl6", "ipythonconsole"):
        it.write_text_cell(f"```{name}\n" + "\n " * 20_000 + "\n```")


@fault(AS_WRITTEN)
def code_that_is_slow_to_highlight(it: Submission) -> None:
    """Code cells hold blank lines with spaces, dots, and a line of a hundred thousand letters."""
    for source in ("\n " * 40_000, "# " + "a." * 50_000, "# " + "?" * 50_000, "x = 1\n" * 30_000):
        it.run_first("# code")
        it.notebook.cells[0].source = source


@fault("all of it is shown, most as it was written; same score", seconds=90)
def many_full_text_cells(it: Submission) -> None:
    """Five hundred Markdown cells hold formulas and tables."""
    source = "$a$ " * 500 + "\n\n|a|b|\n|-|-|\n" + "|1|2|\n" * 100
    it.notebook.cells[1:1] = [new_markdown_cell(source) for _ in range(500)]
