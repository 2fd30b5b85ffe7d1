"""Snippets: run one in a fresh process, compare what it printed, record it.

A fork server that has torch in memory gives every snippet a process of its own in
milliseconds. A snippet whose first line is `# launch: torchrun …` runs under torchrun,
one whose folder has a requirements.txt in an environment of its own.
"""

import ast
import contextlib
import datetime
import difflib
import functools
import hashlib
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
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import psutil

from handbook import environments, guard, sandbox

TIME_LIMIT_S = 60  # a snippet should take under 10; a loaded machine is forgiven
BENCHMARK_LIMIT_S = 900
MEMORY_LIMIT = 4 << 30  # bytes resident, all processes of a snippet together
PROCESS_LIMIT = 64
WATCH_S = 0.1  # how often both are looked at
GRACE_S = 2  # a server that was killed takes its helpers with it, but not at once
PRELOAD = ["numpy", "torch", "matplotlib.pyplot", "transformers"]
NOISY = "~"  # first character of a line whose digits may differ
RAN_ON = "~ ran on "
LAUNCH = "# launch:"
TAG = "HANDBOOK_RUN"  # marks a snippet's processes, so that none is left behind
TEMPORARY = "tmp~"  # what a snippet finds as the system's folder for temporary files
DIFF_LINES = 60
PICTURES = (".svg", ".png", ".jpg", ".pdf")
NUMBER = re.compile(r"[-+−]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?", re.IGNORECASE)
SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
# Makes numerical libraries choose the code that they have for an older processor: what
# prints something else there does so on some reader's machine, too.
OLDER_PROCESSOR = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_CBWR": "COMPATIBLE",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4",
}
FOREGROUND = "#010203"  # in snippets/matplotlibrc; stands for the page's text colour


@dataclass(frozen=True)
class Run:
    """What came of running a snippet: exit status (None: over the time limit), both
    streams, wall seconds, the figures and the names of all pictures it saved, processes
    that it left behind, whether it used a GPU (under torchrun nobody looks), the limit
    for which it was killed, and what the sandbox refused."""

    status: int | None
    stdout: str
    stderr: str
    seconds: float
    figures: dict[str, str] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    cuda: bool = False
    over: str = ""
    denied: str = ""


def discover(root: Path) -> list[Path]:
    """All snippets below a folder, in order."""
    return sorted(path for path in root.rglob("*.py") if "__pycache__" not in str(path))


def outputs_of(snippet: Path) -> list[Path]:
    """Recorded outputs that stand beside a snippet."""
    suffixes = (".txt", ".svg", ".cuda.txt", ".cuda.svg")
    candidates = [snippet.with_suffix(suffix) for suffix in suffixes]
    return [path for path in candidates if path.exists()]


def modules(script: Path) -> frozenset[str]:
    """Top-level modules that a script imports."""
    return modules_of(script.read_text("utf-8"))


@functools.cache
def modules_of(code: str) -> frozenset[str]:
    """The same of its text, by which it is remembered: files change under a server."""
    result = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            result |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            result.add(node.module.partition(".")[0])
    return frozenset(result)


def siblings(script: Path) -> list[Path]:
    """Snippets of the same folder that a snippet imports, those they import first."""
    result = []
    for name in sorted(modules(script)):
        path = script.with_name(f"{name}.py")
        if path.exists() and path != script:
            result += [*siblings(path), path]
    return list(dict.fromkeys(result))


class BadSnippet(Exception):
    """A snippet that cannot be run as it is written; the message says why."""


