"""Where a student's code runs, and how plain values come back.

``box`` is bubblewrap, in which a ``keeper`` forks for each student; where there is none a
``container`` does. ``kernel`` says what a session may not ask of the machine's own. ``inside`` runs
cells and calls what they define, ``remote`` asks for it from outside, over a ``line``, on which
nothing but plain values crosses (``wire``).
"""
