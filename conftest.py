"""What holds wherever pytest starts: how notebooks are compared, and how many tests run at once.

Notebooks are compared in what their canonical form keeps.
"""

import os

from backpass.notebooks.canonical import comparable


def pytest_itemcollected(item):
    """Let nbval leave out of a cell's outputs what is not committed."""
    compare = getattr(item, "compare_outputs", None)
    if compare is None:
        return

    def compare_kept(outputs, committed, **options):
        for output in outputs:
            if "data" in output:
                output["data"] = comparable(output["data"])
        return compare(outputs, committed, **options)

    item.compare_outputs = compare_kept


def pytest_xdist_auto_num_workers():
    """One more than there are processors: who drives a browser or a kernel waits for it."""
    return (os.cpu_count() or 1) + 1