def launcher(snippet: Path) -> tuple[dict[str, str], list[str]] | None:
    """Variables and arguments of torchrun from the `# launch:` line, which a backslash
    continues on the next one, as in a shell; None for a plain script."""
    remedy = "  remedy: # launch: torchrun --standalone --nproc-per-node=2"
    try:
        lines = snippet.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise BadSnippet(
            f"{snippet}:1: not UTF-8: {error.reason} at byte {error.start}\n"
            "  expected: UTF-8\n  remedy: save it as UTF-8"
        ) from None
    found = [n for n, line in enumerate(lines, 1) if line.startswith(LAUNCH)]
    if not found:
        return None
    if found != [1]:
        raise BadSnippet(
            f"{snippet}:{found[-1]}: a `{LAUNCH}` line here is ignored\n"
            f"  expected: it is the first line, once\n{remedy}"
        )
    text = lines[0].removeprefix(LAUNCH)
    for line in lines[1:]:
        if not text.endswith("\\"):
            break
        text = text[:-1] + line.removeprefix("#")
    words = shlex.split(text)
    names = list(itertools.takewhile(re.compile(r"[A-Z_]+=").match, words))
    command, *arguments = words[len(names) :] or [""]
    if command != "torchrun":
        raise BadSnippet(
            f"{snippet}:1: `{LAUNCH}` names `{command}`\n"
            f"  expected: torchrun and its options\n{remedy}"
        )
    return dict(name.split("=", 1) for name in names), arguments


def set_environment(snippets: Path) -> None:
    """What every snippet finds: one thread, no network hub, no screen, the house style,
    and an end when this process ends.

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
    guard.start()
    if (snippets / "matplotlibrc").exists():
        os.environ["MATPLOTLIBRC"] = str(snippets / "matplotlibrc")


def _child(snippet: str, folder: str) -> None:
    """Body of the forked process: own group, streams to files, then the script."""
    os.setsid()
    os.environ |= {TAG: folder, "TMPDIR": f"{folder}/{TEMPORARY}"}
    os.environ["MPLCONFIGDIR"] = f"{folder}/{TEMPORARY}"  # where it is not preloaded
    tempfile.tempdir = None
    os.chdir(folder)
    sandbox.enter(Path(folder))
    for stream, name in ((1, "stdout"), (2, "stderr")):
        handle = os.open(f"{name}~", os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(handle, stream)
    if "numpy" in sys.modules:  # a copy of the server's state would hide a missing seed
        sys.modules["numpy"].random.seed()
    sys.argv = [snippet]
    sys.path.insert(0, str(Path(snippet).parent))
    try:
        runpy.run_path(snippet, run_name="__main__")
    except Exception as error:
        frames = error.__traceback__  # from the snippet on, as `python` shows them
        while frames and frames.tb_frame.f_code.co_filename != snippet:
            frames = frames.tb_next
        traceback.print_exception(error.with_traceback(frames))
        sys.exit(1)
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


def run(
    snippet: Path,
    fresh: bool = False,
    limit_s: float = TIME_LIMIT_S,
    variables: dict[str, str] | None = None,
) -> Run:
    """Run a snippet in a process and a temporary folder of its own.

    Args:
        snippet: the script.
        fresh: start a new interpreter, as a reader does, instead of forking one.
        limit_s: wall seconds after which the snippet and its children are killed.
        variables: of the environment; they need `fresh`.

    Raises:
        BadSnippet: it is not UTF-8, or its `# launch:` line is wrong.
    """
    snippet = snippet.resolve()
    launch = launcher(snippet)
    python = environments.interpreter(snippet)
    with tempfile.TemporaryDirectory(prefix="snippet-") as name:
        folder = Path(name).resolve()
        (folder / TEMPORARY).mkdir()
        streams = [folder / "stdout~", folder / "stderr~"]
        started = time.monotonic()
        if launch or fresh or python != sys.executable:
            named, arguments = launch or ({}, [])
            options = ["-m", "torch.distributed.run", *arguments] if launch else []
            places = [str(folder)]
            if python != sys.executable:  # Triton has /tmp written into its code
                places.append(tempfile.gettempdir())
            command = [sys.executable, sandbox.__file__, os.pathsep.join(places)]
            environment = {**os.environ, **(variables or {}), **named, TAG: name}
            environment["TMPDIR"] = str(folder / TEMPORARY)
            with streams[0].open("w") as out, streams[1].open("w") as err:
                process = subprocess.Popen(
                    [*command, python, *options, str(snippet)],
                    cwd=folder,
                    env=environment,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                )

            def ended(seconds: float) -> bool:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(seconds)
                return process.returncode is not None

            over = watch(process.pid, name, ended, limit_s)
            status = process.returncode
        else:
            process = _fork(snippet, folder)

            def ended(seconds: float) -> bool:
                process.join(seconds)
                return not process.is_alive()

            over = watch(process.pid, name, ended, limit_s)
            status = process.exitcode
        left = kill(process.pid, name)
        process.join() if hasattr(process, "join") else process.wait()
        denied = folder / sandbox.DENIED
        stdout, stderr = (
            path.read_text("utf-8", "backslashreplace") if path.exists() else ""
            for path in streams
        )
        return Run(
            status=status,
            stdout=stdout,
            stderr=stderr,
            seconds=time.monotonic() - started,
            figures={
                path.name: normal_figure(path.read_text("utf-8"), path.stem)
                for path in folder.glob("*.svg")
            },
            pictures=tuple(
                path.name for path in folder.iterdir() if path.suffix in PICTURES
            ),
            processes=left,
            cuda=(folder / "cuda~").exists(),
            over=over,
            denied=denied.read_text("utf-8") if denied.exists() else "",
        )


def members(pid: int, tag: str) -> list[psutil.Process]:
    """A process, what runs in its session, and all that has its TAG (torchrun's workers
    are in sessions of their own)."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
            ours = process.pid == pid or os.getsid(process.pid) == pid
            if ours or process.environ().get(TAG) == tag:
                found.append(process)
    return found


