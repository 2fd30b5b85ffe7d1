"""Runs every snippet on a machine with a GPU, and records what it prints there.

`make test-gpu` and the GPU workflow call it. It needs torch, psutil and packaging, so
that a machine whose Python has torch, and which can download nothing, can run it; a
snippet that imports what is missing there is named and left out.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from handbook import ROOT, environments, snippets

TIME_LIMIT_S = 300  # torch.compile takes a minute where its cache is empty


def lacking(snippet: Path) -> str:
    """Why a snippet cannot run here; empty if it can."""
    if snippets.is_benchmark(snippet):
        return "a benchmark: `make outputs` runs it"
    if reason := environments.unavailable(snippet):
        return reason
    if environments.requirements(snippet):
        try:
            environments.interpreter(snippet)
        except (ImportError, subprocess.CalledProcessError) as error:
            return f"its environment could not be made: {error}"
        return ""
    scripts = [*snippets.siblings(snippet), snippet]
    own = {path.stem for path in scripts}
    wanted = set().union(*map(snippets.modules, scripts)) - own
    missing = sorted(name for name in wanted if not importlib.util.find_spec(name))
    return f"not installed here: {', '.join(missing)}" if missing else ""


def run(snippet: Path) -> tuple[str, bool]:
    """Run one snippet, record it if it used a GPU: what is wrong, whether it did.

    What it prints without a GPU is left to `make test`: other versions may round
    otherwise, and every assert has held.
    """
    try:
        result = snippets.run(snippet, limit_s=TIME_LIMIT_S)
        problem = snippets.complaint(snippet, result, TIME_LIMIT_S)
        if result.cuda and not problem:
            problem = snippets.record(snippet, result, TIME_LIMIT_S)
    except snippets.BadSnippet as error:
        return str(error), False
    return problem, result.cuda


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line names; the value is the exit status."""
    parser = argparse.ArgumentParser(prog="handbook.gpu", description=__doc__)
    parser.add_argument("only", nargs="?", default="", help="chapter[/slug[/name]]")
    only = parser.parse_args(arguments).only
    os.chdir(ROOT)
    folder = Path("snippets")
    if not snippets.has_gpu():
        import torch

        print(
            f"torch {torch.__version__} of {sys.executable} sees no GPU\n"
            "  expected: a machine with an NVIDIA GPU and a torch built with CUDA\n"
            "  remedy: nvidia-smi, then make test-gpu PYTHON=/path/to/python",
            file=sys.stderr,
        )
        return 1
    snippets.set_environment(folder.resolve())
    chosen = [
        path
        for path in snippets.discover(folder)
        if f"{path.relative_to(folder).with_suffix('')}/".startswith(only)
    ]
    reasons = {path: lacking(path) for path in chosen}
    for path, reason in reasons.items():
        if reason:
            print(f"[-] {path}: {reason}")
    paths = [path for path in chosen if not reasons[path]]
    # What measures the GPU has it to itself.
    alone = [path for path in paths if snippets.needs_gpu(path)]
    together = [path for path in paths if path not in alone]
    failed = used = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = [*zip(together, pool.map(run, together), strict=True)]
    results += [(path, run(path)) for path in alone]
    for path, (problem, cuda) in results:
        print(f"[{'GPU' if cuda else 'CPU'}] {path}", "FAILED" if problem else "")
        if problem:
            print(problem, file=sys.stderr)
        failed, used = failed + bool(problem), used + cuda
    print(f"{len(results)} snippets ran, {used} of them on the GPU, {failed} failed")
    if not used:
        print(
            "no snippet used the GPU\n"
            "  expected: at least one does, or this run has shown nothing\n"
            "  remedy: choose others, or look why those named …_gpu.py were left out",
            file=sys.stderr,
        )
    return int(failed > 0 or not used)


if __name__ == "__main__":
    sys.exit(main())
