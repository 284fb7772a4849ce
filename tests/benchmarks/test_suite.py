"""Where the time of the tests goes."""

from benchmarks.suite import place, seconds, table

REPORT = """<testsuites><testsuite>
<testcase classname="tests.gradcheck.test_check.TestDict" name="a" time="1.5"/>
<testcase classname="tests.gradcheck.test_check" name="b" time="0.5"/>
<testcase classname="chapters.bptt" name="Cell 1" time="2"/>
<testcase classname="elsewhere" name="c" time="4"/>
</testsuite></testsuites>"""


def test_times_are_added_by_module(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    spent = seconds(report)
    assert spent == {
        "tests/gradcheck/test_check.py": 2.0,
        "chapters/bptt.ipynb": 2.0,
        "elsewhere": 4.0,
    }
    made = table(spent, 5.0)
    assert "5 s by the clock" in made
    assert "| elsewhere | 4 | 50% |" in made


def test_a_class_stands_in_its_module():
    assert place("tests.gradcheck.test_check.TestDict.Inner") == "tests/gradcheck/test_check.py"
    assert place("nowhere.at.all") == "nowhere.at.all"