def watch(pid: int, tag: str, ended: Callable[[float], bool], limit_s: float) -> str:
    """Wait until a process ends or goes over a limit; gives the limit that is not time.

    A sandbox of the kernel's, a control group, would take rights that users lack.

    Args:
        pid: the process.
        tag: value of TAG in what it starts.
        ended: waits so many seconds at most, then says whether the process has ended.
        limit_s: seconds after which waiting is over.
    """
    deadline = time.monotonic() + limit_s
    while not ended(WATCH_S) and time.monotonic() < deadline:
        running = members(pid, tag)
        if len(running) > PROCESS_LIMIT:
            return f"has started {len(running)} processes, at most {PROCESS_LIMIT}"
        used = 0
        for process in running:
            with contextlib.suppress(psutil.Error):
                memory = process.memory_info()
                used += memory.rss - getattr(memory, "shared", 0)
        if used > MEMORY_LIMIT:
            return (
                f"takes {used / 2**30:.1f} GiB of memory, at most {MEMORY_LIMIT >> 30}"
            )
    return ""


def kill(pid: int, tag: str) -> tuple[str, ...]:
    """Kill a process and its `members`, until there are none: they may be starting
    others meanwhile. Returns what was left of them besides that process, when those
    had ended that were about to."""
    left: list[str] = []
    if not psutil.pid_exists(pid):
        psutil.wait_procs(members(pid, tag), timeout=GRACE_S)
    while True:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        running = []
        for process in members(pid, tag):
            with contextlib.suppress(psutil.Error):
                if process.status() != psutil.STATUS_ZOMBIE:
                    running.append(process)
                    if process.pid != pid and len(left) < PROCESS_LIMIT:
                        left.append(" ".join(process.cmdline()))
                    process.kill()
        if not running:
            return tuple(dict.fromkeys(left))
        time.sleep(0.01)


def needs_gpu(snippet: Path) -> bool:
    """Whether a snippet means nothing without a GPU: its name ends in `_gpu`."""
    return snippet.stem.endswith("_gpu")


def is_benchmark(snippet: Path) -> bool:
    """Whether a snippet takes minutes, so that it is recorded but not tested: its name
    ends in `_bench`."""
    return snippet.stem.endswith("_bench")


