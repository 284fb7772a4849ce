"""What an author is told when an explorer cannot be drawn."""


class ExplorerError(ValueError):
    """An explorer that cannot be drawn, with what to do about it."""
