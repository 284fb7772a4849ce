"""Why a part of an attempt, or all of it, comes to an end."""


class Wrong(Exception):
    """Why an answer is not right: what to tell the learner, and the slug of the mistake.

    ``where`` is what is told first, before the whole ``message``; without it the message is told
    at once. ``fix`` is the way out, for those who ask (:mod:`backpass.checks.stages`).
    """

    def __init__(
        self, message: str, mistake: str | None = None, *, where: str = "", fix: str = ""
    ) -> None:
        super().__init__(message)
        self.message, self.mistake, self.where, self.fix = message, mistake, where, fix

    def told(self, stage: str) -> str:
        """What is told of it in a stage."""
        texts = {"points": "", "where": self.where or self.message, "kind": self.message}
        return texts[stage] if stage in texts else f"{self.message} {self.fix}".strip()


class NotAttempted(Wrong):
    """The answer is still the placeholder."""


class Stop(Wrong):
    """Ends the whole attempt with 0 points."""


class Unlisted(Exception):
    """A fault of the check: it names a mistake that its exercise does not list."""
