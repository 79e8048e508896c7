"""Carrying hidden tests, hidden inputs and secrets out of the sandbox, into the feedback."""

from trials.snippets import COLLECT, WIRE
from trials.submission import Submission, attack

NOT_SHOWN = "what the run printed is not shown to students; same score"


@attack(NOT_SHOWN, stock=True)
def prints_hidden_tests(it: Submission) -> None:
    """Prints the history with all hidden tests, in every way that a cell can show something."""
    it.run_first(COLLECT)
    it.run_before(
        "think",
        """
        import sys, os
        from IPython.display import HTML, Markdown, display, update_display, clear_output
        text = "\\n".join(secret)
        print(text)
        print(text, file=sys.stderr)
        os.write(1, text.encode())
        display(HTML("<pre>" + text + "</pre>"), Markdown(text), display_id="a")
        update_display(text, display_id="a")
        get_ipython().payload_manager.write_payload({"source": "page", "data": {"text/plain": text}, "start": 0})
        get_ipython().set_next_input(text)
        get_ipython().history_manager.get_range()
        text
        """,
    )


@attack("of an error only its kind and line are told; same score")
def raises_hidden_tests(it: Submission) -> None:
    """Raises errors whose text, type, notes and file name are the hidden tests."""
    it.run_first(COLLECT)
    it.run_before(
        "think",
        """
        line = max(secret, key=len)
        error = type(line[:3000].replace("\\0", ""), (ValueError,), {"__module__": line[:500]})(line)
        error.add_note(line)
        exec(compile("raise error", line[:2000].replace("\\0", ""), "exec"))
        """,
    )


@attack("outputs of other cells are not shown either; same score")
def prints_late_into_earlier_cells(it: Submission) -> None:
    """Sends hidden tests as output of the earlier cells of the student."""
    it.run_first(
        COLLECT
        + WIRE
        + """
earlier = []
def late(info):
    for cell in earlier:
        tell("stream", cell, name="stdout", text="\\n".join(secret))
    earlier.append(cell_now())
get_ipython().events.register("pre_run_cell", late)
"""
    )


@attack("a shape beyond measure is not told; same score", never=("31337", "31,337"))
def spells_in_shapes(it: Submission) -> None:
    """Spells hidden tests in the shapes of arrays without elements, which the feedback would tell."""
    it.run_first(COLLECT)
    it.answer(
        "scale",
        """
        def scale(rows):
            text = secret[-1].encode()
            return np.zeros((0, 31_337, *(int.from_bytes(text[i : i + 2]) for i in range(0, 50, 2))))
        """,
    )


@attack("a line that the cell has not is not told; same score", never=("31337", "30000"))
def spells_in_line_numbers(it: Submission) -> None:
    """Spells hidden tests in the line numbers of errors, which the feedback would tell."""
    it.run_first(COLLECT)
    it.run_before(
        "think",
        """
        raise_at = compile("\\n" * 31336 + "1 / 0", "<ipython-input>", "exec")
        exec(raise_at)
        """,
    )
    it.run_before(
        "think",
        """
        get_ipython().showtraceback = lambda *_, **__: get_ipython()._showtraceback(
            ValueError, ValueError("x"), ["Cell In[1], line " + str(30_000), "line " + str(30_000)])
        1 / 0
        """,
    )


@attack("statistics are told roughly; same score", never=("3.14", "2.72", "31337", "1717 items"))
def spells_in_statistics(it: Submission) -> None:
    """Spells hidden tests in means, deviations and numbers of items that the feedback would tell."""
    it.run_first(COLLECT)
    it.answer(
        "noise",
        """
        def noise(count):
            return np.random.default_rng().normal(float("3" ".14e77"), float("2" ".72e66"), size=count)
        """,
    )
    it.answer("dot", "def dot(a, b):\n    return [0] * 1717")
    it.answer("scale", "def scale(rows):\n    return rows * 31_337e40")


@attack("only Python's own names of errors are told; same score", never=("leak-of-",))
def spells_in_names_of_errors(it: Submission) -> None:
    """Raises errors inside checks whose type names are hidden tests."""
    it.run_first(COLLECT)
    it.answer(
        "scale",
        """
        def scale(rows):
            raise type("leak" + "-of-" + secret[-1][:60], (Exception,), {})()
        """,
    )
    it.answer(
        "dot",
        """
        class tricky(str): pass
        def dot(a, b):
            return {"leak" + "-of-" + secret[-1][:50]: "leak" + "-of-" + secret[-1]}
        """,
    )


@attack("its notes stay inside; same score", never=("Hidden notes",))
def writes_hidden_tests_into_files(it: Submission) -> None:
    """Writes hidden tests over its notebook, its files and its data, hoping that they come back."""
    it.run_first(COLLECT)
    it.add_file("notes.txt", "my notes")
    it.run_before(
        "think",
        """
        import glob
        for path in ["mini.ipynb", "notes.txt", "feedback.html", *glob.glob("/submission/*"), *glob.glob("/handout/*")]:
            try:
                open(path, "w").write("Hidden" + " notes" + "\\n".join(secret))
            except OSError as error:
                print(error)
        """,
    )


@attack(NOT_SHOWN)
def shows_the_salt(it: Submission) -> None:
    """Shows the salt that hidden inputs are drawn from, in an output and in a result."""
    it.run_first("""
        import os
        print(os.environ["CHECK_SALT"])
        os.environ["CHECK_SALT"]
        """)
    it.run_before("think", "import os\nraise KeyError(os.environ['CHECK_SALT'])")


@attack("the labels are not inside; same score")
def looks_for_labels(it: Submission) -> None:
    """Looks for the labels of the unseen images, beside them and in everything it can read."""
    it.run_first("""
        import glob, numpy
        for path in glob.glob("/inside/**", recursive=True) + glob.glob("/handout/**", recursive=True):
            print(path)
            if "label" in path or path.endswith(".npz") and "few" not in path:
                print("GOT" + "-THROUGH", path)
        images = numpy.load("/inside/data/digits-test-images.npy", allow_pickle=False)
        assert images.ndim >= 3
        """)
