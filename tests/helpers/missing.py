"""What a reader's machine need not have, and that which tests every change must."""

import os

import pytest


def missing(reason):
    """Skip the test that asks for it; in CI it fails."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
