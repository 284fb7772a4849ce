"""What a submission may take, and whether a result might be another one if it might take more."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from backpass.checks.deadline import allowed

#: Seconds that a check waits, three times what a learner's does: a busy machine shall cost nobody
#: points. Who grades may say another number in the environment.
CALL, VARIABLE = 30.0, "BACKPASS_SECONDS"

#: What a result hangs on whose grading failed by itself: the next run tries again.
CHANCE = "chance"


@dataclass(frozen=True)
class Limits:
    """What a submission may take: ``seconds``, ``memory`` in MB; in which kind of ``sandbox``.

    A check waits for its answer ``call`` seconds: BACKPASS_SECONDS of the environment, or CALL.
    What grades it is lost, and nobody else is, if it goes on ``late`` seconds longer.
    """

    seconds: float = 300
    memory: float = 1024
    sandbox: str = "bwrap"
    late: float = 120
    call: float = field(default_factory=lambda: allowed() if VARIABLE in os.environ else CALL)

    def word(self, names: Iterable[str]) -> str:
        """Those of these ``names`` as they are, in a word for a key; ``""`` of none.

        ``names`` are what a result hangs on: fields of this class, or CHANCE.
        """
        return ",".join(f"{name}={getattr(self, name, '')}" for name in names)

    def settle(self, word: str) -> bool:
        """Would a result with this :meth:`word` in its key be no better within these limits?

        So it is where none that it came up against is wider now; elsewhere it may be another one.
        """
        said = dict(_parts(word))
        return (
            CHANCE not in said
            and said.get("sandbox", self.sandbox) == self.sandbox
            and all(getattr(self, name) <= float(said[name])
                    for name in ("seconds", "memory", "call") if name in said)
        )  # fmt: skip


def joined(words: Iterable[str], names: Iterable[str]) -> str:
    """The word of a result that is made of several with these ``words``, as far as it still hangs
    on these ``names``. Of two limits the first stands.
    """
    said = dict(part for word in reversed([*words]) for part in _parts(word))
    return ",".join(f"{name}={said[name]}" for name in names if name in said)


def _parts(word: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, word.split(",")):
        name, _, value = part.partition("=")
        yield name, value
