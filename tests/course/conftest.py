"""What the tests of the course share."""

import pytest

from backpass.course.sandbox.box import Sandbox


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(memory=512, chapters=("residual_networks",)) as box:
        yield box


@pytest.fixture
def session(sandbox):
    with sandbox.session() as opened:
        yield opened
