"""What stops a command of the course, and what stops at one submission."""


class CourseError(Exception):
    """Something is missing or wrong; the message is one paragraph that says what to do."""


class Ungradable(Exception):
    """This submission cannot be graded, which is no zero; the message is a sentence why."""
