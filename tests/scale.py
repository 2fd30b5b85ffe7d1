"""Measures how the site grows. `python tests/scale.py 17 100 400` builds it with so
many answers, copies of those there are: by our own build, by MkDocs Material with its
own search, and by Zensical. `python tests/scale.py runner` times the snippets instead.

Copies bring no new words, which flatters every search index, and pack well beside each
other: what lists all answers is therefore weighed unpacked. Our build is that of the
tests: search and what stands around an answer, no flashcards and no PDF. The others
leave the labs out, and plain Material the formulas and cards, too. What a browser does
is measured in English.
"""

import functools
import gzip
import http.server
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path

import yaml
from bench import GzipHandler, timed
from conftest import visit
from mkdocs.utils.yaml import yaml_load

from handbook import LANGUAGES, ROOT, environments, katex, printing, snippets
from handbook.cards import answer_paths

CONFIGS = {"en": "mkdocs.yml", "ru": "mkdocs.ru.yml"}
PAGE = "training/gradient-accumulation"
QUERY = "calibration"
RUNS = 5
OURS = """
import sys
from pathlib import Path
from handbook import ROOT
from handbook.__main__ import build
assert ROOT.samefile("."), ROOT
build(Path(sys.argv[1]).resolve(), "http://127.0.0.1:8000/")
"""
# How each site opens its search, takes a query and shows a result.
SEARCH = {
    "ours": ("[data-search]", "pagefind-modal input", "pagefind-results a"),
    "Material": (".md-search__input", ".md-search__input", ".md-search-result__link"),
    "Zensical": (
        ".md-search__button",
        "input[role=combobox]",
        "ol[role=listbox] a",
    ),
}
SLACK = {"s": 1.25, "KB": 1.15, "MB": 1.15}  # a growth that may be noise


def multiply(tree: Path, count: int) -> None:
    """Copy the sources into a tree, with so many answers in each language."""
    for name in ("docs", "snippets", "handbook"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tree / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tree)
    (tree / "requirements").symlink_to(ROOT / "requirements")
    docs = ROOT / "docs/en"
    names = [
        path.relative_to(docs).with_suffix("").as_posix() for path in answer_paths(docs)
    ]
    navs = {name: (ROOT / name).read_text("utf-8") for name in CONFIGS.values()}
    for number in range(len(names), count):
        name, round_ = names[number % len(names)], number // len(names) + 1
        copy = f"{name}-{round_}"
        shutil.copytree(tree / "snippets" / name, tree / "snippets" / copy)
        for language in LANGUAGES:
            text = (tree / f"docs/{language}/{name}.md").read_text("utf-8")
            text = text.replace(f'--8<-- "{name}/', f'--8<-- "{copy}/')
            title = r"^(title: |# )([\"']?)(.*?)\2$"
            text = re.sub(title, rf"\1\2\3 ({round_})\2", text, flags=re.MULTILINE)
            (tree / f"docs/{language}/{copy}.md").write_text(text, "utf-8")
        for config, text in navs.items():
            line = f"      - {name}.md\n"
            added = line + line.replace(name, copy)
            navs[config] = text.replace(line, added)
    for config, text in navs.items():
        (tree / config).write_text(text, "utf-8")


def without_labs(nav: list) -> list:
    """A navigation less its notebooks, for which the other builders have no plugin."""
    return [
        {title: without_labs(part) for title, part in entry.items()}
        if isinstance(entry, dict)
        else entry
        for entry in nav
        if not str(entry).endswith(".ipynb")
    ]


def settings(tree: Path, language: str, builder: str) -> Path:
    """Write the settings of another builder for one language; gives the file."""
    with (tree / CONFIGS[language]).open("rb") as file:
        config = yaml_load(file)
    config["nav"] = without_labs(config["nav"])
    config["site_dir"] = f"{builder}/{language}"
    if builder == "Material":
        extensions = config["markdown_extensions"]
        for name in [name for name in extensions if name.startswith("handbook")]:
            del extensions[name]
        extensions["pymdownx.highlight"] = {"pygments_lang_class": True}
        keys = ("site_name", "site_url", "docs_dir", "site_dir", "nav")
        config = {key: config[key] for key in (*keys, "markdown_extensions")}
        config["theme"] = {"name": "material", "language": language, "font": False}
        config["plugins"] = ["search"]
        config["exclude_docs"] = "*.ipynb"
    path = tree / f"{builder}.{language}.yml"
    path.write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")
    return path


