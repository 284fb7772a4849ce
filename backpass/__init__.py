"""The tools of *The Backward Pass*: explorers, proofs and gradient checks that name the mistake.

A room is a folder (or, at the top, a module) with one purpose. What notebooks import:

=============  =====================================================================================
``explore``    a function becomes a figure that lives twice: live in Jupyter, recorded in the book
``gradcheck``  is this gradient right, and if not, what went wrong?
``checks``     one learner's answer becomes points and words; a module an exercise
``symbolic``   ``prove`` an identity with SymPy; formulas to NumPy
``evidence``   ``agree`` on two arrays; reported against measured
``tables``     numbers in columns, told by one rule
``style``      one matplotlib style and palette, for light and dark
``draw``       networks and computational graphs
``labels``     a name beside its line, where it is free
``picture``    a frame for what a learner's own function gives
``tape``       reverse mode over arrays, as the chapter on backpropagation builds it
``numerals``   numbers in sentences and pictures, as in print
=============  =====================================================================================

What makes the book of them:

=============  =====================================================================================
``notebooks``  a notebook is run, kept canonical, derived
``book``       notebooks become pages
``course``     a chapter is assigned, a class is graded
``files``      a file is replaced whole or not at all; what others wrote is fetched, and checked
``scopes``     the names that a piece of code uses and makes
=============  =====================================================================================

Imports point one way: ``checks`` → ``gradcheck``, ``tape``; ``evidence`` → ``gradcheck``;
``notebooks`` → ``files``; ``book`` → ``checks``, ``explore``, ``notebooks``; ``course`` →
``checks``, ``gradcheck``, ``notebooks``, and small ones at the top besides. Nothing imports
``book`` or ``course``, and no module a chapter. ``tests/test_rooms.py`` has all of them.
"""

__version__ = "0.1.0"
