"""The words of the field: each is explained, in bold or italics, where students first meet it."""

import re

import pytest

from grading.course.cells import is_answer
from grading.course.layout import Course
from grading.course.texts import read_notebook
from grading.sandbox.settings import PROJECT

COURSE = Course(PROJECT)
# Code, formulas, headings, and the titles of papers after their authors.
NOT_PROSE = re.compile(
    r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|^#+ [^\n]*|: \*[^*]+\*", re.MULTILINE | re.DOTALL
)
WORDS = [
    "label",
    "class(es)?",
    "seed",
    "training set",
    "test set",
    "accuracy",
    "baseline",
    "tensor",
    "broadcast",
    "vectorisation",
    "activation functions?",
    "derivative",
    "vanishing gradient",
    "parameters?",
    "hidden units?",
    "initialisation",
    "overfitting",
    "regularisation",
    "multi-layer perceptron",
    "loss",
    "logit",
    "(binary )?cross-entropy",
    "gradient",
    "gradient descent",
    "learning rate",
    "computational graph",
    "topological order",
    "chain rule",
    "backpropagation",
    "optimizer",
    "stochastic gradient descent",
    "momentum",
    "weight decay",
    "hyperparameter",
    "convolution",
    "stride",
    "weight sharing",
    "feature map",
    "receptive field",
    "epoch",
    "learning curves?",
    "validation set",
    "mini-batch",
    "FLOP",
]


def paragraphs(notebook):
    """Return what students read between the code of a notebook, paragraph by paragraph."""
    told = [c for c in notebook.cells if c.cell_type == "markdown" and not is_answer(c)]
    prose = "\n\n".join(NOT_PROSE.sub("", cell.source) for cell in told)
    return [" ".join(text.split()) for text in prose.split("\n\n")]


def places(word, texts):
    """Return how often each text has a word, and the number of the first that explains it."""
    used = [len(re.findall(rf"\b(?:{word})s?\b", text, re.IGNORECASE)) for text in texts]
    told = re.compile(rf"(\*\*?)(?:{word})s?\1", re.IGNORECASE)
    return used, next((number for number, text in enumerate(texts) if told.search(text)), None)


def unexplained(word, texts):
    """Return why a word is not explained where it is first met; an empty text if it is."""
    used, explained = places(word, texts)
    if explained is None:
        return f"{word} is never explained"
    if any(used[:explained]):
        return f"{word} is used before it is explained: {texts[used.index(max(used[:explained]))]}"
    return "" if sum(used) > 1 else f"{word} is explained and never used"


@pytest.fixture(scope="module")
def course():
    """Return the paragraphs of all notebooks, in the order in which they are read."""
    notebooks = [read_notebook(COURSE.text(name)) for name in COURSE.assignments()]
    return [text for notebook in notebooks for text in paragraphs(notebook)]


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_explained_where_it_is_first_met(word, course):
    assert unexplained(word, course) == ""


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (["A **loss** is a number.", "Losses and the loss."], ""),
        (["The loss is what we call a **loss**."], ""),
        (["It is called *loss*.", "A loss."], ""),
        (["The loss is small.", "A **loss** is a number."], "used before"),
        (["A loss.", "Another loss."], "never explained"),
        (["A **loss** is a number.", "The glossary."], "never used"),
    ],
)
def test_a_word_that_is_not_explained_in_time_is_named(texts, why):
    assert why in unexplained("loss(es)?", texts)
    assert bool(why) == bool(unexplained("loss(es)?", texts))
