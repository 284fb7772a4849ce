"""What a page shows of a notebook's cells.

* `explorers`: figures replay their recorded states without a kernel
* `code`: code is coloured by few elements
* `folding`: open is the code that a chapter teaches, the rest is folded (`kinds` says which)
* `sheets`: exercises and solutions as pages
"""
