"""Links of a notebook that leaves the book's folder."""

from backpass.notebooks.links import relinked


def test_a_link_to_a_page_leads_where_it_is_said_or_leaves_its_words():
    text = "[a](one.ipynb#x) [b [c]](../two/two.ipynb) [d](https://e.example/f.md) `g[i](x)`"
    there = {"one.ipynb": "1.html"}
    assert relinked(text, lambda target: there.get(target, "")) == (
        "[a](1.html#x) b [c] [d](https://e.example/f.md) `g[i](x)`"
    )
