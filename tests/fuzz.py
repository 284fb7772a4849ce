"""Draw new examples for every property until the time is up: ``python tests/fuzz.py MINUTES``.

``make test`` draws the same examples everywhere, so that nobody's run is red by chance; here they
are new each time. What is found is printed as an ``@example(...)``: add it to the property, where
it stays, and mend what it shows. Each round tries more examples of a property than ``make test``.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).parent
#: In one round each property tries so many times as many examples as in ``make test``.
ROUND = 10
#: The same for the run of tests that this is part of; 1 if nobody is drawing anew. ``make
#: quick`` tries a part of those of ``make test``.
TIMES = float(os.environ.get("BACKPASS_EXAMPLES", "1"))


def examples(count):
    """How many examples a property tries that tries ``count`` of them in ``make test``."""
    return max(1, round(count * TIMES))


def round_of(seed, *arguments):
    """Run every property once, on examples drawn from the seed; returns pytest's exit code."""
    command = [sys.executable, "-m", "pytest", "-m", "hypothesis", "-q", "--tb=short"]
    command += ["-p", "no:nbval", "-o", "addopts=--import-mode=importlib --strict-markers"]
    command += [f"--hypothesis-seed={seed}", "-n", "auto", *arguments, str(TESTS)]
    environment = {**os.environ, "BACKPASS_EXAMPLES": str(ROUND)}
    return subprocess.run(command, cwd=TESTS.parent, env=environment, check=False).returncode


def main(minutes, *arguments):
    end, rounds, failed = time.monotonic() + 60 * float(minutes), 0, 0
    while rounds == 0 or time.monotonic() < end:
        seed = time.time_ns() % 2**32
        rounds += 1
        print(f"round {rounds}, --hypothesis-seed={seed}", flush=True)
        failed += round_of(seed, *arguments) != 0
    print(f"{rounds} rounds of {ROUND} times the examples of make test, {failed} with a failure.")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:] or ["10"])))
