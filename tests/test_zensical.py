"""The way out: Zensical, Material's successor, builds the same pages.

That it says “No issues found” proves nothing: it says so of plugins it does not have
and of pages in the navigation that do not exist. So this reads what came out.
"""

import html
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from mkdocs.utils.yaml import yaml_load

from handbook import LANGUAGES, ROOT, katex
from handbook.cards import MARKER, answer_paths
from handbook.pages import Page

CONFIGS = {"en": "mkdocs.yml", "ru": "mkdocs.ru.yml"}
BUILT_BY_A_PLUGIN = ".ipynb"  # labs: mkdocs-jupyter, a plugin that Zensical lacks


def entries(nav: list) -> Iterator[str]:
    """Files that a navigation names."""
    for entry in nav:
        value = next(iter(entry.values())) if isinstance(entry, dict) else entry
        yield from entries(value) if isinstance(value, list) else [value]


def lost(page: Page, built: Path) -> Iterator[str]:
    """Messages, one for each thing of a source that its built page does not show."""
    if not built.exists():
        yield f"{page.shown}:1: no page: {built.parent.name}/{built.name} is not built"
        return
    text = built.read_text("utf-8")
    if f'<html lang="{page.language}"' not in text:
        yield f"{page.shown}:1: its page is not in the language “{page.language}”"
    for _, name in page.headings:
        if f' id="{name}"' not in text:
            yield f"{page.shown}:{page.line_of(name)}: no heading “{name}”"
    tags = page.soup.select(".arithmatex")
    written = Counter(tag.get_text().strip()[2:-2].strip() for tag in tags)
    tex = re.findall(r'"application/x-tex">(.*?)</annotation>', text, re.DOTALL)
    for formula in (written - Counter(map(plain, tex))).elements():
        line = katex.line_of(formula, page.path)
        yield f"{page.shown}:{line}: no formula “{' '.join(formula.split())}”"
    blocks = Counter(map(plain, re.findall(r"<pre>(.*?)</pre>", text, re.DOTALL)))
    drawn = " ".join(text.split())
    for include in page.includes:
        source = (ROOT / "snippets" / include.path).read_text("utf-8")
        if include.path.endswith(".svg"):
            found = " ".join(source[source.index("<svg") :].split()) in drawn
        else:
            found = blocks[source.strip()] > 0
            blocks[source.strip()] -= 1
        if not found:
            yield f"{page.shown}:{include.line}: no include “{include.path}”"
    for line in page.lines:
        if match := MARKER.fullmatch(line):
            docs = ROOT / "docs" / page.language
            wanted = len(answer_paths(docs, match["chapter"]))
            cards = text.count('<section class="answer"')
            if cards != wanted:
                where = f"{page.shown}:{page.line_of(line)}"
                yield f"{where}: {cards} of {wanted} cards for “{line}”"


def plain(markup: str) -> str:
    """Text of a formula or of a code block."""
    return html.unescape(re.sub(r"<[^>]*>", "", markup)).strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_zensical_builds_every_page(language: str, tmp_path: Path) -> None:
    katex.install_assets()
    for name in ("docs", "snippets"):
        shutil.copytree(ROOT / name, tmp_path / name)
    # It appends inherited lists: unresolved, Russian would have both navigations.
    with (ROOT / CONFIGS[language]).open("rb") as file:
        config = yaml_load(file) | {"site_dir": "site"}
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(config), "utf-8")
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    docs, problems = ROOT / "docs" / language, []
    for entry in entries(config["nav"]):
        if not entry.endswith(BUILT_BY_A_PLUGIN):
            folder = tmp_path / "site" / entry.removesuffix(".md").removesuffix("index")
            problems += lost(Page(docs / entry, ROOT), folder / "index.html")
    assert not problems, "\n".join(problems)
