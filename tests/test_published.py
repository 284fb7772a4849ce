"""How the two usual forges test and publish the book, and what Binder installs."""

import os
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from places import ROOT

GITHUB, GITLAB = ".github/workflows/book.yml", ".gitlab-ci.yml"

#: For each forge, the name under which its schema is known.
SCHEMAS = {GITHUB: "vendor.github-workflows", GITLAB: "vendor.gitlab-ci"}


def read(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def lint(schema, path):
    command = ["-m", "check_jsonschema", "--builtin-schema", schema, path]
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, cwd=ROOT)


@pytest.mark.slow  # two programs for each
@pytest.mark.parametrize("name", SCHEMAS)
def test_a_workflow_is_what_its_forge_understands(name, tmp_path):
    done = lint(SCHEMAS[name], name)
    assert done.returncode == 0, done.stdout
    wrong = (ROOT / name).read_text(encoding="utf-8")
    wrong = re.sub("runs-on: .*|stage: test", "runs_on: somewhere", wrong, count=1)
    wrong = wrong.replace("paths:", "path:")
    (tmp_path / "wrong.yml").write_text(wrong)
    assert lint(SCHEMAS[name], tmp_path / "wrong.yml").returncode != 0


def commands(name):
    """The lines that the job ``book`` of a workflow runs."""
    job = read(name)["jobs"]["book"] if name == GITHUB else read(name)["book"]
    return job.get("script") or [step["run"] for step in job["steps"] if "run" in step]


def test_both_forges_run_the_commands_of_the_readme():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in SCHEMAS:
        ours = [line for line in commands(name) if not line.startswith("git config")]
        assert ours == [".ci/run", "make book"]
    for line in [*ours, (ROOT / ".ci/run").read_text().splitlines()[-1]]:
        program, *words = line.split()
        if program == "make":
            assert words[0] in targets
            assert re.search(rf"^{line} +#", readme, re.M), line
        else:
            assert os.access(ROOT / program, os.X_OK)


def test_what_is_built_is_what_is_published():
    steps = read(GITHUB)["jobs"]["book"]["steps"]
    assert steps[-1]["with"]["path"] == "_build/html"
    gitlab = read(GITLAB)
    assert gitlab["book"]["artifacts"]["paths"] == ["_build/html"]
    assert gitlab["pages"]["needs"] == ["book"]
    assert read(GITHUB)["jobs"]["publish"]["needs"] == "book"


def test_an_action_has_a_major_version_and_no_more_rights_than_it_needs():
    workflow = read(GITHUB)
    assert workflow["permissions"] == {"contents": "read"}
    rights = {name: job.get("permissions") for name, job in workflow["jobs"].items()}
    assert rights == {"book": None, "publish": {"pages": "write", "id-token": "write"}}
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"]
            if "uses" in step]  # fmt: skip
    assert len(used) >= 4
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", one) for one in used)


def test_binder_installs_the_package_with_jupyterlab():
    lines = (ROOT / ".binder/requirements.txt").read_text().splitlines()
    _, constraints, package = lines
    assert (
        ROOT / ".binder" / constraints.removeprefix("-c ")
    ).resolve() == ROOT / "constraints.txt"
    extra = re.fullmatch(r"-e \.\[(\w+)\]", package)[1]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert any(one.startswith("jupyterlab") for one in project["optional-dependencies"][extra])
    version = (ROOT / ".binder/runtime.txt").read_text().strip().removeprefix("python-3.")
    assert int(version) >= int(project["requires-python"].removeprefix(">=3."))
