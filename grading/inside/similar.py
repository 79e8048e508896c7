"""Find passages that answers share: runs sealed, with `compare50` and nothing of ours.

On standard input stand a line of JSON, `{"handed_out": [text…], "people": [length…], "settings":
{…}}`, and for each person as many bytes as its length says: `{cell: code}` as JSON. On standard
output come lines of JSON, `{"done": n, "of": n}` and at the end `{"result": …}`.
"""

import itertools
import json
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import compare50
from compare50 import Submission, _api, preprocessors
from pygments.token import Comment, String

K = 12  # words of code that a passage has at least
GUARANTEED = 16  # words of code of which no passage is missed
OFTEN = 4  # times that a run of words may stand in one answer before it is mere repetition
LEAST_ALIKE = 2 * K  # words of code that a pair shares at least
CANDIDATES = 4  # pairs that are looked at closely, for each that is shown
PLAIN, APART = 0, -1  # the marks of what is not alike, and of what does not count
NOWHERE = -1
TOO_LONG = 20_000
HIDDEN = "…"
NORMAL = (
    preprocessors.strip_whitespace,
    preprocessors.strip_comments,
    preprocessors.normalize_identifiers,
    preprocessors.normalize_builtin_types,
    preprocessors.normalize_string_literals,
    preprocessors.normalize_numeric_literals,
)

_api.Executor = _api.FauxExecutor  # one process: the limits are those of one


def without_docstrings(tokens: Iterable[Any]) -> Iterator[Any]:
    """Leave out what explains and does nothing."""
    return (token for token in tokens if token.type not in String.Doc)


def normal(tokens: Iterable[Any]) -> list[Any]:
    """Return the words of code without names, comments, layout and what literals say."""
    for step in (without_docstrings, *NORMAL):
        tokens = step(tokens)
    return list(tokens)


class Answer:
    """The code of one cell, and its words: which they are, and which of them count."""

    def __init__(self, cell: str, file: Any) -> None:
        self.cell, self.file, self.text = cell, file, file.read()
        self.words = normal(file.unprocessed_tokens())
        self.counts = [True] * len(self.words)
        words = [word.val for word in self.words]
        self.runs = [hash(tuple(words[at : at + K])) for at in range(len(words) - K + 1)]

    @property
    def own(self) -> int:
        """How many words count."""
        return sum(self.counts)

    def subtract(self, shared: set[int]) -> None:
        """Let runs of words not count that are shared, or stand here again and again."""
        often = Counter(self.runs)
        for at, run in enumerate(self.runs):
            if run in shared or often[run] >= OFTEN:
                self.counts[at : at + K] = [False] * K

    def counting(self, numbers: Iterator[int]) -> Iterator[tuple[str, int]]:
        """Yield the words that count, with their places; a word of its own for what does not."""
        for counts, group in itertools.groupby(
            enumerate(self.words), lambda one: self.counts[one[0]]
        ):
            if counts:
                yield from (("".join(word.val.split()), at) for at, word in group)
            else:
                yield f"apart{next(numbers)}", NOWHERE


class Class:
    """Everybody's answers, and the files in which the words that count stand."""

    def __init__(
        self, handed_out: list[str], people: list[dict[str, str]], told: Callable[[int], None]
    ) -> None:
        self._folder = Path(tempfile.mkdtemp())
        given = [answer.runs for answer in self._read("given", dict(enumerate(handed_out)))]
        self.answers = []
        count: Counter[int] = Counter()
        for at, cells in enumerate(people):
            self.answers.append(self._read(f"code{at}", cells))
            count.update({run for answer in self.answers[at] for run in answer.runs})
            told(at + 1)
        self.common: set[int] = set()
        if len(people) >= SETTINGS["least_class"]:
            many = SETTINGS["common"] * len(people)
            self.common = {run for run, number in count.items() if number >= many}
        shared = self.common.union(*given)
        self.places: dict[Any, dict[int, int]] = {}
        numbers = itertools.count()
        self.people = [self._write(at, shared, numbers) for at in range(len(people))]
        self.number = {one.id: at for at, one in enumerate(self.people)}

    def _read(self, name: str, texts: dict[Any, str]) -> list[Answer]:
        folder = self._folder / name
        folder.mkdir()
        cells = sorted(texts)
        names = [f"{number}.py" for number in range(len(cells))]
        for file, cell in zip(names, cells, strict=True):
            (folder / file).write_text(texts[cell][:TOO_LONG], "utf-8", "replace")
        return list(map(Answer, map(str, cells), Submission(folder, names).files))

    def _write(self, at: int, shared: set[int], numbers: Iterator[int]) -> Any:
        folder = self._folder / f"words{at}"
        folder.mkdir()
        names, places = [], []
        for number, answer in enumerate(self.answers[at]):
            answer.subtract(shared)
            text, place = "", {}
            for word, where in answer.counting(numbers):
                place[len(text)] = where
                text += f"{word}\n"
            names.append(f"{number}.txt")
            places.append(place)
            (folder / names[-1]).write_text(text, "utf-8", "replace")
        person = Submission(folder, names, preprocessor=preprocessors.split_on_whitespace)
        self.places.update(zip(person.files, places, strict=True))
        return person


