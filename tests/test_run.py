"""Run buttons, in a real browser with the Pyodide of the pinned version."""

import json
import re
from pathlib import Path

import pytest

from handbook import LANGUAGES, ROOT, extras, snippets
from handbook.cards import answer_paths
from handbook.pages import Page

PYODIDE = ROOT / "requirements/node_modules/pyodide"
SCRIPT = (ROOT / "docs/theme/javascripts/run.js").read_text("utf-8")
CDN = re.search(r'PYODIDE = "(.*)"', SCRIPT)[1]
ROOTS = {"en": "", "ru": "ru/"}
TYPES = {
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
    ".json": "application/json",
}
FOUND = {
    script: packages
    for path in answer_paths(ROOT / "docs/en")
    for script in extras.scripts(Page(path, ROOT))
    if (packages := extras.in_browser(script)) is not None
}


def name(script: Path) -> str:
    return script.relative_to(ROOT / "snippets").with_suffix("").as_posix()


def from_npm(route) -> None:
    """The files that the network would bring; NumPy is not among them."""
    path = PYODIDE / route.request.url.rpartition("/")[2]
    if not path.exists():
        return route.abort()
    kind = TYPES.get(path.suffix, "application/octet-stream")
    headers = {"access-control-allow-origin": "*"}
    return route.fulfill(path=path, content_type=kind, headers=headers)


def click(page, script: Path):
    """Run one snippet; the block of code it stands in."""
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    title = page.locator(f".filename[data-run]:has-text('{script.name}')")
    block = title.locator("xpath=..")
    block.locator(".run-button").click()
    return block


def test_the_version_is_the_pinned_one() -> None:
    version = json.loads((PYODIDE / "package.json").read_text())["version"]
    assert f"/v{version}/" in CDN


def test_at_least_six_answers_have_a_snippet_that_runs() -> None:
    assert len({script.parent for script in FOUND}) >= 6


@pytest.mark.parametrize("script", [s for s in FOUND if not FOUND[s]], ids=name)
def test_standard_library_snippet_prints_what_the_page_shows(
    open_page, script: Path
) -> None:
    folder = script.parent.relative_to(ROOT / "snippets")
    page = open_page(f"{folder}/", routes={CDN: from_npm})
    block = click(page, script)
    block.locator(".run-button", has_text="Stop").wait_for()
    block.locator(".run-button", has_text="Run").wait_for(timeout=120_000)
    printed = block.locator(".run-output").text_content()
    recorded = script.with_suffix(".txt").read_text("utf-8")
    assert not snippets.difference(recorded, printed, script.name)


@pytest.mark.parametrize("script", [s for s in FOUND if FOUND[s]], ids=name)
def test_numpy_snippet_comes_as_far_as_the_import(open_page, script: Path) -> None:
    """npm has Pyodide without NumPy: Python starts, and what is missing is told."""
    asked = []

    def answer(route) -> None:
        asked.append(route.request.url)
        from_npm(route)

    folder = script.parent.relative_to(ROOT / "snippets")
    page = open_page(f"{folder}/", routes={CDN: answer})
    block = click(page, script)
    block.locator(".run-told", has_text=re.compile("could not")).wait_for(
        timeout=120_000
    )
    assert any("/numpy-" in url for url in asked), asked
    assert block.locator(".run-output").is_hidden()


@pytest.mark.parametrize("language", LANGUAGES)
def test_edit_stop_fail_and_run_again(open_page, language: str) -> None:
    words = {"en": ("Run", "Stop", "Stopped"), "ru": ("Запустить", "Стоп", "Останов")}
    run, stop, stopped = words[language]
    address = f"{ROOTS[language]}fundamentals/revolver-probability/"
    page = open_page(address, routes={CDN: from_npm})
    script = ROOT / "snippets/fundamentals/revolver-probability/enumeration.py"
    block = click(page, script)
    block.locator(".run-button", has_text=run).wait_for(timeout=120_000)
    block.locator("code").fill("print(1)\nwhile True: pass")
    block.locator(".run-button").click()
    block.locator(".run-output", has_text="1").wait_for(timeout=60_000)
    block.locator(".run-button", has_text=stop).click()
    assert stopped in block.locator(".run-told").text_content()
    block.locator("code").fill("import math\n\nmath.sqrt(-1)")
    block.locator(".run-button").click()
    output = block.locator(".run-output")
    output.filter(has_text="ValueError").wait_for(timeout=120_000)
    told = output.text_content()
    assert told.startswith("Traceback (most recent call last):\n")
    assert 'File "enumeration.py", line 3, in <module>' in told
    assert "pyodide" not in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_network_the_page_stays_as_it_was(open_page, language: str) -> None:
    address = f"{ROOTS[language]}fundamentals/revolver-probability/"
    page = open_page(address, routes={CDN: lambda route: route.abort()})
    script = ROOT / "snippets/fundamentals/revolver-probability/enumeration.py"
    before = page.locator(".highlight code").all_text_contents()
    block = click(page, script)
    block.locator(".run-told", has_text="cdn.jsdelivr.net").wait_for(timeout=60_000)
    assert block.locator(".run-output").is_hidden()
    assert page.locator(".highlight code").all_text_contents() == before
