"""What was earned, kept in a file; and the tables that are made of it.

The ``book`` is a ``database`` in one file. ``regrade`` says whose points change before they do;
where everybody is ``standing``, points given by people included, goes into tables by ``export``.
"""
