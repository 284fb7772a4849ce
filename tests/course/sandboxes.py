"""Tests that need a sandbox are skipped where there is none; in CI that is an error."""

import os
import shutil

import pytest

needs_bubblewrap = pytest.mark.skipif(
    shutil.which("bwrap") is None and not os.environ.get("CI"),
    reason="bubblewrap is not installed (on Debian or Ubuntu: sudo apt install bubblewrap)",
)


def lacking(reason):
    """Skip a test for what this machine lacks; in CI it fails."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
