"""Scripts of others, shrunk."""

from backpass.book import scripts


def test_comments_alone_are_left_out_of_the_library():
    script = "/** What\n * it does. */\nlet a = '/* no comment */' // kept\n  // gone\nlet b\n"
    assert scripts.without_comments(script) == "let a = '/* no comment */' // kept\nlet b\n"
