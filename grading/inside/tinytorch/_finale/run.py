"""The finale itself: try each network on one's own modules, tell how it goes, write the page."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import tinytorch

from .._exporting import course
from . import train
from .lines import count_own
from .needs import NEEDS, Framework, in_words, listed, load
from .page import ModuleLines, Story, page

PAGE = Path("my_framework.html")
DATA = "data/digits.npz"
NO_DIGITS = (
    f"`{DATA}` is not there: it comes with the assignment. Fetch that again, and keep the folder "
    "`data` beside the notebook."
)
NETWORKS: dict[str, Callable[[Framework], object]] = {"MLP": train.mlp, "CNN": train.cnn}
ENDED_BY_HAND = 130


def main() -> int:
    """Run the finale in the folder of an assignment; return 0 where every network was trained."""
    try:
        return 0 if finale(say) else 1
    except KeyboardInterrupt:
        say("\nStopped. No page was written this time.")
        return ENDED_BY_HAND


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def finale(say: Callable[[str], None]) -> bool:
    """Train what can be trained, write the page; return whether nothing was missing."""
    folder = tinytorch.MINE.resolve()
    tinytorch.__path__[:] = [str(folder)]  # what was handed out must not stand in for one's own
    own = load(folder)
    say(f"Your own modules: {', '.join(own.modules) or 'none yet'}.")
    digits = digits_file()
    missing = own.still() + ([] if digits else [NO_DIGITS])
    if missing:
        say("\nStill to come:\n  " + "\n  ".join(missing))
    story = Story(date.today(), list(module_lines(own)))
    story.still = [*missing, *try_all(own, digits, story, say)]
    if story.xor or story.networks:
        write(page(story), say)
    else:
        say("\nNothing could be trained yet, so no page was written.")
    return not story.still


def try_all(
    own: Framework, digits: Path | None, story: Story, say: Callable[[str], None]
) -> Iterator[str]:
    """Train each network into the story; say which have to wait, yield errors that ended one."""
    for name, needed in NEEDS.items():
        lacking = own.lacks(needed) + ([DATA] if name in NETWORKS and not digits else [])
        if lacking:
            say(f"\n{name} has to wait for {listed(lacking)}.")
            continue
        say(f"\n{name}")
        try:
            if digits and name in NETWORKS:
                _train_on_digits(name, own, digits, story, say)
            else:
                story.xor = train.xor(own, say)
        except (Exception, SystemExit) as error:
            told = f"{name} ended with an error: {in_words(error, own.folder)}"
            say(told)
            yield told


def digits_file() -> Path | None:
    """Return the file of the digits that was handed out, here or beside another assignment."""
    files = [Path(DATA), *sorted(Path("..").glob(f"*/{DATA}"))]
    return next((file for file in files if file.is_file()), None)


def module_lines(own: Framework) -> Iterator[ModuleLines]:
    """Yield the lines of each module of one's own, those that were given apart."""
    given = {one["module"]: one for one in course()}
    for module in own.modules:
        told = given.get(module, {"title": "", "given": []})
        text = (own.folder / f"{module}.py").read_text(encoding="utf-8")
        yield ModuleLines(module, told["title"], *count_own(text, told["given"]))


def write(text: str, say: Callable[[str], None]) -> None:
    """Write the page beside the notebook, whole or not at all."""
    partial = PAGE.with_suffix(".partial")
    try:
        partial.write_text(text, encoding="utf-8", errors="replace")
        partial.replace(PAGE)
    except OSError as error:
        say(f"\n{PAGE} was not written: {error.strerror}.")
    else:
        say(f"\nYour page is {PAGE}, beside the notebook. Open it, keep it, show it around.")


def _train_on_digits(
    name: str, own: Framework, file: Path, story: Story, say: Callable[[str], None]
) -> None:
    images, labels = own.name("setup", "load_digits")(file)
    story.images, story.labels = images[-train.FOR_TESTING :], labels[-train.FOR_TESTING :]
    story.networks[name] = train.digits(own, name, NETWORKS[name], (images, labels), say)
