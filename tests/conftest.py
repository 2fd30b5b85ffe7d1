"""What several tests share: a small good tree to spoil, the built site, a browser."""

import contextlib
import functools
import http.server
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from handbook import ROOT, notebooks, printing, snippets
from handbook.__main__ import build

snippets.set_environment(ROOT / "snippets")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Where `make test ONLY=…` runs a few snippets, preload only what they import."""
    if os.environ.get("ONLY"):
        paths = [
            item.callspec.params["path"]
            for item in session.items
            if item.name.startswith("test_snippet[")
        ]
        wanted = set()
        for path in paths:
            with contextlib.suppress(SyntaxError, UnicodeError):  # its test says so
                wanted |= notebooks.modules(path)
        snippets.PRELOAD = [
            name for name in snippets.PRELOAD if name.partition(".")[0] in wanted
        ]


GOOD_PAGE = """\
---
title: {title}
description: Что-то.
level: middle
tags: [example]
popular: It is three.
measured: It is 4.
---

# {title}

> **Asked as:** "How much?"

## Short {{ #short-answer }}

Four, because $2 + 2 = 4$.

## Full {{ #full-answer }}

$$
a = {number}
$$

{runs}
```python
assert 2 + 2 == 4
```

## Pitfalls {{ #pitfalls }}

- **"Three."** No: see [the full answer](#full-answer).

## Follow-ups {{ #follow-ups }}

{questions}
## In the interview {{ #in-the-interview }}

Count.

## Sources {{ #sources }}

- [Documentation](https://docs.python.org/3/)
"""
RUN = """\
```python title="{name}.py"
--8<-- "training/example/{name}.py"
```

```text title="Output"
--8<-- "training/example/{name}.txt"
```
"""
QUESTION = '??? question "And {number}?"\n\n    Yes, $x_{number}$.\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with one good answer in both languages and three snippets."""
    folder = tmp_path / "snippets/training/example"
    folder.mkdir(parents=True)
    names = ("one", "two", "three")
    for name in names:
        (folder / f"{name}.py").write_text("print(2 + 2)\nassert 2 + 2 == 4\n")
        (folder / f"{name}.txt").write_text("4\n")
    runs = "".join(RUN.format(name=name) for name in names)
    questions = "".join(QUESTION.format(number=n) + "\n" for n in range(6))
    for language, number in (("en", "1.5"), ("ru", "1{,}5")):
        page = tmp_path / "docs" / language / "training/example.md"
        page.parent.mkdir(parents=True)
        text = GOOD_PAGE.format(
            title=f"Page {language}", number=number, runs=runs, questions=questions
        )
        page.write_text(text)
    return tmp_path


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files as a static host does: the site's own 404 page, no log."""

    def log_message(self, *_: object) -> None: ...

    def send_error(self, code: int, *_: object) -> None:
        page = Path(self.directory, f"{code}.html")
        body = page.read_bytes() if page.exists() else b""
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The built site: its folder and the address at which it is served."""
    folder = tmp_path_factory.mktemp("site")
    handler = functools.partial(QuietHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    url = f"http://127.0.0.1:{server.server_port}/"
    build(folder, url)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, url
    server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """A real browser that talks to nobody by itself."""
    from playwright.sync_api import sync_playwright

    path = printing.browser()
    if not path:
        message = (
            "no Chromium found, so the browser tests did not run; "
            "install one: apt-get install chromium, or brew install --cask chromium"
        )
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    quiet = [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=quiet)
        yield chromium
        chromium.close()


def wait_until(page, expression: str, argument: object = None) -> None:
    """Wait until JavaScript gives true. Playwright's own waiting evaluates text inside
    the page, which the site's policy forbids."""
    deadline = time.monotonic() + 10
    while not page.evaluate(expression, argument):
        assert time.monotonic() < deadline, f"never true: {expression}"
        page.wait_for_timeout(50)


def visit(page, address: str) -> None:
    """Open, and wait until scripts have set the page up. On a busy machine the network
    may be idle while the page is still being parsed."""
    page.goto(address, wait_until="load")
    page.wait_for_load_state("networkidle")
    page.evaluate("new Promise(done => requestIdleCallback(() => done()))")


@pytest.fixture
def open_page(browser, site) -> Iterator[Callable]:
    """Opens an address in a fresh profile. Fails at the end if a page logged an error,
    or asked another host, or asked for something that is not there.

    `routes` answers addresses of other hosts, so that none is asked.
    """
    contexts, wrong = [], []

    def open_(
        address: str,
        width: int = 1280,
        scheme: str = "light",
        routes: dict[str, Callable] | None = None,
    ):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.set_default_navigation_timeout(60_000)  # a long page, a busy machine
        routes = routes or {}
        for start, answer in routes.items():
            page.route(f"{start}**", answer)
        page.on(
            "console",
            lambda message: (
                message.type == "error"
                and wrong.append(f"{message.text} {message.location['url']}")
            ),
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda request: (
                request.url.startswith((site[1], "data:", "blob:", *routes))
                or wrong.append(f"request to {request.url}")
            ),
        )
        visit(page, site[1] + address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not wrong, wrong
