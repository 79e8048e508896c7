"""Settings of zips: how much of one is unpacked."""

from traitlets import Integer
from traitlets.config import Configurable


class Zips(Configurable):
    """Hold the limits of what an LMS and students pack; set them as `c.Zips.…`."""

    class_files = Integer(50_000, help="Files that the zip of a whole class may hold.").tag(
        config=True
    )
    class_mb = Integer(
        20_000, help="Megabytes that the zip of a whole class may unpack to; what is beyond stays."
    ).tag(config=True)
    student_files = Integer(
        2_000, help="Files that one student may hand in, those in the student's own zips included."
    ).tag(config=True)
    student_mb = Integer(
        200, help="Megabytes that one student's files may have together, unpacked."
    ).tag(config=True)
    file_mb = Integer(100, help="Megabytes that one file may have, unpacked.").tag(config=True)
    ratio = Integer(
        250,
        help="How many times its packed size a file of more than 20 MB may have; notebooks that "
        "print one line without end stay below, bombs do not.",
    ).tag(config=True)
