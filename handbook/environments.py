"""Environments of their own: a folder of snippets with a `requirements.txt` gets one.

They stand inside the project's environment, so that `make clean` deletes them too.
"""

import platform
import subprocess
import sys
import venv
from pathlib import Path

from packaging.requirements import Requirement

FOLDER = Path(sys.prefix) / "environments"


def requirements(snippet: Path) -> Path | None:
    """The list of packages that a snippet's folder has of its own, if it has one."""
    path = snippet.parent / "requirements.txt"
    return path if path.exists() else None


def parse(path: Path) -> list[tuple[int, Requirement]]:
    """Line numbers and requirements of a list.

    Raises:
        packaging.requirements.InvalidRequirement: a line is not one.
    """
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return [(n, Requirement(line)) for n, line in enumerate(lines, 1) if line]


def unavailable(snippet: Path) -> str:
    """Why a snippet cannot run on this system, from the markers of its list: a line
    that this system is excluded from. Empty if it can."""
    path = requirements(snippet)
    for number, requirement in parse(path) if path else []:
        if requirement.marker and not requirement.marker.evaluate():
            return (
                f"{path}:{number}: {requirement.name} is for {requirement.marker}, "
                f"this is {sys.platform} {platform.machine()}, "
                f"Python {platform.python_version()}"
            )
    return ""


def versions(path: Path) -> str:
    """The packages of a list and their versions, in one line."""
    return ", ".join(f"{r.name} {r.specifier}" for _, r in parse(path)).replace("=", "")


def interpreter(snippet: Path) -> str:
    """Python of the environment in which a snippet runs, made where it is missing or
    where its list has changed."""
    path = requirements(snippet)
    if not path:
        return sys.executable
    from filelock import FileLock  # of the tests: the site builds without it

    folder = FOLDER / "-".join(path.parent.parts[-2:])
    python, stamp = folder / "bin/python", folder / "made-from"
    made_from = f"Python {platform.python_version()}\n{path.read_text()}"
    FOLDER.mkdir(exist_ok=True)
    with FileLock(f"{folder}.lock"):  # two tests may want it at once
        if not stamp.exists() or stamp.read_text() != made_from:
            venv.create(folder, clear=True, with_pip=True, symlinks=True)
            command = ["-m", "pip", "install", "--quiet", "--requirement", str(path)]
            subprocess.run([str(python), *command], check=True)
            stamp.write_text(made_from)
    return str(python)
