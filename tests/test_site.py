"""The built site holds what the sources promise, in both languages; a source that the
builder cannot take stops the build with a place and a reason."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from xml.etree import ElementTree

import markdown
import pytest
from bs4 import BeautifulSoup
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort
from pymdownx.snippets import SnippetMissingError

from handbook import LANGUAGES, ROOT, katex, printing
from handbook.cards import answer_paths
from handbook.pages import Page

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML_LINK = "{http://www.w3.org/1999/xhtml}link"


def html_pages(folder: Path, language: str) -> dict[str, BeautifulSoup]:
    """Pages of one language by their address below it."""
    root = folder if language == "en" else folder / "ru"
    return {
        path.parent.relative_to(root).as_posix(): BeautifulSoup(
            path.read_text("utf-8"), "html.parser"
        )
        for path in sorted(root.rglob("index.html"))
        if language == "ru" or not path.is_relative_to(folder / "ru")
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_source_became_a_page(site, language: str) -> None:
    docs = ROOT / "docs" / language
    sources = {
        path.relative_to(docs).with_suffix("").as_posix().removesuffix("index")
        for path in docs.rglob("*")
        if path.suffix in (".md", ".ipynb")
    }
    pages = html_pages(site[0], language)
    assert {name.strip("/") or "." for name in sources} == set(pages)
    for name, soup in pages.items():
        assert soup.html["lang"] == language, name
        assert soup.h1, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_front_page_quotes_every_answer(site, language: str) -> None:
    front = html_pages(site[0], language)["."].get_text(" ")
    docs = ROOT / "docs" / language
    paths = answer_paths(docs)
    assert paths
    for path in paths:
        meta = Page(path, ROOT).meta
        for key in ("title", "popular", "measured"):
            assert " ".join(meta[key].split()) in " ".join(front.split()), (path, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_formulas_are_rendered(site, language: str) -> None:
    docs = ROOT / "docs" / language
    pages = html_pages(site[0], language)
    for path in answer_paths(docs):
        page = Page(path, ROOT)
        name = path.relative_to(docs).with_suffix("").as_posix()
        soup = pages[name]
        written = len(page.soup.select(".arithmatex"))
        assert written == len(soup.select(".arithmatex .katex-mathml math")), name
        for formula in soup.select(".arithmatex"):
            formula.select_one(".katex").extract()
            assert not formula.get_text(strip=True), (name, formula)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fetched_from_elsewhere(site, language: str) -> None:
    for name, soup in html_pages(site[0], language).items():
        for tag in soup.select("script[src], img[src], iframe, link[rel=stylesheet]"):
            target = tag.get("src") or tag.get("href")
            assert not re.match(r"(https?:)?//", target), (name, target)


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_lead_to_files_of_the_site(site, language: str) -> None:
    """From a folder and from below another address, too: none starts at the root."""
    root = site[0] if language == "en" else site[0] / "ru"
    for name, soup in html_pages(site[0], language).items():
        ids = {tag["id"] for tag in soup.select("[id]")}
        for tag in soup.select("[href], [src]"):
            target = urllib.parse.urlsplit(tag.get("href") or tag.get("src") or "")
            if target.scheme or target.netloc:
                continue
            if not target.path:
                place = urllib.parse.unquote(target.fragment)
                assert not place or place in ids, (name, str(tag)[:200])
                continue
            file = root / name / urllib.parse.unquote(target.path)
            assert not target.path.startswith("/"), (name, str(tag)[:200])
            assert file.is_file() or (file / "index.html").is_file(), (name, tag)


def test_each_page_names_its_twin(site) -> None:
    folder, url = site
    for language in LANGUAGES:
        other = "ru" if language == "en" else "en"
        roots = {"en": url, "ru": f"{url}ru/"}
        tree = ElementTree.parse(
            folder / roots[language].removeprefix(url) / "sitemap.xml"
        )
        listed = {
            entry.findtext(f"{SITEMAP}loc"): {
                link.get("hreflang"): link.get("href")
                for link in entry.iter(XHTML_LINK)
            }
            for entry in tree.iter(f"{SITEMAP}url")
        }
        for name, soup in html_pages(folder, language).items():
            path = "" if name == "." else f"{name}/"
            twins = {key: root + path for key, root in roots.items()}
            assert listed.pop(roots[language] + path) == twins, name
            switch = soup.select_one(".language-switch")["href"]
            assert urllib.parse.urljoin(twins[language], switch) == twins[other], name
        assert not listed


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the sources, to be spoiled."""
    for name in ("docs", "snippets"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    for name in ("mkdocs.yml", "mkdocs.ru.yml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def build_failure(project: Path, caplog: pytest.LogCaptureFixture) -> str:
    """What a strict build of the English site says when it stops."""
    config = load_config(
        str(project / "mkdocs.yml"), site_dir=str(project / "site"), strict=True
    )
    base = [str(project / "snippets")]
    config.mdx_configs["pymdownx.snippets"]["base_path"] = base
    with pytest.raises((Abort, katex.FormulaError, SnippetMissingError)) as stopped:
        mkdocs_build(config)
    return f"{caplog.text}\n{stopped.value}"


def test_rejected_formula_stops_the_build(project: Path, caplog) -> None:
    page = project / "docs/en/how-to-answer.md"
    lines = page.read_text("utf-8").splitlines()
    page.write_text("\n".join([*lines, "", r"A formula: $\frac{1}{$."]), "utf-8")
    message = build_failure(project, caplog)
    assert (
        f"how-to-answer.md:{len(lines) + 2}: KaTeX rejects `\\frac{{1}}{{`" in message
    )
    assert "reason: KaTeX parse error" in message
    assert "remedy: mend the formula" in message


def test_wrong_formula_is_named_by_its_own_line(project: Path, caplog) -> None:
    page = project / "docs/en/how-to-answer.md"
    lines = page.read_text("utf-8").splitlines()
    block = "$$\n\\begin{aligned}\na &= %s\n\\end{aligned}\n$$\n"
    text = "\n".join([*lines, "", block % "1", block % r"\none"])
    page.write_text(text, "utf-8")
    assert f"how-to-answer.md:{len(lines) + 9}: " in build_failure(project, caplog)


def test_formula_that_never_ends_is_stopped(monkeypatch) -> None:
    katex.render("1", False)
    hang = "katex.renderToString = () => { for (;;); }"
    katex._thread.submit(lambda: katex._engine().eval(hang)).result()
    monkeypatch.setattr(katex, "TIME_LIMIT_S", 1)
    with pytest.raises(katex.FormulaError, match="not rendered within 1 s"):
        katex.render("never seen before", True)
    monkeypatch.undo()
    assert "katex" in katex.render("x_{\\text{next}}", True)


def test_formula_that_takes_too_long_stops_the_build(
    project: Path, caplog, monkeypatch
) -> None:
    monkeypatch.setattr(katex, "TIME_LIMIT_S", 2)
    page = project / "docs/en/how-to-answer.md"
    lines = page.read_text("utf-8").splitlines()
    calls = r"\a" * 900
    # As many expansions as KaTeX allows, each of 40,000 characters.
    formula = rf"$\def\a{{{'x+' * 20_000}}}{calls}$"
    page.write_text("\n".join([*lines, "", formula]), "utf-8")
    started = time.monotonic()
    message = build_failure(project, caplog)
    assert time.monotonic() - started < 60
    assert f"how-to-answer.md:{len(lines) + 2}: KaTeX rejects" in message
    assert "reason: not rendered within 2 s" in message
    assert len(message) < 2000


def test_formula_that_takes_all_memory_is_stopped(monkeypatch) -> None:
    katex.render("1", False)
    monkeypatch.setattr(katex, "TIME_LIMIT_S", 60)
    grow = "const all = []; for (;;) all.push(new Array(1000).fill(0));"
    grow = f"katex.renderToString = () => {{ {grow} }}"
    katex._thread.submit(lambda: katex._engine().eval(grow)).result()
    with pytest.raises(katex.FormulaError, match="takes over 512 MiB"):
        katex.render("never seen before, either", True)
    assert "katex" in katex.render("x_{\\text{after}}", True)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("[x](none.md)", "none.md"),
        ("[x](how-to-answer.md#none)", "#none"),
        ('--8<-- "none.py"', "none.py"),
        ('--8<-- "fundamentals/revolver-probability/enumeration.py:none"', "none"),
    ],
)
def test_broken_reference_stops_the_build(
    project, caplog, line: str, says: str
) -> None:
    page = project / "docs/en/how-to-answer.md"
    page.write_text(f"{page.read_text('utf-8')}\n\n{line}\n", "utf-8")
    assert says in build_failure(project, caplog)


