"""The tools of *The Backward Pass*: explorers, proofs and gradient checks that name the mistake.

What a notebook imports:

==============  ====================================================================================
``explore``     a figure with controls that lives twice: live in Jupyter, recorded in the book
``symbolic``    ``prove`` an identity with SymPy; formulas to NumPy
``evidence``    ``agree`` on two arrays; reported against measured
``gradcheck``   finite differences; ``check_gradient``: what is wrong with this gradient?
``checks``      one module a chapter, one check an exercise
``style``       one matplotlib style and palette, for light and dark
``draw``        networks and computational graphs
``tape``        reverse mode over arrays, as the chapter on backpropagation builds it
==============  ====================================================================================

What stands behind them, and arrows only point to the right:

* an explorer: ``explore`` → ``piece`` (the author's function) and ``recording`` (what a page
  replays) → ``controls``, ``stage`` (background and layer) → ``svg``; in the page ``explorer.js``
* a check: ``checks`` → ``attempt`` → ``safely`` (run a learner's function) and ``score`` →
  ``gradcheck`` → ``diagnose`` → ``mistakes``, ``differences``, ``plain``
* the book: ``book`` (the Sphinx extension): one module a feature, ``katex`` sets the formulas
* ``notebooks``: run them, keep them canonical, derive the exercises
"""

__version__ = "0.1.0"
