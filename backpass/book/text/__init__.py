"""What is read on a page: its words, formulas, tables and references.

* `formulas`: mathematics is set when the book is built (`katex` is the engine)
* `numbers`: chapters, sections, figures and formulas that are referred to are numbered
* `lines`: no line parts a formula from its comma, nor what is calculated
* `tables`: they fit a phone, where a long one is folded
* `further`: what a chapter's asker can do without is folded
* `sections`: “In the chapter: …” on a sheet leads there
* `glossary`: terms lead to the glossary (`words` makes links of words)
* `citations`: who is cited is found in the `references`, a page made of BibTeX
* `names`: what links are called that look alike
* `plain`: the words by themselves, as one searches them
"""
