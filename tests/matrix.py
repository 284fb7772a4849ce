"""The suite on every Python there is, with the oldest and with the newest versions allowed.

    python tests/matrix.py                  # all of them
    python tests/matrix.py 3.12-oldest ...  # only these

Each combination gets an environment of its own and a log, in ``_build/matrix``. uv, which can ask
for the oldest versions, is installed there too; Pythons are those on the PATH and pyenv's. With the
oldest versions NumPy and OpenBLAS calculate as on an old processor, too: what is printed and judged
must not hang on the last bits. What ``tests/test_newcomer.py`` asks does not depend on the
environment, and is left out.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "_build" / "matrix"

#: What uv takes of the versions that pyproject.toml allows: of a package that it names, or of all.
RESOLUTIONS = {"oldest": "lowest-direct", "newest": "highest"}

#: An old processor that OpenBLAS knows, by what the machine says it is.
OLD = {"x86_64": "Nehalem", "AMD64": "Nehalem", "aarch64": "ARMV8", "arm64": "ARMV8"}
#: What NumPy may use of a processor besides what it needs.
FEATURES = "from numpy._core import _multiarray_umath as m; print(*m.__cpu_dispatch__)"

TESTS = ["-m", "pytest", "-q", "-n", "auto", "--dist", "loadscope"]
TESTS += ["--ignore", "tests/test_newcomer.py"]


def pythons():
    """The Pythons that the book allows, by version (``3.12``), the first found of each."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = int(re.fullmatch(r">=3\.(\d+)", project["requires-python"])[1])
    places = [shutil.which(f"python3.{minor}") for minor in range(oldest, oldest + 20)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    places += [sys.executable, *sorted(pyenv.glob("versions/3.*/bin/python"))]
    found = {}
    for place in filter(None, places):
        ask = [place, "-c", "import sys; print(*sys.version_info[:2], sys._base_executable)"]
        done = subprocess.run(ask, capture_output=True, text=True, check=False)
        if done.returncode == 0:  # pyenv has a name on the PATH also for what is not switched on
            major, minor, executable = done.stdout.strip().split(" ", 2)
            if (major, int(minor) >= oldest) == ("3", True):
                found.setdefault(f"3.{minor}", executable)
    return dict(sorted(found.items(), key=lambda item: int(item[0][2:])))


def uv():
    """The path of uv, installed into an environment of its own."""
    place = FOLDER / "uv" / "bin" / "uv"
    if not place.exists():
        venv.create(FOLDER / "uv", with_pip=True, clear=True)
        pip = [FOLDER / "uv" / "bin" / "python", "-m", "pip", "install", "-q", "uv"]
        subprocess.run(pip, check=True)
    return place


def old_processor(python):
    """What has this Python's NumPy and OpenBLAS calculate as on an old processor."""
    done = subprocess.run([python, "-c", FEATURES], capture_output=True, text=True, check=True)
    core = {"OPENBLAS_CORETYPE": OLD[name]} if (name := platform.machine()) in OLD else {}
    return core | {"NPY_DISABLE_CPU_FEATURES": done.stdout.strip()}


def run(name, python, resolution):
    """The exit code of the suite in a fresh environment; all that is said goes to its log."""
    place, log = FOLDER / name, FOLDER / f"{name}.log"
    inside = place / "bin" / "python"
    steps = [
        [uv(), "venv", "-q", "--clear", "--seed", "--python", python, place],
        [uv(), "pip", "install", "--python", inside, f"--resolution={resolution}", "-e", ".[test]"],
        [inside, "-m", "backpass.files.fetched"],
        [inside, "-m", "backpass.files.runtime"],
        [inside, *TESTS],
    ]
    environment = os.environ | {"PATH": f"{inside.parent}{os.pathsep}{os.environ['PATH']}"}
    with log.open("w", encoding="utf-8") as file:
        for step in steps:
            if step == steps[-1] and resolution == RESOLUTIONS["oldest"]:
                environment |= old_processor(inside)
            file.write(f"$ {' '.join(map(str, step))}\n")
            file.flush()
            done = subprocess.run(
                step, cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT, check=False
            )
            if done.returncode:
                return done.returncode
    return 0


def main(*only):
    every = {
        f"{version}-{which}": (python, resolution)
        for version, python in pythons().items()
        for which, resolution in RESOLUTIONS.items()
    }
    if unknown := set(only) - set(every):
        print(f"There is no {', '.join(sorted(unknown))} here, but {', '.join(every)}.")
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name in only or every:
        print(f"{name:12} ", end="", flush=True)
        code = run(name, *every[name])
        failed += code != 0
        log = FOLDER / f"{name}.log"
        last = log.read_text(encoding="utf-8").rstrip().rpartition("\n")[2]
        print("failed" if code else "passed", f" {last}  ({log.relative_to(ROOT)})", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
