"""A newcomer's folder: a fresh clone, and ``make`` in it as somebody else would run it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from places import ROOT

#: What an environment that runs these tests may have set, and a newcomer's has not.
IGNORED = re.compile("BACKPASS_|PYTEST_|PYTHON|VIRTUAL_ENV|MAKE|MFLAGS|CI$")


def git(folder, *arguments):
    command = ["git", "-C", folder, "-c", "user.name=tests", "-c", "user.email=tests@localhost"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def cloned(place, *options):
    """A clone at ``place``, with what has changed here since the last commit."""
    if not (ROOT / ".git").exists():
        pytest.skip("This is no clone, but a download without its history.")
    command = ["git", "clone", "--quiet", "--no-hardlinks", *options, ROOT, place]
    subprocess.run(command, check=True)
    changed = git(ROOT, "diff", "--name-only", "-z", "HEAD")
    changed += git(ROOT, "ls-files", "--others", "--exclude-standard", "-z")
    for name in filter(None, changed.split("\0")):
        source, target = ROOT / name, Path(place, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_file():
            shutil.copy(source, target)
        elif not source.exists():
            target.unlink(missing_ok=True)
    if changed:
        git(place, "add", "--all")
        git(place, "commit", "--quiet", "--message", "As it stands")
    return place


def make(clone, *arguments, timeout=1500, **environment):
    """``make`` in the clone, as someone whose environment knows nothing of this one."""
    kept = {name: value for name, value in os.environ.items() if not IGNORED.match(name)}
    kept |= environment
    kept["PATH"] = os.pathsep.join(
        part for part in kept["PATH"].split(os.pathsep) if Path(part) != ROOT / ".venv" / "bin"
    )
    return subprocess.run(
        ["make", "-C", clone, *arguments],
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
    )
