"""Why a part of an attempt, or all of it, comes to an end."""


class Wrong(Exception):
    """Why an answer is not right: what to tell the learner, and the slug of the mistake."""

    def __init__(self, message: str, mistake: str | None = None) -> None:
        super().__init__(message)
        self.message, self.mistake = message, mistake


class NotAttempted(Wrong):
    """The answer is still the placeholder."""


class Stop(Wrong):
    """Ends the whole attempt with 0 points."""


class Unlisted(Exception):
    """A fault of the check: it names a mistake that its exercise does not list."""