def unavailable(snippet: Path) -> str:
    """Why a snippet cannot run on this machine; empty if it can."""
    if needs_gpu(snippet) and not has_gpu():
        return f"{snippet} needs a GPU, and torch sees none here"
    return environments.unavailable(snippet)


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
    known = {shape(line): line for line in old if line.startswith(NOISY)}
    new = [
        known.get(shape(line), line) if line.startswith(NOISY) else line
        for line in printed.splitlines()
    ]
    # Two noisy lines of one shape stand for each other, wherever they are.
    old = [known.get(shape(line), line) if line[:1] == NOISY else line for line in old]
    lines = list(difflib.unified_diff(old, new, name, "printed now", lineterm=""))
    more = len(lines) - DIFF_LINES
    return "\n".join(
        lines[:DIFF_LINES] + ([f"… {more} lines more"] if more > 0 else [])
    )


def moves(snippet: Path) -> bool:
    """Whether a snippet says that what it draws hangs on rounding: the line that saves
    the figure ends in a comment that begins with `~` and says why."""
    return bool(re.search(r"savefig\(.*#\s*~", snippet.read_text("utf-8")))


def figure_difference(
    recorded: str, drawn: str, name: str, moving: bool = False
) -> str:
    """Like `difference`, for figures: same structure, numbers within half a point; of
    one whose points move, the same elements."""
    if moving:
        old, new = (
            [
                element.tag.rpartition("}")[2]
                for element in ElementTree.fromstring(x).iter()
            ]
            for x in (recorded, drawn)
        )
        return "\n".join(difflib.unified_diff(old, new, name, "drawn now", lineterm=""))
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
    if result.over:
        return (
            f"{snippet}:1: {result.over}: killed, with all that it had started\n"
            "  expected: something that a laptop can spare\n"
            "  remedy: make it smaller, and wait for each process before the next"
        )
    if result.status is None:
        return (
            f"{snippet}:1: still running after {limit_s:g} s, killed\n"
            "  expected: a snippet ends within 10 s on two cores\n"
            f"  remedy: make it smaller; try it alone: python {snippet}\n"
            f"  printed so far:\n{result.stdout[-2000:]}"
        )
    lines = re.findall(
        rf'File ".*{re.escape(snippet.name)}", line (\d+)', result.stderr
    )
    if result.denied:
        return (
            f"{snippet}:{lines[-1] if lines else 1}: tries "
            f"{', '.join(dict.fromkeys(result.denied.splitlines()))[:300]}\n"
            f"  expected: {sandbox.FILES};\n  {sandbox.NETWORK}\n"
            "  remedy: make the data, or take it from a package that is installed"
        )
    if result.status != 0:
        return (
            f"{snippet}:{lines[-1] if lines else 1}: exit status {result.status}\n"
            "  expected: 0, every assert holds\n"
            f"  remedy: python {snippet}\n{result.stderr[-4000:]}"
        )
    for name in result.pictures:
        if name != f"{snippet.stem}.svg":
            return (
                f"{snippet}:1: saves {name}\n"
                f"  expected: one figure, {snippet.stem}.svg\n"
                f'  remedy: savefig("{snippet.stem}.svg")'
            )
    if result.processes:
        return (
            f"{snippet}:1: leaves behind {', '.join(result.processes)[:200]}\n"
            "  expected: every process that it started has ended\n"
            "  remedy: wait for them, or terminate them in a finally"
        )
    return ""


def check(snippet: Path, result: Run) -> str:
    """Compare a run with what is recorded beside the snippet; empty if they agree."""
    problem = complaint(snippet, result)
    if problem:
        return problem
    name = snippet.with_suffix("").as_posix().rpartition("snippets/")[2]
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
    figure = snippet.with_suffix(".svg")
    if figure.exists() and figure.name not in result.figures:
        return (
            f"{figure}:1: a recorded figure that {snippet.name} draws no more\n"
            f"  expected: the snippet saves {figure.name}\n"
            f'  remedy: savefig("{figure.name}"), or delete the figure'
        )
    for name, drawn in result.figures.items():
        if not figure.exists():
            return f"{snippet}:1: no recorded figure {name}\n{remedy}"
        recorded_figure = figure.read_text("utf-8")
        diff = figure_difference(recorded_figure, drawn, str(figure), moves(snippet))
        if diff and not result.cuda:
            return f"{figure}:1: the figure differs from the recorded\n{remedy}\n{diff}"
    return ""


