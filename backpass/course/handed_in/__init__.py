"""What comes back: found, read whatever was done to it, and put in the order of the assignment.

``submissions`` are found, however ``downloads`` name them, in folders and ``archives``. A notebook
is read (``lenient``), and its ``answers`` are found: cells have ``homes`` in the assignment, unless
it is of ``others``; of ``rivals`` one counts; all ``statements`` run in an ``order``; open answers
are ``prose``. What uses only what is ``listed`` is in plain ``sight``; ``prying`` code is told;
``mend`` repairs a notebook for nbgrader.
"""
