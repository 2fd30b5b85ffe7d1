"""What a reader takes along: notebooks that run, Markdown, flashcards, PDF."""

import re
from pathlib import Path

import nbclient
import nbformat
import pikepdf
import pypdf
import pytest
from anki.collection import (
    Collection,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
)

from handbook import LANGUAGES, ROOT, deck, environments, extras, printing, snippets
from handbook.cards import answer_paths
from handbook.pages import Page

DOCS = ROOT / "docs/en"
ANSWERS = [
    path.relative_to(DOCS).with_suffix("").as_posix() for path in answer_paths(DOCS)
]


COMMENT = re.compile(r"\s*#.*")


def built(folder: Path, language: str) -> Path:
    return folder if language == "en" else folder / language


@pytest.mark.parametrize("name", ANSWERS)
def test_notebook_runs_from_top_to_bottom(site, name: str, tmp_path: Path) -> None:
    """As a reader runs it after the install cell, which a test leaves out: it has the
    packages. Both languages hold the same code."""
    notebook, russian = (
        nbformat.read(built(site[0], language) / f"{name}.ipynb", as_version=4)
        for language in LANGUAGES
    )
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    twins = [cell for cell in russian.cells if cell.cell_type == "code"]
    for cell, twin in zip(code, twins, strict=True):
        assert COMMENT.sub("", cell.source) == COMMENT.sub("", twin.source)
    scripts = list((ROOT / "snippets" / name).glob("*.py"))
    reason = next(filter(None, map(environments.unavailable, scripts)), "")
    if reason:
        pytest.skip(reason)
    if "environment/bin/python" in code[0].source:
        code[0].source = f"python = {environments.interpreter(scripts[0])!r}"
    else:
        assert code[0].source.startswith(("%pip install", "import sys"))
        code[0].source = "import sys\n\npython = sys.executable"
    client = nbclient.NotebookClient(
        notebook, timeout=280, resources={"metadata": {"path": str(tmp_path)}}
    )
    recorded = ["".join(o.get("text", "") for o in cell.outputs) for cell in code]
    client.execute()
    for cell, text in zip(code, recorded, strict=True):
        streams = [o for o in cell.outputs if o.get("name") == "stdout"]
        printed = "".join(o.text for o in streams).replace("\r\n", "\n")
        diff = text and snippets.difference(text, printed, f"{name}.ipynb")
        if cell.source.startswith("!"):  # a shell's line shows warnings, too
            diff = "\n".join(re.findall(r"^-(?!--).*", diff, re.MULTILINE))
        assert not diff, diff


@pytest.mark.parametrize("language", LANGUAGES)
def test_markdown_has_code_and_outputs_in_place(site, language: str) -> None:
    for path in answer_paths(ROOT / "docs" / language):
        page = Page(path, ROOT)
        name = f"{path.parent.name}/{path.stem}"
        text = (built(site[0], language) / f"{name}.md").read_text("utf-8")
        for include in page.includes:
            source = ROOT / "snippets" / include.path
            if source.suffix == ".svg":
                address = f"figures/{include.path})"
                assert address in text, (name, address)
                assert (site[0] / "figures" / include.path).exists()
            else:
                assert source.read_text("utf-8").strip() in text, (name, include.path)
        outside = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        for mark in ("--8<--", "???", "///", "{ #", "<div"):
            assert mark not in outside, (name, mark)
        local = re.findall(r"\]\((?!https?:)[^)]*\)", outside)
        assert not local, (name, local)


@pytest.mark.parametrize("language", LANGUAGES)
def test_list_for_language_models_leads_to_every_answer(site, language: str) -> None:
    folder, url = site
    root = url if language == "en" else f"{url}ru/"
    text = (built(folder, language) / "llms.txt").read_text("utf-8")
    links = re.findall(r"^- \[.+\]\((.+\.md)\): .+$", text, re.MULTILINE)
    assert len(links) == len(ANSWERS)
    for link in links:
        assert (built(folder, language) / link.removeprefix(root)).exists()
    for link in re.findall(r"\]\((.+?)\)", text):
        assert link.startswith(url), link
        path = folder / link.removeprefix(url)
        assert (path / "index.html").exists() or path.is_file(), link


