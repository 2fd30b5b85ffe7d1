"""Environments of their own: a folder of snippets with a `requirements.txt` gets one.

They stand inside the project's environment, so that `make clean` deletes them too.
"""

import ctypes
import platform
import subprocess
import sys
import venv
from pathlib import Path
from sysconfig import get_config_var

from packaging.requirements import Requirement

FOLDER = Path(sys.prefix) / "environments"
NEEDS_LIBRARY = "# needs: libpython"  # in a list whose packages embed the interpreter


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
    """Why a snippet cannot run on this system: a line of its list whose marker leaves
    this system out, or a Python without its shared library. Empty if it can."""
    path = requirements(snippet)
    if not path:
        return ""
    for number, requirement in parse(path):
        if requirement.marker and not requirement.marker.evaluate():
            return (
                f"{path}:{number}: {requirement.name} is for {requirement.marker}, "
                f"this is {sys.platform} {platform.machine()}, "
                f"Python {platform.python_version()}"
            )
    lines = path.read_text().splitlines()
    if NEEDS_LIBRARY in lines and not has_library():
        number, minor = lines.index(NEEDS_LIBRARY) + 1, sys.version_info.minor
        return (
            f"{path}:{number}: this Python came without its shared library: "
            f"apt-get install libpython3.{minor}"
        )
    return ""


def has_library() -> bool:
    """Whether another program can load this interpreter: Debian packs that apart."""
    names = (get_config_var("LIBDIR"), get_config_var("INSTSONAME"))
    try:
        ctypes.CDLL("/".join(map(str, names)))
    except OSError:
        return False
    return True


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
    wanted = "\n".join(str(requirement) for _, requirement in parse(path))
    made_from = f"Python {platform.python_version()}\n{wanted}\n"
    FOLDER.mkdir(exist_ok=True)
    with FileLock(f"{folder}.lock"):  # two tests may want it at once
        if not stamp.exists() or stamp.read_text() != made_from:
            venv.create(folder, clear=True, with_pip=True, symlinks=True)
            command = ["-m", "pip", "install", "--quiet", "--requirement", str(path)]
            subprocess.run([str(python), *command], check=True)
            stamp.write_text(made_from)
    return str(python)
