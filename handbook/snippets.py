"""Snippets: run one in a fresh process, compare what it printed, record it.

A fork server that has torch in memory gives every snippet a process of its own in
milliseconds. A snippet whose first line is `# launch: torchrun …` runs under torchrun.
"""

import contextlib
import datetime
import difflib
import itertools
import multiprocessing
import os
import platform
import re
import runpy
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

TIME_LIMIT_S = 60  # a snippet should take under 10; a loaded machine is forgiven
PRELOAD = ["numpy", "torch", "matplotlib.pyplot", "transformers"]
NOISY = "~"  # first character of a line whose digits may differ
RAN_ON = "~ ran on "
NUMBER = re.compile(r"[-+−]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?", re.IGNORECASE)
SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
FOREGROUND = "#010203"  # in snippets/matplotlibrc; stands for the page's text colour


@dataclass(frozen=True)
class Run:
    """What came of running a snippet: exit status (None: over the time limit), both
    streams, wall seconds, the figures it saved, and whether it used a GPU."""

    status: int | None
    stdout: str
    stderr: str
    seconds: float
    figures: dict[str, str] = field(default_factory=dict)
    cuda: bool = False


def discover(root: Path) -> list[Path]:
    """All snippets below a folder, in order."""
    return sorted(path for path in root.rglob("*.py") if "__pycache__" not in str(path))


def outputs_of(snippet: Path) -> list[Path]:
    """Recorded outputs that stand beside a snippet."""
    suffixes = (".txt", ".svg", ".cuda.txt", ".cuda.svg")
    candidates = [snippet.with_suffix(suffix) for suffix in suffixes]
    return [path for path in candidates if path.exists()]


def launcher(snippet: Path) -> list[str] | None:
    """Arguments of torchrun from the `# launch:` line, or None for a plain script."""
    first = snippet.read_text("utf-8").partition("\n")[0]
    if not first.startswith("# launch:"):
        return None
    command, *arguments = shlex.split(first.removeprefix("# launch:"))
    if command != "torchrun":
        raise ValueError(
            f"{snippet}:1: `# launch:` names `{command}`\n"
            "  expected: torchrun and its options\n"
            "  remedy: # launch: torchrun --standalone --nproc-per-node=2"
        )
    return arguments


