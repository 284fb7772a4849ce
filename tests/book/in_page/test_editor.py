"""The editor is one script."""

import gzip
import re

from backpass.book.in_page.editor import editor


def test_the_editor_is_one_script_of_locked_modules_that_asks_for_no_other():
    script = editor().decode()
    parts = re.findall(r'^"(.+)": \(module, exports, require\) => \{$', script, re.M)
    asked = re.findall(r"""= require\(["'](.+)["']\);$""", script, re.M)
    assert len(asked) > 20
    assert set(asked) | {"editor"} == set(parts)
    assert len(gzip.compress(script.encode())) < 250_000
