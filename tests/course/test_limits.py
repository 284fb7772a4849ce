"""Which results are graded again when a submission may take more, or runs elsewhere."""

from math import inf

import pytest

from backpass.course.limits import CHANCE, Limits, joined

NOW = Limits(600, 1024, "bwrap", call=30)


@pytest.mark.parametrize(
    ("names", "now", "settled"),
    [
        ((), Limits(9000, 9000, "none"), True),
        (("seconds", "sandbox"), NOW, True),
        (("seconds", "sandbox"), Limits(1200, 1024), False),
        (("seconds", "sandbox"), Limits(300, 1024), True),  # it would come to less
        (("seconds", "sandbox"), Limits(600, 4096), True),
        (("memory", "sandbox"), Limits(600, 4096), False),
        (("memory", "sandbox"), Limits(1200, 512), True),
        (("seconds", "memory", "sandbox"), Limits(300, 1025), False),
        (("call", "sandbox"), Limits(1200, 4096, call=30), True),
        (("call", "sandbox"), Limits(call=60), False),
        (("call", "sandbox"), Limits(call=inf), False),
        (("sandbox",), Limits(1200, 4096), True),
        (("sandbox",), Limits(600, 1024, "podman"), False),
        ((CHANCE,), NOW, False),
        (("sandbox", CHANCE), NOW, False),
    ],
)
def test_a_result_stands_unless_what_it_came_up_against_is_wider(names, now, settled):
    assert now.settle(NOW.word(names)) is settled


def test_a_word_has_no_blank():
    """It stands behind others in a key."""
    names = ("seconds", "memory", "sandbox", CHANCE)
    assert " " not in Limits(0.1, 1e9, "docker").word(names)
    assert NOW.word(()) == ""


def test_a_result_of_two_has_the_limits_of_both():
    old, new = Limits(300).word(["seconds", CHANCE]), Limits(600, 64).word(["seconds", "memory"])
    names = ("seconds", "memory", CHANCE)
    assert joined([old, new], names) == "seconds=300,memory=64,chance="
    assert joined([old, new], ["memory"]) == "memory=64"
    assert joined(["", ""], names) == ""
    assert not Limits().settle(joined([old], names))


def test_the_environment_says_how_long_a_check_waits(monkeypatch):
    monkeypatch.delenv("BACKPASS_SECONDS")
    assert Limits().call == 30
    monkeypatch.setenv("BACKPASS_SECONDS", "75.5")
    assert Limits().call == 75.5