def set_environment(snippets: Path) -> None:
    """What every snippet finds: one thread, no network hub, no screen, the house style.

    Threads are pinned because two snippets that both use every core slow each other
    tenfold; a style file, because a figure should follow the page's colours.
    """
    os.environ |= {
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "MPLBACKEND": "Agg",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if (snippets / "matplotlibrc").exists():
        os.environ["MATPLOTLIBRC"] = str(snippets / "matplotlibrc")


def _child(snippet: str, folder: str) -> None:
    """Body of the forked process: own group, streams to files, then the script."""
    os.setsid()
    os.chdir(folder)
    for stream, name in ((1, "stdout"), (2, "stderr")):
        handle = os.open(f"{name}~", os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(handle, stream)
    if "numpy" in sys.modules:  # a copy of the server's state would hide a missing seed
        sys.modules["numpy"].random.seed()
    sys.argv = [snippet]
    sys.path.insert(0, str(Path(snippet).parent))
    runpy.run_path(snippet, run_name="__main__")
    if "torch" in sys.modules and sys.modules["torch"].cuda.is_initialized():
        Path("cuda~").touch()


_main_module = threading.Lock()


def _fork(snippet: Path, folder: Path) -> multiprocessing.Process:
    """Ask the fork server for a process that runs the snippet."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    process = context.Process(target=_child, args=(str(snippet), str(folder)))
    # multiprocessing makes every child import the parent's main module (pytest, say):
    # a snippet needs none of it, so it is shown an empty one.
    with _main_module:
        main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
        try:
            process.start()
        finally:
            sys.modules["__main__"] = main
    return process


def run(snippet: Path, fresh: bool = False, limit_s: float = TIME_LIMIT_S) -> Run:
    """Run a snippet in a process and a temporary folder of its own.

    Args:
        snippet: the script.
        fresh: start a new interpreter, as a reader does, instead of forking one.
        limit_s: wall seconds after which the snippet and its children are killed.
    """
    snippet = snippet.resolve()
    arguments = launcher(snippet)
    with tempfile.TemporaryDirectory(prefix="snippet-") as name:
        folder = Path(name)
        started = time.monotonic()
        if arguments is not None or fresh:
            torchrun = ["-m", "torch.distributed.run", *(arguments or [])]
            options = torchrun if arguments is not None else []
            with (
                open(folder / "stdout~", "w") as out,
                open(folder / "stderr~", "w") as err,
            ):
                process = subprocess.Popen(
                    [sys.executable, *options, str(snippet)],
                    cwd=folder,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                )
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(limit_s)
            status = process.returncode
        else:
            process = _fork(snippet, folder)
            process.join(limit_s)
            status = process.exitcode
        # The group may outlive its leader: a snippet must not leave processes behind.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.join() if hasattr(process, "join") else process.wait()
        streams = [folder / "stdout~", folder / "stderr~"]
        stdout, stderr = (p.read_text("utf-8") if p.exists() else "" for p in streams)
        return Run(
            status=status,
            stdout=stdout,
            stderr=stderr,
            seconds=time.monotonic() - started,
            figures={
                path.name: normal_figure(path.read_text("utf-8"), path.stem)
                for path in folder.glob("*.svg")
            },
            cuda=(folder / "cuda~").exists() or (arguments is not None and has_gpu()),
        )


def has_gpu() -> bool:
    """Whether torch sees a GPU here."""
    import torch

    return torch.cuda.is_available()


def normal_figure(svg: str, prefix: str) -> str:
    """A figure as it goes into a page: no prologue, no style that leaks out of it, the
    page's font and text colour, and only ids that are used, unlike any other figure's.
    """
    for name, uri in (("", SVG), ("xlink", XLINK)):
        ElementTree.register_namespace(name, uri)
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        for tag in ("metadata", "style"):
            for child in parent.findall(f"{{{SVG}}}{tag}"):
                parent.remove(child)
    for size in ("width", "height"):  # the page decides; viewBox keeps the proportions
        root.attrib.pop(size, None)
    root.set("style", "stroke-linejoin: round; stroke-linecap: butt")
    text = ElementTree.tostring(root, "unicode").replace(FOREGROUND, "currentColor")
    text = re.sub(r"font-family: [^;\"]+", "font-family: inherit", text)
    used = dict.fromkeys(re.findall(r'(?:url\(#|href="#)([^")]+)', text))
    numbers = {name: f"{prefix}-{number}" for number, name in enumerate(used, 1)}
    for name, new in numbers.items():
        pattern = rf'(\bid="|url\(#|href="#){re.escape(name)}(?=["\)])'
        text = re.sub(pattern, rf"\g<1>{new}", text)
    kept = set(numbers.values())
    text = re.sub(r' id="([^"]+)"', lambda m: m[0] if m[1] in kept else "", text)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"


def shape(line: str) -> str:
    """A noisy line without its digits and spacing."""
    return " ".join(NUMBER.sub("#", line).split())


def difference(recorded: str, printed: str, name: str) -> str:
    """Unified diff between a recorded output and a new one; empty where they agree.

    Lines that start with `~` agree when they agree but for their numbers.
    """
    old = [x for x in recorded.splitlines() if not x.startswith(RAN_ON)]
    new = printed.splitlines()
    for index, (was, now) in enumerate(zip(old, new, strict=False)):
        if was.startswith(NOISY) and shape(was) == shape(now):
            new[index] = was
    lines = difflib.unified_diff(old, new, name, "printed now", lineterm="")
    return "\n".join(lines)


def figure_difference(recorded: str, drawn: str, name: str) -> str:
    """Like `difference`, for figures: same structure, numbers within half a point."""
    shapes = [NUMBER.sub("#", text) for text in (recorded, drawn)]
    if shapes[0] != shapes[1]:
        diff = difflib.unified_diff(
            shapes[0].splitlines(),
            shapes[1].splitlines(),
            name,
            "drawn now",
            lineterm="",
        )
        return "\n".join(itertools.islice(diff, 20))
    pairs = zip(NUMBER.findall(recorded), NUMBER.findall(drawn), strict=True)
    moved = [(a, b) for a, b in pairs if a != b and abs(_value(a) - _value(b)) > 0.5]
    return "".join(f"- {a}\n+ {b}\n" for a, b in moved[:5])


def _value(number: str) -> float:
    return float(number.replace("−", "-").replace(",", ""))


def complaint(snippet: Path, result: Run, limit_s: float = TIME_LIMIT_S) -> str:
    """What is wrong with a run by itself: too long, or a failure. Empty if nothing."""
    if result.status is None:
        return (
            f"{snippet}:1: still running after {limit_s:g} s, killed\n"
            "  expected: a snippet ends within 10 s on two cores\n"
            f"  remedy: make it smaller; try it alone: python {snippet}\n"
            f"  printed so far:\n{result.stdout[-2000:]}"
        )
    if result.status != 0:
        lines = re.findall(
            rf'File ".*{re.escape(snippet.name)}", line (\d+)', result.stderr
        )
        return (
            f"{snippet}:{lines[-1] if lines else 1}: exit status {result.status}\n"
            "  expected: 0, every assert holds\n"
            f"  remedy: python {snippet}\n{result.stderr[-4000:]}"
        )
    return ""


def check(snippet: Path, result: Run) -> str:
    """Compare a run with what is recorded beside the snippet; empty if they agree."""
    problem = complaint(snippet, result)
    if problem:
        return problem
    name = snippet.with_suffix("").as_posix().partition("snippets/")[2]
    remedy = f"  remedy: if the new one is right, make outputs ONLY={name}"
    recorded = snippet.with_suffix(".cuda.txt" if result.cuda else ".txt")
    if not recorded.exists():
        return f"{snippet}:1: no recorded output {recorded.name}\n{remedy}"
    diff = difference(recorded.read_text("utf-8"), result.stdout, str(recorded))
    if diff:
        line = re.search(r"^@@ -(\d+)", diff, re.MULTILINE)
        return (
            f"{recorded}:{line[1] if line else 1}: the output is another now\n"
            f"  expected: the lines marked -, printed: those marked +\n{remedy}\n{diff}"
        )
    for name, drawn in result.figures.items():
        figure = snippet.with_name(name)
        if figure.stem != snippet.stem:
            return f"{snippet}:1: saves {name}\n  expected: {snippet.stem}.svg"
        if not figure.exists():
            return f"{snippet}:1: no recorded figure {name}\n{remedy}"
        diff = figure_difference(figure.read_text("utf-8"), drawn, str(figure))
        if diff and not result.cuda:
            return f"{figure}:1: the figure differs from the recorded\n{remedy}\n{diff}"
    return ""


def machine() -> str:
    """Where a recorded run took place, in one line: hardware, versions, day."""
    import torch

    if torch.cuda.is_available():
        hardware = f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}"
    else:
        hardware = f"{processor()}, 1 thread"
    versions = f"Python {platform.python_version()}, torch {torch.__version__}"
    return f"{RAN_ON}{hardware}, {versions}, {datetime.date.today()}"


def processor() -> str:
    """Name of the processor, as far as the system tells."""
    with contextlib.suppress(OSError):
        text = Path("/proc/cpuinfo").read_text("utf-8")
        name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
        if name:
            return " ".join(name[1].split())
    return platform.processor() or platform.machine()


def record(snippet: Path) -> str:
    """Run a snippet twice, once forked and once by a fresh interpreter, and write what
    it printed beside it. Returns a complaint, and writes nothing, where a run fails or
    the two disagree."""
    result, again = run(snippet), run(snippet, fresh=True)
    problem = complaint(snippet, result) or complaint(snippet, again)
    if problem:
        return problem
    diff = difference(result.stdout, again.stdout, f"{snippet}: first run")
    for name in result.figures:
        second = again.figures.get(name, "")
        diff = diff or figure_difference(result.figures[name], second, name)
    if diff:
        return (
            f"{snippet}:1: prints something else on a second run\n"
            "  expected: the same text on every run\n"
            "  remedy: seed it; start lines with a time or a ratio with `~`\n" + diff
        )
    text = result.stdout
    if result.cuda or any(line.startswith(NOISY) for line in text.splitlines()):
        text = text.rstrip("\n") + f"\n{machine()}\n"
    kind = ".cuda" if result.cuda else ""
    snippet.with_suffix(f"{kind}.txt").write_text(text, "utf-8")
    for name, figure in result.figures.items():
        stem = name.removesuffix(".svg")
        snippet.with_name(f"{stem}{kind}.svg").write_text(figure, "utf-8")
    return ""