@pytest.mark.timeout(600)  # a whole build, with ten PDF files
def test_site_needs_none_of_the_tests_packages(tmp_path: Path) -> None:
    code = """
import sys
for name in ("playwright", "torch", "transformers", "matplotlib", "anki"):
    sys.modules[name] = None
sys.argv = ["handbook", "build", "--site", sys.argv[1]]
from handbook.__main__ import main
sys.exit(main())
"""
    command = [sys.executable, "-c", code, str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for folder in (tmp_path / "site", tmp_path / "site/ru"):
        page = folder / "take-along/index.html"
        text = page.read_text("utf-8")
        links = BeautifulSoup(text, "html.parser").select("article a")
        files = [a["href"] for a in links if re.match(r"\.\./.*\w$", a["href"])]
        assert len(files) == (7 if printing.browser() else 2)
        missing = [name for name in files if not (page.parent / name).exists()]
        assert not missing
        assert (folder / "answers.apkg").exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url: str, server: subprocess.Popen, log: Path) -> str:
    """Body of an address, once its server is up; its log if it never is."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline or server.poll() is not None:
                raise AssertionError(log.read_text("utf-8")) from None
            time.sleep(0.2)


SERVERS = {
    "bare mkdocs serve": ["-m", "mkdocs", "serve", "--dev-addr", "127.0.0.1:{port}"],
    "make serve": ["-m", "handbook", "serve", "--port", "{port}"],
}


@pytest.mark.parametrize("name", SERVERS)
def test_development_server(name: str, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, *(part.format(port=port) for part in SERVERS[name])]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    log = tmp_path / "log"
    with (
        log.open("w") as out,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=out
        ) as server,
    ):
        try:
            url = f"http://127.0.0.1:{port}/"
            page = fetch(f"{url}fundamentals/revolver-probability/", server, log)
            assert 'class="katex"' in page
            assert "enumeration.py" in page
            if name == "make serve":
                russian = fetch(
                    f"{url}ru/fundamentals/revolver-probability/", server, log
                )
                assert '<html lang="ru"' in russian
                assert "Короткий ответ" in russian
                assert fetch(f"{url}pagefind/pagefind-entry.json", server, log)
        finally:
            server.terminate()
            server.wait(20)


def test_both_outputs_stand_in_tabs(tmp_path: Path) -> None:
    folder = tmp_path / "training/example"
    folder.mkdir(parents=True)
    for name, text in (("one.txt", "4"), ("one.cuda.txt", "5"), ("two.txt", "6")):
        (folder / name).write_text(f"{text}\n")
    fence = '```text title="Output"\n--8<-- "training/example/{}.txt"\n```\n'
    inner = fence.format("one").replace("\n", "\n    ").rstrip(" ")
    page = (
        f'{fence.format("one")}\n{fence.format("two")}\n??? question "Q"\n\n    {inner}'
    )
    config = load_config(str(ROOT / "mkdocs.yml"))
    settings = config.mdx_configs | {"handbook.tabs": {"snippets": str(tmp_path)}}
    settings["pymdownx.snippets"] = {"base_path": [str(tmp_path)], "check_paths": True}
    names = [n for n in config.markdown_extensions if n not in ("handbook.cards",)]
    html = markdown.markdown(page, extensions=names, extension_configs=settings)
    soup = BeautifulSoup(html, "html.parser")
    assert [tag.get_text() for tag in soup.select(".tabbed-labels label")] == [
        *("CPU", "GPU"),
        *("CPU", "GPU"),
    ]
    printed = [tag.get_text().strip() for tag in soup.select("pre")]
    assert printed == ["4", "5", "6", "4", "5"]
    assert len(soup.select("details .tabbed-set")) == 1
