"""Flashcards for Anki: every question, its short answer and its follow-ups.

Formulas go as MathJax, which Anki renders by itself. Ids follow from names, so that
importing a newer deck changes the cards and keeps what the learner has done.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import genanki

from handbook import notebooks
from handbook.pages import Page

CSS = """
.card { font: 18px/1.5 sans-serif; max-width: 40em; margin: 0 auto; text-align: left; }
.about { color: gray; font-size: 14px; }
pre { font-size: 13px; overflow-x: auto; }
"""


def write(path: Path, pages: list[Page], url: str, title: str) -> None:
    """Write the deck of one language.

    Args:
        path: the .apkg file.
        pages: its answers.
        url: address of the language's site, with a slash at the end.
        title: name of the deck; chapters are decks inside it.
    """
    language = pages[0].language
    model = genanki.Model(
        number("model"),
        "Answers That Run",
        fields=[{"name": name} for name in ("Question", "Answer", "About", "Link")],
        templates=[
            {
                "name": "Question",
                "qfmt": '<div class="about">{{About}}</div>{{Question}}',
                "afmt": "{{FrontSide}}<hr id=answer>{{Answer}}"
                '<p class="about"><a href="{{Link}}">{{Link}}</a></p>',
            }
        ],
        css=CSS,
    )
    decks = {}
    for page in pages:
        chapter = page.path.parent.name
        name = f"{chapter}/{page.path.stem}"
        if chapter not in decks:
            decks[chapter] = genanki.Deck(
                number(language, chapter), f"{title}::{chapter}"
            )
        for key, question, answer in cards(page, url):
            note = genanki.Note(
                model=model,
                fields=[
                    question,
                    answer,
                    page.meta["title"] if key else "",
                    f"{url}{name}/",
                ],
                guid=genanki.guid_for(language, name, key),
                tags=[chapter, page.meta["level"], page.path.stem],
            )
            decks[chapter].add_note(note)
    genanki.Package(list(decks.values())).write_to_file(path)


def cards(page: Page, url: str) -> Iterator[tuple[str, str, str]]:
    """Key, front and back of each card, as HTML; the key of the page's own is empty.

    A follow-up is known by its wording: numbers would give a learner's progress to
    another question as soon as one is put in between.
    """
    for link in page.soup.select("a[href]"):
        link["href"] = notebooks.absolute(link["href"], page, url)
    asked = page.soup.find("blockquote")
    answer = "".join(map(str, page.section("short-answer")))
    yield "", f"<h3>{page.meta['title']}</h3>{asked or ''}", answer
    for details in page.soup.select("details.question"):
        summary = details.summary.extract()
        key = " ".join(summary.get_text().split())
        yield key, summary.decode_contents(), details.decode_contents().strip()


def number(*names: str) -> int:
    """A stable id below 2^31, which all of Anki's programs accept."""
    digest = hashlib.sha256("/".join(("answers-that-run", *names)).encode()).digest()
    return 1 << 30 | int.from_bytes(digest[:4], "big") >> 2
