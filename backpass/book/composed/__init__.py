"""Pages, or parts of them, that are composed of what stands elsewhere in the book.

* `front`: the front page shows an explorer and lists the chapters
* `catalogue`: what can be assigned, in a table for instructors
* `mistakes`: what the checks name, in a table for instructors
* `reproduced`: what chapters report and measure
"""
