"""What can be wrong with a course; each error says in a sentence what to do."""


class CourseError(RuntimeError):
    """Something that whoever runs the course can put right; the message says how."""


class BadCourse(CourseError):
    """The folders and files in `source/` do not fit together."""


class UnknownAssignment(CourseError):
    """There is no assignment of that name."""


class NotReleased(CourseError):
    """An assignment has no released notebook yet."""


class BadRelease(CourseError):
    """A release was refused; the message says why."""


class BadSolution(CourseError):
    """Our own solution does not run as it must; the message says where."""
