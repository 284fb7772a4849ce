"""What stops a command of the course."""


class CourseError(Exception):
    """Something is missing or wrong; the message is one paragraph that says what to do."""
