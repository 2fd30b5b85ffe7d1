"""The site's Content-Security-Policy, as a tag in every page: static hosts such as
GitHub Pages let nobody set headers.

Scripts run if they come from the site itself or if their text is what the build wrote,
known by its hash; nothing is asked of another host but Pyodide, and that only by a
click. Styles are the one thing left open: KaTeX and the figures place their parts by
style attributes.
"""

import base64
import hashlib
import re
from pathlib import Path

SCRIPT = re.compile(r"<script(?![^>]*\b(?:src|type)=)[^>]*>(.*?)</script>", re.DOTALL)
PYODIDE = re.compile(r'PYODIDE = "(https://[^"]+)"')
RUN = "javascripts/run.js"


def policy(pages: list[str], pyodide: str) -> str:
    """The policy of a site: one for all pages, since instant navigation keeps that of
    the page which was opened first.

    Args:
        pages: HTML of all of them.
        pyodide: address from which the Run buttons fetch Python.
    """
    scripts = {text for page in pages for text in SCRIPT.findall(page)}
    digests = sorted(hashlib.sha256(text.encode()).digest() for text in scripts)
    hashes = " ".join(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests)
    rules = {
        "default-src": "'self'",
        # Search and Pyodide are WebAssembly.
        "script-src": f"'self' 'wasm-unsafe-eval' {pyodide} {hashes}",
        "worker-src": "'self' blob:",  # a page opened from a folder has no other worker
        "connect-src": f"'self' {pyodide}",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def write(site: Path) -> None:
    """Put the policy into every page of a built site, before anything that it rules."""
    pages = {path: path.read_text("utf-8") for path in sorted(site.rglob("*.html"))}
    pyodide = PYODIDE.search((site / RUN).read_text("utf-8"))[1]
    content = policy(list(pages.values()), pyodide)
    tag = f'<meta http-equiv="Content-Security-Policy" content="{content}">'
    for path, text in pages.items():
        mark = '<meta charset="utf-8">'
        if mark not in text:
            raise ValueError(f"{path}: no {mark}, so no place for the policy")
        path.write_text(text.replace(mark, mark + tag, 1), "utf-8")
