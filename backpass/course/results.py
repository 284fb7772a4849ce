"""What came of a submission: plain values, which can be kept, sent and told.

They are made where a submission is graded and never hold anything of a learner's but text.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

Status = Literal["graded", "ungradable"]


@dataclass(frozen=True)
class Mark:
    """What an exercise brought: ``points`` of ``most``.

    ``feedback`` are the sentences that the check told, ``mistakes`` the slugs of those it named.
    ``attempted`` is false if the answer is the placeholder or missing.
    """

    slug: str
    points: float
    most: float
    feedback: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()
    attempted: bool = True


@dataclass(frozen=True)
class Open:
    """An open question, ``slug`` its cell's name, with the Markdown ``text`` that answers it.

    A person gives the points, at ``most`` so many; they are kept in the gradebook.
    """

    slug: str
    most: float
    text: str = ""


@dataclass(frozen=True)
class Result:
    """A submission's marks, or the ``reason`` why it has none.

    ``notes`` say, a sentence each, what was noticed and mended on the way: a changed check, a
    pasted twin, a name that was taken from Python. ``seconds`` is how long it took.
    ``hangs_on`` names what decided it beside the submission and its checks: limits that it came up
    against, or that grading it failed (:mod:`backpass.course.limits`).
    """

    student: str
    chapter: str
    status: Status
    marks: tuple[Mark, ...] = ()
    open: tuple[Open, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""
    seconds: float = 0.0
    hangs_on: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """What the checks gave, without the open questions."""
        return round(sum(mark.points for mark in self.marks), 2)

    @property
    def most(self) -> float:
        """What the checks can give."""
        return sum(mark.most for mark in self.marks)

    def as_json(self) -> str:
        """The result as text, for :meth:`from_json`."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Result:
        """The result that :meth:`as_json` wrote."""
        raw = json.loads(text)
        raw["marks"] = tuple(
            Mark(**one | {key: tuple(one[key]) for key in ("feedback", "mistakes")})
            for one in raw["marks"]
        )
        raw["open"] = tuple(Open(**one) for one in raw["open"])
        raw["notes"] = tuple(raw["notes"])
        raw["hangs_on"] = tuple(raw.get("hangs_on", ()))
        return cls(**raw)
