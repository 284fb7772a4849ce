"""What the benchmarks weigh and drag is the explorer that the book has."""

from backpass.book.cells.explorers import dense, with_controls
from backpass.explore.recording import pack
from benchmarks import figure
from benchmarks.__main__ import front, page_of, record


def test_a_page_replays_the_recorded_figure_with_the_front_end_of_the_book():
    recording, seconds = record(figure.draw)
    assert seconds > 0
    assert len(recording["states"]) == len(figure.GAINS) * len(figure.DEPTHS)
    page, (script, style) = page_of(recording), front()
    figure_of_it = with_controls(recording)
    assert f"<style>{style}</style>{figure_of_it}<script>{script}</script>" in page
    assert dense(pack(recording)) in page
    assert "backpassExplorer = { prepare, replay }" in script
