"""`backpass assign`: what is asked for, and what is told."""

import io
import zipfile

import pytest
from click.testing import CliRunner
from places import ROOT

from backpass.checks.stages import LEVELS
from backpass.course import cli
from backpass.course.assignment import of_zip
from backpass.course.cli import assign


@pytest.fixture(autouse=True)
def in_the_book(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture
def run(capsys):
    """The exit status of the command, and what it prints."""

    def run(*arguments):
        with pytest.raises(SystemExit) as caught:
            cli.main(["assign", *map(str, arguments)])
        out, err = capsys.readouterr()
        return caught.value.code or 0, out + err

    return run


def test_each_chapter_has_its_zip(run, tmp_path):
    code, said = run("bptt", "residual_networks", "bptt", "--out", tmp_path / "hw")
    assert code == 0
    assert said == (
        f"{tmp_path}/hw/bptt.zip: 44 points, 11 checked parts, 1 open question\n"
        f"{tmp_path}/hw/residual_networks.zip: 42 points, 10 checked parts, 1 open question\n"
    )
    assert of_zip(tmp_path / "hw/bptt.zip").most == 44
    with zipfile.ZipFile(io.BytesIO((tmp_path / "hw/bptt.zip").read_bytes())) as archive:
        (package,) = [name for name in archive.namelist() if name.endswith(".whl")]
        with zipfile.ZipFile(io.BytesIO(archive.read(package))) as held:
            assert "backpass/checks/bptt/credit.py" in held.namelist()


def test_a_part_on_other_terms(run, tmp_path):
    options = ["--exercises", "remember,unrolled", "--exercises", "open-question"]
    options += ["--points", "remember=10", "--due", "2027-02-12 18:00", "--feedback", "points"]
    code, said = run("bptt", "--out", tmp_path, *options)
    assert code == 0
    assert "bptt.zip: 22 points, 3 checked parts, 1 open question\n" in said
    assert "  credit (5 points) comes along: remember uses what is written there.\n" in said
    given = of_zip(tmp_path / "bptt.zip")
    assert (given.feedback, given.due) == ("points", "2027-02-12T18:00:00")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["bpt"], "Did you mean bptt?"),
        (["bptt", "--exercises", "credt"], "Did you mean credit?"),
        (["bptt", "--due", "12.2.2027"], "'12.2.2027' is no date. Write year, month and day"),
        (["bptt", "--due", "2027-02-30"], "'2027-02-30' is no date."),
        (["bptt", "--points", "credit=many"], "'credit=many' says no points."),
        (["bptt", "--points", "credit=-1"], "'credit=-1' says no points."),
        (["bptt", "--points", "credit=nan"], "'credit=nan' says no points."),
        (["bptt", "--points", "=3"], "'=3' says no points."),
        (["bptt", "--feedback", "some"], "'some' is not one of"),
        (["bptt", "relu_cnn_rnn", "--exercises", "credit"], "Assign the chapters one by one."),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(run, tmp_path, options, said):
    code, told = run(*options, "--out", tmp_path / "hw")
    assert code == 2
    assert said in told
    assert not (tmp_path / "hw").exists()


def test_an_unknown_second_chapter_leaves_no_first_zip(run, tmp_path):
    assert run("bptt", "bpt", "--out", tmp_path / "hw")[0] == 2
    assert not (tmp_path / "hw").exists()


def test_elsewhere_it_says_where_to_go(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, told = run("bptt", "--out", "hw")
    assert code == 2
    assert "Go to the folder of the book" in told


def test_the_levels_are_those_of_the_checks():
    assert set(assign.LEVELS) == set(LEVELS)


def test_chapters_and_exercises_are_completed():
    from click.shell_completion import ShellComplete

    complete = ShellComplete(assign.command, {}, "backpass", "_X")
    offered = lambda args, word: [one.value for one in complete.get_completions(args, word)]  # noqa: E731
    assert offered([], "bp") == ["bptt"]
    assert offered(["bptt", "--exercises"], "re") == ["repair_loop", "repair_windows", "remember"]
    assert offered(["bptt", "--exercises"], "credit,me") == ["credit,memory"]
    assert CliRunner().invoke(assign.command, ["--help"]).exit_code == 0
