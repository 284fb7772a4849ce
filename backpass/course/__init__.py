"""A chapter is assigned, and a class is graded: fast, and safely.

An ``assignment`` is what a class was given: a sheet or ``parts`` of it, ``reworded`` where its
texts would not agree, in a zip (``assign``). What comes back is found, whatever a download calls it
(``downloads``, ``submissions``), read, whatever an editor did to it (``lenient``), and put in the
order of the assignment: each cell finds its ``homes``, of ``rivals`` one counts, what is needed
comes first (``order``, all in ``answers``; ``mend`` writes that for nbgrader). Its cells run in a
``sandbox``, of which nothing but plain values comes back (``wire``); the checks run outside
(``grade``), and their ``results`` are kept in a ``gradebook``, of which ``export`` makes tables and
``pages`` what people read.

A learner's code never runs in the process that decides the grade.
"""
