"""Keep the corpus of wrong and right solutions in step when an assignment comes, moves or goes."""

import argparse
import sys
from pathlib import Path

from grading.course.layout import Course
from trials.corpus import corpus_file

FIRST_ENTRIES = """\
[[wrong]]
name = "forgets-the-factor"
mistake = "the values come back as they are"
fails = ["scales a matrix"]

[[wrong.edit]]
cell = "scale"
old = "values * factor"
new = "values + 0"

[[right]]
name = "with-numpy-multiply"
idea = "NumPy's function in place of the operator"

[[right.edit]]
cell = "scale"
old = "values * factor"
new = "np.multiply(values, factor)"
"""


def main() -> int:
    """Write, rename or remove one assignment's corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["new", "rename", "remove"])
    parser.add_argument("name")
    parser.add_argument("to", nargs="?")
    arguments = parser.parse_args()
    course = Course(Path.cwd())
    file = corpus_file(course, arguments.name)
    place = file.relative_to(course.root)
    if arguments.what == "new":
        file.write_text(FIRST_ENTRIES)
        print(place)
    elif arguments.what == "rename":
        if file.exists():
            file.rename(corpus_file(course, arguments.to))
            print(f"{place} moved along")
    else:
        file.unlink(missing_ok=True)
        print(f"removed {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
