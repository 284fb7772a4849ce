"""Runs that are too long for a chapter, which reads the record that each leaves in chapters/data/.

    python -m experiments.<run>

One run, one module; ``record`` has what they share.
"""

import os

# One thread: times are compared, and sums must not be split by how many cores there are. The
# libraries read this when NumPy is imported, and a run's package is imported before the run.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"
