"""A chapter is assigned, and a class is graded: fast, and safely.

==============  ====================================================================================
``assigning``   a sheet, or parts of it, in a zip for the students
``handed_in``   what comes back is found, read, and put in the order of the ``assignment``
``sandbox``     its cells run there, and nothing but plain values comes back
``grade``       the checks run outside, one submission, within ``limits``; many of them: ``batch``
``gradebook``   the ``results`` are kept there, and exported as tables
``pages``       what people read, and where a person gives points
``cli``         the command ``backpass``, a module a command; what is said at its end: ``telling``
``errors``      what stops a command, and what stops at one submission
==============  ====================================================================================

A learner's code never runs in the process that decides the grade.
"""
