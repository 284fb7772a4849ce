"""What of a sheet is worked in its page."""

import re


def test_an_exercise_tells_its_name_its_points_and_its_edition(book):
    page = (book / "exercises/bptt/bptt.html").read_text(encoding="utf-8")
    found = re.findall(r'<section [^>]*class="exercise"[^>]*>', page)
    assert len(found) == 11
    assert sum(float(re.search(r'data-points="([\d.]+)"', one)[1]) for one in found) == 40
    assert 'data-most="40"' in page
    editions = re.findall(r'data-cell="([\w-]+)" data-edition="([0-9a-f]{8})"', page)
    assert len(editions) == 11 + 3
    assert len({edition for _, edition in editions}) == len(editions)