def processor_time() -> float:
    """Seconds that programs started from here have computed, on all cores."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def build(tree: Path, builder: str) -> tuple[float, Path]:
    """Build both languages; gives the seconds and the folder of the English site."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "NO_MKDOCS_2_WARNING": "1"}
    if builder == "ours":
        command = [sys.executable, "-c", OURS, "ours"]
        return timed(command, cwd=tree, env=environment), tree / "ours"
    module = "zensical" if builder == "Zensical" else "mkdocs"
    seconds = 0.0
    for language in LANGUAGES:
        config = settings(tree, language, builder)
        command = [sys.executable, "-m", module, "build", "-f", str(config)]
        seconds += timed(command, cwd=tree, env=environment)
    return seconds, tree / builder / "en"


class CountingHandler(GzipHandler):
    """Remembers the body bytes that each address took."""

    sent: list[tuple[str, int]]

    def copyfile(self, source, outputfile) -> None:
        body = source.read()
        self.sent.append((self.path, len(body)))
        outputfile.write(body)


def search(site: Path, builder: str) -> tuple[float, float]:
    """Kilobytes that the first search of a reader transfers, and the median of the
    seconds from typing to the first result; each time in a fresh profile."""
    from playwright.sync_api import sync_playwright

    opener, field, result = SEARCH[builder]
    sent: list[tuple[str, int]] = []
    handler = type("Handler", (CountingHandler,), {"sent": sent})
    handler = functools.partial(handler, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    seconds = []
    with sync_playwright() as playwright:
        quiet = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(
            executable_path=printing.browser(), args=quiet
        )
        for _ in range(RUNS):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page = context.new_page()
            address = f"http://127.0.0.1:{server.server_port}/{PAGE}/"
            visit(page, address)
            page.locator(opener).first.click()
            page.locator(field).first.wait_for()
            started = time.perf_counter()
            page.locator(field).first.fill(QUERY)
            page.keyboard.press("End")  # Material listens to keys only
            page.locator(result).first.wait_for(timeout=120_000)
            seconds.append(time.perf_counter() - started)
            page.wait_for_load_state("networkidle")
            context.close()
        browser.close()
    server.shutdown()
    size = sum(size for path, size in sent if re.search(r"/pagefind/|search", path))
    return size / RUNS / 1000, statistics.median(seconds)


def measure(tree: Path, builder: str, count: int) -> dict[tuple[str, str, bool], float]:
    """What is measured of one site, by name, unit and whether it may grow as fast as
    the number of answers does."""
    before = processor_time()
    seconds, site = build(tree, builder)
    computed = processor_time() - before
    files = [path for path in (tree / builder).rglob("*") if path.is_file()]
    page = site / PAGE / "index.html"
    text = page.read_text("utf-8")
    around = text.partition("<article")[0] + text.rpartition("</article>")[2]
    lists = {
        "front page, not packed": site / "index.html",
        "chapter page, not packed": page.parents[1] / "index.html",
        "tags page, not packed": site / "tags/index.html",
        "interview, not packed": site / "interview/data.js",
    }
    transferred, waited = search(site, builder)
    return {
        ("build", "s", True): seconds,
        ("build, processor", "s", True): computed,
        ("site", "MB", True): sum(path.stat().st_size for path in files) / 1e6,
        ("an answer, gzip", "KB", False): len(gzip.compress(text.encode())) / 1000,
        ("  around its article, not packed", "KB", False): len(around.encode()) / 1000,
        **{
            (name, "KB", False): path.stat().st_size / 1000
            for name, path in lists.items()
            if path.exists()
        },
        ("first search transfers", "KB", False): transferred,
        ("first search takes", "s", False): waited,
    }


def sites(counts: list[int]) -> None:
    """Build and measure every size; prints a table, then what grows too fast."""
    print(f"{'':34} {'answers':>7}", *(f"{builder:>9}" for builder in SEARCH))
    measured: dict[int, dict[str, dict]] = {}
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="scale-") as name:
            multiply(Path(name), count)
            measured[count] = {b: measure(Path(name), b, count) for b in SEARCH}
        for key in measured[count]["ours"]:
            values = [measured[count][builder].get(key) for builder in SEARCH]
            shown = [f"{value:9.2f}" if value else f"{'':9}" for value in values]
            ratios = [
                f"{values[0] / v:.2f} of {b}"
                for v, b in zip(values, SEARCH, strict=True)
                if v
            ]
            print(f"{f'{key[0]}, {key[1]}':34} {count:7}", *shown, " ", *ratios[1:])
    if len(counts) > 1:
        tell_growth(measured)