def test_reading_time_counts_prose() -> None:
    """A dollar in code opens no formula, which would swallow the text behind it."""
    shell = "```bash\ndocker run -v $PWD:/models\n```\n"
    formulas = "let $a + b$ and\n$$\nc + d\n$$\nbe `$PWD` here"
    assert extras.words(shell + formulas) == 7  # let x and x be x here


def take(collection: Collection, path: Path) -> None:
    options = ImportAnkiPackageOptions()
    request = ImportAnkiPackageRequest(package_path=str(path), options=options)
    collection.import_anki_package(request)


@pytest.mark.parametrize("language", LANGUAGES)
def test_anki_takes_a_newer_deck_and_keeps_progress(
    language: str, tmp_path: Path, monkeypatch
) -> None:
    docs = ROOT / "docs" / language
    pages = [Page(path, ROOT) for path in answer_paths(docs)]
    expected = sum(len(page.soup.select("details.question")) + 1 for page in pages)
    formulas = sum(len(page.soup.select("details .arithmatex")) for page in pages)
    monkeypatch.setattr("time.time", lambda: 1_700_000_000.0)
    deck.write(tmp_path / "old.apkg", pages, "https://example.org/", "Answers")
    monkeypatch.undo()
    pages = [Page(path, ROOT) for path in answer_paths(docs)]
    pages[0].soup.select_one("details.question p").string = "Neuauflage"
    deck.write(tmp_path / "new.apkg", pages, "https://example.org/", "Answers")
    collection = Collection(str(tmp_path / "collection.anki2"))
    try:
        take(collection, tmp_path / "old.apkg")
        assert collection.note_count() == collection.card_count() == expected
        texts = [collection.get_note(n).fields for n in collection.find_notes("")]
        assert all(field for fields in texts for field in (*fields[:2], fields[3]))
        assert sum(t[1].count(r"\(") + t[1].count(r"\[") for t in texts) >= formulas
        assert not any("--8&lt;--" in t[1] or 'href="../' in t[1] for t in texts)
        collection.decks.select(collection.decks.id_for_name("Answers"))
        card = collection.sched.getCard()
        collection.sched.answerCard(card, 3)
        take(collection, tmp_path / "new.apkg")
        take(collection, tmp_path / "new.apkg")
        assert collection.note_count() == collection.card_count() == expected
        assert collection.get_card(card.id).reps == 1
        assert len(collection.find_notes("Neuauflage")) == 1
    finally:
        collection.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_chapter_becomes_a_pdf(site, language: str, tmp_path: Path) -> None:
    program = printing.browser()
    if not program:
        pytest.skip("no Chromium")
    folder = built(site[0], language)
    titles = {"en": "Revolver", "ru": "Револьвер"}
    pages = ["fundamentals/revolver-probability", "training/training-memory"]
    own = {"site_url": f"{site[1]}x/"}
    text = printing.document(folder, pages, "Title", language, own)
    source = tmp_path / "chapter.html"
    source.write_text(text, "utf-8")
    printing.to_pdf(program, source, tmp_path / "chapter.pdf")
    with pikepdf.open(tmp_path / "chapter.pdf") as pdf:
        assert len(pdf.pages) > 10
        assert pdf.pages[0].mediabox[2] == pytest.approx(595, abs=1)  # A4 in points
        with pdf.open_outline() as outline:
            assert titles[language] in str(outline.root)
    read = pypdf.PdfReader(tmp_path / "chapter.pdf")
    whole = "".join(page.extract_text() for page in read.pages)
    assert "assert stay" in whole  # code
    page = Page(ROOT / "docs" / language / f"{pages[0]}.md", ROOT)
    contents = read.pages[0].extract_text()
    assert not [tag for tag in page.meta["tags"] if tag in contents]
    assert page.soup.summary.get_text().split()[0] in whole  # unfolded
    assert {font for page in read.pages for font in page["/Resources"]["/Font"]}