def machine(snippet: Path, cuda: bool) -> str:
    """Where a recorded run took place, in one line: hardware, versions, day, and of a
    benchmark, which nothing runs again, the version of its code."""
    import torch

    own = environments.requirements(snippet)
    if cuda:
        hardware = f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}"
    elif own or is_benchmark(snippet):
        hardware = f"{processor()}, {os.cpu_count()} cores"
    else:
        hardware = f"{processor()}, 1 thread"
    packages = environments.versions(own) if own else f"torch {torch.__version__}"
    line = f"{RAN_ON}{hardware}, Python {platform.python_version()}, {packages}, "
    code = f", {code_version(snippet)}" if is_benchmark(snippet) else ""
    return f"{line}{datetime.date.today()}{code}"


def code_version(snippet: Path) -> str:
    """What a benchmark's recorded output says of the code that printed it."""
    return f"code {hashlib.sha256(snippet.read_bytes()).hexdigest()[:8]}"


def processor() -> str:
    """Name of the processor, as far as the system tells."""
    with contextlib.suppress(OSError):
        text = Path("/proc/cpuinfo").read_text("utf-8")
        name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
        if name:
            return " ".join(name[1].split())
    return platform.processor() or platform.machine()


def record(
    snippet: Path, result: Run | None = None, limit_s: float = TIME_LIMIT_S
) -> str:
    """Run a snippet twice, once forked and once by a fresh interpreter as on an older
    processor, and write what it printed beside it. Returns a complaint, and writes
    nothing, where a run fails or the two disagree. A benchmark runs once.

    Args:
        snippet: the script.
        result: its first run, where there was one already.
        limit_s: as for `run`.
    """
    if is_benchmark(snippet):
        result = run(snippet, fresh=True, limit_s=BENCHMARK_LIMIT_S)
        problem = complaint(snippet, result, BENCHMARK_LIMIT_S)
        if not problem:
            for suffix in (".txt", ".svg"):
                snippet.with_suffix(suffix).unlink(missing_ok=True)
            _write(snippet, result, "")
        return problem
    result = result or run(snippet, limit_s=limit_s)
    again = run(snippet, True, limit_s, OLDER_PROCESSOR)
    problem = complaint(snippet, result, limit_s) or complaint(snippet, again, limit_s)
    if problem:
        return problem
    diff = difference(result.stdout, again.stdout, f"{snippet}: first run")
    for name in result.figures:
        second = again.figures.get(name, "")
        first = result.figures[name]
        diff = diff or figure_difference(first, second, name, moves(snippet))
    if diff:
        return (
            f"{snippet}:1: prints something else on a second run\n"
            "  expected: the same text on every run and on an older processor\n"
            "  remedy: seed it; start lines with a time, a ratio or what hangs on\n"
            "  rounding (the result of a training, say) with `~`\n" + diff
        )
    on_cpu_too = not needs_gpu(snippet) and not snippet.with_suffix(".txt").exists()
    if result.cuda and on_cpu_too:
        hidden = run(snippet, fresh=True, variables={"CUDA_VISIBLE_DEVICES": ""})
        _write(snippet, hidden, "")
    _write(snippet, result, ".cuda" if result.cuda else "")
    return ""


def _write(snippet: Path, result: Run, kind: str) -> None:
    """Write the output and the figure of a run, where they differ from the recorded."""
    path = snippet.with_suffix(f"{kind}.txt")
    text = result.stdout
    if kind or any(line.startswith(NOISY) for line in text.splitlines()):
        text = text.rstrip("\n") + f"\n{machine(snippet, bool(kind))}\n"
    old = path.read_text("utf-8") if path.exists() else None
    if old is None or difference(old, result.stdout, ""):
        path.write_text(text, "utf-8")
    for drawn in result.figures.values():
        path = snippet.with_suffix(f"{kind}.svg")
        old = path.read_text("utf-8") if path.exists() else None
        if not old or figure_difference(old, drawn, "", moves(snippet)):
            path.write_text(drawn, "utf-8")
