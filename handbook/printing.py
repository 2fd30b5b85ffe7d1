"""Chapters and the whole site as PDF, printed by Chromium from the built pages."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pikepdf

from handbook import CHAPTERS, LANGUAGES, ROOT
from handbook.cards import answer_paths

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TIME_LIMIT_S = 240
ARTICLE = re.compile(r"<article[^>]*>(.*)</article>", re.DOTALL)
ID = re.compile(r'(\bid="|href="#|url\(#|aria-labelledby="|for=")([^")]+)')
NOT_PRINTED = re.compile(
    r'<a class="headerlink".*?</a>|<aside class="about".*?</aside>'
    r'|<div class="memory-calculator".*?</div>|<nav class="md-tags".*?</nav>',
    re.DOTALL,
)
STYLE = """
@page { size: A4; margin: 18mm 16mm 20mm;
  @bottom-center { content: counter(page); font: 9pt sans-serif; color: #4b5957; } }
html { font-size: 20px; }
body { background: #fff; }
.md-typeset { font-size: 10pt; line-height: 1.45; }
.md-typeset h1 { font-size: 20pt; margin: 0 0 0.6em; }
article { break-before: page; }
.md-typeset h2 { font-size: 14pt; margin-top: 1.2em; }
.md-typeset h3 { font-size: 11.5pt; }
h2, h3, summary { break-after: avoid; }
.highlight > .filename { break-inside: avoid; }
.highlight > .filename::after { content: ""; display: block; height: 22mm;
  margin-bottom: -22mm; } /* keeps it with some lines: break-after does not */
pre > code { orphans: 5; widows: 5; }
.md-typeset .figure svg { max-height: 80mm; }
.figure, table, .katex-display, blockquote, .highlight.language-text {
  break-inside: avoid; }
.md-typeset :is(pre > code, .highlight pre > code) { font-size: 7.4pt;
  line-height: 1.35; white-space: pre-wrap; overflow: visible; }
.md-typeset details.question { font-size: 9.5pt; }
.md-typeset .question > summary::after { display: none; }
.contents h1 { font-size: 26pt; }
.contents li { margin: 0.25em 0; font-size: 11pt; }
.md-typeset .run-button { display: none; }
"""


def browser() -> str | None:
    """Chromium or Chrome of this machine, if it has one."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def write(site: Path, settings: dict[str, dict]) -> None:
    """Print every chapter, and all of them together, in each language.

    Args:
        site: the built site; `<chapter>.pdf` and `answers.pdf` are put into the folder
            of each language.
        settings: of each language: `site_name`, `site_url` and the texts `about`.
    """
    program = browser()
    for language in LANGUAGES:
        folder = site if language == LANGUAGES[0] else site / language
        own = settings[language]
        docs = ROOT / "docs" / language
        for name, chapters in {
            **{chapter: (chapter,) for chapter in CHAPTERS},
            "answers": CHAPTERS,
        }.items():
            pages = [
                path.relative_to(docs).with_suffix("").as_posix()
                for chapter in chapters
                for path in answer_paths(docs, chapter)
            ]
            title = own["site_name"]
            if len(chapters) == 1:
                title = f"{own['about']['chapters'][name]} · {title}"
            source = folder / f"{name}.print.html"
            source.write_text(document(folder, pages, title, language, own), "utf-8")
            to_pdf(program, source, folder / f"{name}.pdf")
            source.unlink()


def document(
    folder: Path, pages: list[str], title: str, language: str, own: dict
) -> str:
    """Answers one after another as one HTML page, with a list of them in front."""
    entries, articles = [], []
    for page in pages:
        prefix = page.replace("/", "-")
        built = (folder / page / "index.html").read_text("utf-8")
        article = NOT_PRINTED.sub("", ARTICLE.search(built)[1])
        # The same ids stand on every page; links go to the site, but for those inside.
        article = ID.sub(rf"\1{prefix}-\2", article)
        address = f"{own['site_url']}{page}/"
        article = re.sub(r'href="((?![\w]+:|#)[^"]*)"', rf'href="{address}\1"', article)
        article = article.replace("<details", "<details open")
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", article, re.DOTALL)[1]
        entries.append(f'<li><a href="#{prefix}">{heading}</a></li>')
        articles.append(f'<article id="{prefix}">{article}</article>')
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', built)
    links = "".join(
        f'<link rel="stylesheet" href="{(folder / page / sheet).resolve().as_uri()}">'
        for sheet in sheets
    )
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f"<title>{title}</title>{links}<style>{STYLE}</style>"
        '<body dir="ltr" data-md-color-scheme="default"><div class="md-typeset">'
        f'<div class="contents"><h1>{title}</h1><p>{own["site_url"]}</p>'
        f"<ol>{''.join(entries)}</ol></div>{''.join(articles)}</div></body></html>"
    )


def to_pdf(program: str, source: Path, target: Path) -> None:
    """Print a page of this machine to PDF, with an outline of its headings."""
    with tempfile.TemporaryDirectory(prefix="chromium-") as profile:
        command = [
            program,
            "--headless=new",
            "--no-sandbox",  # needed where CI runs as root; the page is our own
            "--disable-background-networking",
            "--disable-component-update",
            f"--user-data-dir={profile}",
            "--no-pdf-header-footer",
            "--generate-pdf-document-outline",
            f"--print-to-pdf={target}",
            source.resolve().as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=TIME_LIMIT_S)
    with pikepdf.open(target, allow_overwriting_input=True) as pdf:
        # Chromium leaves what screen readers need as text: two thirds of the file.
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
