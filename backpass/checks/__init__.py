"""One learner's answer becomes points and words: a folder a chapter, a module an exercise.

``exercise`` (what is asked, and each mistake with its sentence) → ``attempt``, ``part`` by ``part``
→ ``safely`` (run a learner's function and come back, before a ``deadline``) → ``score``, whose
words have ``markup``. A part takes what is ``given``, here or ``elsewhere`` (an answer that lives
in another process), and compares it: by ``judging`` one value, or as one of some ``choices``.
An answer has many ``forms``, SymPy's ``symbols`` among them; its results may come in another
``order``, and of the values that a slip may give one comes ``closest``. ``errors`` end a part. How
much is told comes in ``stages``, within what ``settings`` and the ``environment`` allow; ``total``
adds up. What else there is to tell: why it ``stopped``, which name is ``shadowed``, what ``axes``
are called, by what means it came about (``watched``). What checks ask again and again is
``remembered``.

A notebook imports a chapter's folder as ``check`` and calls ``check.<exercise>(answer)``; the
folder's ``EXERCISES`` lists its exercises in the order of the sheet. Beside their modules there are
those that several share, with an underscore before their names, and in ``backpropagation`` the
``suspect``, a net for learners to work with.
"""

import importlib
import pkgutil

from backpass.checks.attempt import Attempt
from backpass.checks.exercise import KINDS, Exercise, exercise
from backpass.checks.part import Part
from backpass.checks.score import Score
from backpass.checks.stages import settings

__all__ = ["KINDS", "Attempt", "Exercise", "Part", "Score", "chapters", "exercise", "settings"]


def chapters() -> dict[str, dict[str, Exercise]]:
    """Every chapter that has exercises: its name, and its exercises by slug."""
    folders = [module.name for module in pkgutil.iter_modules(__path__) if module.ispkg]
    modules = (importlib.import_module(f"{__name__}.{name}") for name in folders)
    return {name: module.EXERCISES for name, module in zip(folders, modules, strict=True)}
