"""Say when something was handed in, as far as the zip of an LMS tells.

Canvas and Moodle write the time of the download into a zip, not that of handing in: it must make
nobody late who was not.
"""

from datetime import datetime, timedelta

DOWNLOAD = timedelta(minutes=30)
"""Longer than it takes an LMS to pack the zip of a class."""


def are_of_handing_in(times: list[datetime]) -> bool:
    """Return whether the times of several students' files are those at which they came."""
    return len(times) > 1 and max(times) - min(times) > DOWNLOAD


def arrival(
    time: datetime | None, late: bool | None, due: datetime | None, real: bool
) -> tuple[datetime | None, str]:
    """Return when something counts as handed in, and a remark for a person.

    `late` is what the LMS says, None where it says nothing; `real` whether its times are those of
    handing in.
    """
    if late:
        if time is not None and (due is None or (real and time > due)):
            return time, "late, as the LMS says"
        if due is None:
            return None, "late, as the LMS says: nobody knows by how much"
        return due + timedelta(seconds=1), "late, as the LMS says: nobody knows by how much"
    if due is None and not real:
        return None, ""  # it may be due, later on, before it was downloaded
    if time is None or due is None or time <= due:
        return time, ""
    if late is False:
        return due, ""
    if real:
        return time, "late"
    return due, "perhaps late: the zip does not say when it was handed in"