def tell_growth(measured: dict[int, dict[str, dict]]) -> None:
    """Print what a further answer costs, and what of it every reader pays.

    A further answer, not the average one: what a build costs once would hide a growth.
    """
    counts = list(measured)
    steps = list(pairwise(counts))
    shown = ", ".join(f"{few} to {many}" for few, many in steps)
    print(f"\na further answer ({shown}):")
    for builder in SEARCH:
        for key, value in measured[counts[-1]][builder].items():
            name, unit, may_grow = key
            size = {count: measured[count][builder][key] for count in counts}
            costs = [(size[n] - size[few]) / (n - few) for few, n in steps]
            told = ", ".join(f"{cost:.3f}" for cost in costs)
            line = f"  {builder}: {name.strip()}, {unit}: {told}"
            if may_grow and costs[-1] > SLACK[unit] * costs[0]:
                line += ": GROWS FASTER THAN THE CONTENT"
            elif not may_grow and value > SLACK[unit] * size[counts[0]]:
                line += f": {value / size[counts[0]]:.1f} times, for every reader"
            elif not may_grow:
                continue
            print(line)


def runner() -> None:
    """Time all snippets that run alone and in one file, by our runner and by others."""
    folder = ROOT / "snippets"
    snippets.set_environment(folder)
    paths = [
        path
        for path in snippets.discover(folder)
        if not snippets.launcher(path)
        and not snippets.siblings(path)
        and not environments.requirements(path)
        and not snippets.is_benchmark(path)
        and not snippets.needs_gpu(path)
    ]
    tests = [
        f"tests/test_snippets.py::test_snippet[{p.relative_to(folder).with_suffix('')}]"
        for p in paths
    ]
    pytest = [sys.executable, "-m", "pytest", "-q"]
    told = f"our runner, {os.cpu_count()} cores"
    ours = show(f"{len(paths)} snippets, {told}", timed([*pytest, *tests], cwd=ROOT))
    show("our runner, one core", timed([*pytest, "-n0", *tests], cwd=ROOT), ours)
    plain = sum(snippets.run(path, fresh=True).seconds for path in paths)
    show("python, one after another", plain, ours)
    with tempfile.TemporaryDirectory() as name:
        fences = [f"```python\n{path.read_text('utf-8')}```\n" for path in paths]
        (Path(name) / "all.md").write_text("\n".join(fences), "utf-8")
        command = [*pytest, "--codeblocks", "all.md"]
        started = time.perf_counter()
        done = subprocess.run(command, cwd=name, capture_output=True, text=True)
        seconds = time.perf_counter() - started
    summary = (done.stdout.strip().splitlines() or [done.stderr])[-1]
    show(f"pytest --codeblocks: {summary}", seconds, ours)


def show(what: str, seconds: float, ours: float | None = None) -> float:
    """Print a time, and how many times that of our runner it is; gives it back."""
    print(f"{what:60} {seconds:7.1f} s {seconds / (ours or seconds):6.2f}x", flush=True)
    return seconds


if __name__ == "__main__":
    print(f"{snippets.processor()}, {os.cpu_count()} cores", flush=True)
    katex.install_assets()
    if "runner" in sys.argv[1:]:
        runner()
    else:
        sites(sorted(map(int, sys.argv[1:] or ("17", "100", "400"))))
