"""The whole book on paper, printed by Chromium: ``python -m backpass.book.paper``, after the build.

* `document`: the built pages become one, with a cover, contents, and page numbers behind links
* `printing`: it is printed until the page numbers in it are right
"""
