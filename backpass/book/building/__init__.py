"""How a build goes on, whatever its pages say.

* `execution`: notebooks run side by side, before their pages are read
* `pace`: pages are read and written side by side
* `cache`: a notebook runs again when something that it depends on has changed
* `disk`: a page is replaced whole or not at all, and nothing stays that no page asks for
* `reasons`: a build that stops says why, in one paragraph
"""