class Alike(compare50.Pass):
    """How the answers are compared: Winnowing over words of code."""

    preprocessors = (preprocessors.split_on_whitespace,)
    comparator = compare50.comparators.Winnowing(k=K, t=GUARANTEED)


def pairs(people: Class, most: int, told: Callable[[int], None]) -> list[dict[str, Any]]:
    """Return the pairs that share most, most alike first."""
    scores = compare50.rank(people.people, [], set(), Alike, n=most * CANDIDATES)
    found = []
    for number, score in enumerate(scores, 1):
        [result] = compare50.compare([score], set(), Alike)
        pair = described(people, result)
        if min(pair["words"]) >= LEAST_ALIKE:
            found.append(pair)
        told(number)
    return sorted(found, key=lambda one: (-one["alike"], one["who"]))[:most]


def described(people: Class, result: Any) -> dict[str, Any]:
    """Return what two people share: by cell, and their code with the passages marked."""
    passages = ordered(result.groups)
    sides = [side(people, one, passages) for one in (result.sub_a, result.sub_b)]
    return {
        "who": [people.number[result.sub_a.id], people.number[result.sub_b.id]],
        "words": [sum(cell["matching"] for cell in one) for one in sides],
        "alike": min(weight(one) for one in sides),
        "sides": sides,
    }


def ordered(groups: Iterable[Any]) -> list[list[Any]]:
    """Return the spans of each passage, longest passage first."""
    found = [
        sorted(group.spans, key=lambda one: (str(one.file.path), one.start)) for group in groups
    ]
    return sorted(
        found, key=lambda one: (one[0].start - one[0].end, str(one[0].file.path), one[0].start)
    )


def weight(cells: list[dict[str, Any]]) -> float:
    """Return how alike one side is: shared words, each cell's times the share they are of it."""
    return sum(cell["matching"] ** 2 / cell["own"] for cell in cells if cell["own"])


def side(people: Class, person: Any, passages: list[list[Any]]) -> list[dict[str, Any]]:
    """Return the cells of one person: how much is shared, and the code in marked pieces."""
    found = []
    for answer, file in zip(people.answers[people.number[person.id]], person.files, strict=True):
        marks = [PLAIN if counts else APART for counts in answer.counts]
        for number, spans in enumerate(passages, 1):
            for span in (one for one in spans if one.file == file):
                for start, at in people.places[file].items():
                    if span.start <= start < span.end and at != NOWHERE and marks[at] == PLAIN:
                        marks[at] = number
        matching = sum(mark > 0 for mark in marks)
        one = {"cell": answer.cell, "own": answer.own, "matching": matching, "pieces": []}
        if matching:
            one["pieces"] = pieces(answer, marks)
        found.append(one)
    return found


def pieces(answer: Answer, marks: list[int]) -> list[list[Any]]:
    """Return the code in pieces, each with its mark; comments and strings only where wanted."""
    signs = [PLAIN] * len(answer.text)
    end, last = 0, PLAIN
    for word, mark in zip(answer.words, marks, strict=True):
        start = end if mark == last else word.start  # what stands between words of one passage
        signs[start : word.end] = [mark] * (word.end - start)
        end, last = word.end, mark
    text = list(answer.text)
    if SETTINGS["hide_texts"]:
        hidden = 0
        for token in answer.file.unprocessed_tokens():
            if token.type in Comment or token.type in String:
                sign = "" if token.start == hidden else HIDDEN
                text[token.start : token.end] = [sign, *[""] * (token.end - token.start - 1)]
                hidden = token.end
    return [
        ["".join(sign for sign, _ in group), mark]
        for mark, group in itertools.groupby(zip(text, signs, strict=True), lambda one: one[1])
    ]


def answers_of(content: bytes) -> dict[str, str]:
    """Return a person's cells; none where that is not what stands there."""
    try:
        return {str(cell): str(text) for cell, text in json.loads(content).items()}
    except (ValueError, AttributeError, RecursionError):
        return {}


def tell(line: dict[str, Any]) -> None:
    """Write one line for who started this."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Compare everybody with everybody."""
    header = json.loads(sys.stdin.buffer.readline())
    SETTINGS.update(header["settings"])
    megabytes = SETTINGS["memory_mb"] * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (megabytes, megabytes))
    resource.setrlimit(resource.RLIMIT_CPU, (SETTINGS["cpu_seconds"],) * 2)
    people = [answers_of(sys.stdin.buffer.read(length)) for length in header["people"]]
    steps = len(people) + CANDIDATES * SETTINGS["most"]
    known = Class(header["handed_out"], people, lambda done: tell({"done": done, "of": steps}))
    found = pairs(
        known, SETTINGS["most"], lambda done: tell({"done": len(people) + done, "of": steps})
    )
    own = [{one.cell: one.own for one in answers} for answers in known.answers]
    tell({"result": {"pairs": found, "own": own, "common": len(known.common)}})


SETTINGS: dict[str, Any] = {}

if __name__ == "__main__":
    main()
