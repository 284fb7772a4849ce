"""What the benchmarks weigh and drag is the explorer that the book has."""

import json

from benchmarks import figure
from benchmarks.__main__ import front, page_of, record


def test_a_page_replays_the_recorded_figure_with_the_front_end_of_the_book():
    recording, seconds = record(figure.draw)
    assert seconds > 0
    assert len(recording["states"]) == len(figure.GAINS) * len(figure.DEPTHS)
    page, (script, style) = page_of(recording), front()
    assert f"<style>{style}</style>{recording['figure']}<script>{script}</script>" in page
    assert json.dumps(recording) in page
    assert "backpassExplorer = { replay }" in script
