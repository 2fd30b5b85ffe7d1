"""What the built site has around an answer: files to take along, what was run, on what
and when, ways to its sources and to its authors.

It works on the built pages, so that it does not matter which program built them.
"""

import hashlib
import html
import json
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from urllib.parse import quote, urlencode, urljoin

import nbformat

from handbook import LANGUAGES, ROOT, deck, katex, notebooks, printing
from handbook.cards import answer_paths
from handbook.pages import Page
from handbook.snippets import RAN_ON, is_benchmark, launcher, needs_gpu, siblings

WORDS_A_MINUTE = 200  # of prose; code is looked at, not read
SECTION_END = "</article>"
FSRS = katex.PACKAGES / "node_modules/ts-fsrs/dist/index.umd.js"
FILES = '<div class="take-along"></div>'  # on the page that lists them
IN_BROWSER = {"numpy"}  # packages that Pyodide brings, besides the standard library


def finish(
    site: Path, url: str, settings: dict[str, dict], complete: bool = False
) -> None:
    """Write what readers take along, and name it on every answer's page.

    Args:
        site: the built site, both languages.
        url: address at which its root will be served, with a slash at the end.
        settings: of each language: `repo_url`, `site_name`, `site_description` and the
            texts `about`.
        complete: make what takes longer, too: flashcards and PDF.
    """
    pdf = complete and printing.browser() is not None
    for figure in (ROOT / "snippets").rglob("*.svg"):
        copy = site / "figures" / figure.relative_to(ROOT / "snippets")
        copy.parent.mkdir(parents=True, exist_ok=True)
        # Alone, it has no page whose colour and typeface it could take.
        text = figure.read_text("utf-8").replace("inherit", "sans-serif")
        copy.write_text(text, "utf-8")
    for language in LANGUAGES:
        folder = site if language == LANGUAGES[0] else site / language
        address = url if language == LANGUAGES[0] else f"{url}{language}/"
        own = settings[language]
        shutil.copy(FSRS, folder / "javascripts/ts-fsrs.js")
        questions = []
        pages = [Page(path, ROOT) for path in answer_paths(ROOT / "docs" / language)]
        for page in pages:
            name = slug(page)
            text = notebooks.as_markdown(page, address)
            (folder / f"{name}.md").write_text(text, "utf-8")
            notebook = notebooks.as_notebook(page, address, own["about"])
            nbformat.write(notebook, folder / f"{name}.ipynb")
            built = folder / name / "index.html"
            text = built.read_text("utf-8")
            questions.append(question(text, page))
            built.write_text(around(text, page, own, pdf), "utf-8")
        write_interview(folder / "interview", questions, own["about"])
        (folder / "llms.txt").write_text(llms(pages, address, own, pdf), "utf-8")
        if complete:
            deck.write(folder / "answers.apkg", pages, address, own["site_name"])
        page = folder / "take-along/index.html"
        files = "\n".join(take_along(own["about"], complete, pdf))
        text = page.read_text("utf-8").replace(FILES, FILES.replace("><", f">{files}<"))
        page.write_text(text, "utf-8")
    if pdf:
        printing.write(site, settings)
    elif complete:
        print("no PDF: it needs Chromium or Chrome", file=sys.stderr)


def slug(page: Page) -> str:
    """Chapter and name of a page, such as `training/gradient-accumulation`."""
    docs = page.root / "docs" / page.language
    return page.path.relative_to(docs).with_suffix("").as_posix()


def llms(pages: list[Page], url: str, own: dict, pdf: bool) -> str:
    """The list of answers for language models, as https://llmstxt.org describes it.

    Args:
        pages: all answers of a language.
        url: address of the site of this language, with a slash at the end.
        own: settings of the language.
        pdf: all answers exist as PDF, too.
    """
    labels, language = own["about"], own["theme"]["language"]
    lines = [f"# {own['site_name']}", "", f"> {own['site_description']}"]
    lines += ["", labels["contents"]]
    for chapter, answers in groupby(pages, key=lambda page: slug(page).split("/")[0]):
        lines += ["", f"## {own['about']['chapters'][chapter]}", ""]
        for page in answers:
            link = f"[{page.meta['title']}]({url}{slug(page)}.md)"
            lines.append(f"- {link}: {page.meta['description']}")
    lines += ["", f"## {labels['practice']}", ""]
    for name in ("how-to-answer", "labs/index", "interview"):
        page = Page(ROOT / "docs" / language / f"{name}.md", ROOT)
        link = f"[{page.meta['title']}]({url}{name.removesuffix('index').strip('/')}/)"
        lines.append(f"- {link}: {page.meta['description']}")
    twin = next(other for other in own["alternate"] if other["lang"] != language)
    lines += ["", "## Optional", ""]  # the word that llmstxt.org gives
    address = urljoin(url, f"{twin['link']}llms.txt")
    lines.append(f"- [{labels['twin']}]({address}): {labels['twin_told']}")
    if pdf:
        lines.append(f"- [PDF]({url}answers.pdf): {labels['pdf_all']}")
    return "\n".join(lines) + "\n"


def write_interview(folder: Path, questions: list[dict], about: dict) -> None:
    """Write what the mock interview chooses from, and each question in its own file:
    who is asked one does not wait for all.

    Scripts, not JSON: a page opened from a folder may not fetch.
    """

    def dump(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    chosen_by = ("name", "chapter", "level", "title", "url")
    levels = {asked["level"] for asked in questions}
    data = {
        "chapters": about["chapters"],
        "levels": {k: label for k, label in about["levels"].items() if k in levels},
        "asked": {},
    }
    data["answers"] = [
        {key: asked[key] for key in chosen_by}
        | {"followUps": [follow_up["id"] for follow_up in asked["followUps"]]}
        for asked in questions
    ]
    (folder / "data.js").write_text(f"interviewData = {dump(data)}\n", "utf-8")
    for asked in questions:
        shown = {key: asked[key] for key in ("asked", "short", "followUps")}
        text = f"interviewData.asked[{dump(asked['name'])}] = {dump(shown)}\n"
        path = folder / f"{asked['name']}.js"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


def question(built: str, page: Page) -> dict:
    """What the mock interview asks and shows of an answer.

    Args:
        built: the page's HTML.
        page: its source.
    """
    name = slug(page)

    def link(match: re.Match) -> str:
        return f'href="..{urljoin(f"/{name}/", html.unescape(match[1]))}"'

    article = re.sub(r'href="((?!\w+:)[^"]*)"', link, built.partition("<article")[2])
    asked = re.search(r"<blockquote>.*?</blockquote>", article, re.DOTALL)
    short = re.search(r'<h2 id="short-answer">.*?</h2>(.*?)<h2', article, re.DOTALL)
    details = re.findall(
        r'<details class="question">\s*<summary>(.*?)</summary>(.*?)</details>',
        article,
        re.DOTALL,
    )
    # By its wording: a number would give one's progress to another question.
    written = re.findall(r'^\?\?\? question "(.*)"$', page.body, re.MULTILINE)
    return {
        "name": name,
        "chapter": name.partition("/")[0],
        "level": page.meta["level"],
        "title": page.meta["title"],
        "url": f"../{name}/",
        "asked": asked[0] if asked else "",
        "short": short[1].strip(),
        "followUps": [
            {
                "id": hashlib.sha256(source.encode()).hexdigest()[:8],
                "question": summary,
                "answer": answer.strip(),
            }
            for source, (summary, answer) in zip(written, details, strict=True)
        ],
    }


def around(built: str, page: Page, own: dict, pdf: bool) -> str:
    """A built page with what stands around its answer.

    Args:
        built: the page's HTML.
        page: its source.
        own: settings of its language.
        pdf: its chapter exists as PDF, too.
    """
    labels = own["about"]
    prose = "\n".join(part.text for part in notebooks.parts(page, ""))
    minutes = max(1, round(words(prose) / WORDS_A_MINUTE))
    level = labels["levels"].get(page.meta.get("level"), "?")  # a page in the making
    top = f'<p class="about-top">{level} · {labels["minutes"].format(minutes)}</p>'
    built = built.replace("</h1>", f"</h1>\n{top}", 1)
    source = f"{own['repo_url']}/blob/main"
    for script in scripts(page):
        path = script.relative_to(page.root).as_posix()
        title = f'<span class="filename">{script.name}</span>'
        link = f'<a href="{source}/{path}">{script.name}</a>'
        run = (
            f' data-run="{" ".join(packages)}"'
            if (packages := in_browser(script)) is not None
            else ""
        )
        built = built.replace(title, f'<span class="filename"{run}>{link}</span>', 1)
    bottom = "\n".join(
        [
            '<aside class="about" data-pagefind-ignore>',
            *about(page, own, pdf),
            "</aside>",
        ]
    )
    head, tail = built.rsplit(SECTION_END, 1)
    return f"{head}{bottom}\n{SECTION_END}{tail}"


def about(page: Page, own: dict, pdf: bool) -> Iterator[str]:
    """Lines of the box at the end of an answer."""
    labels, name = own["about"], slug(page)
    file = name.rpartition("/")[2]
    repository = own["repo_url"]
    colab = repository.replace("github.com", "colab.research.google.com/github")
    links = [
        (f"../{file}.ipynb", labels["notebook"], " download"),
        (f"{colab}/blob/notebooks/{page.language}/{name}.ipynb", labels["colab"], ""),
        (f"../{file}.md", labels["markdown"], ""),
    ]
    if pdf:
        links.append((f"../../{name.partition('/')[0]}.pdf", labels["pdf"], ""))
    yield paragraph(labels["take"], links)
    yield f"<p><b>{labels['ran']}</b> {ran(page, labels)}</p>"
    fields = {
        "template": "wrong-answer.yml",
        "title": f"{labels['wrong_title']}: {page.meta['title']}",
        "page": f"docs/{page.language}/{name}.md",
    }
    issue = f"{repository}/issues/new?{urlencode(fields, quote_via=quote)}"
    links = [
        (f"{repository}/blob/main/docs/{page.language}/{name}.md", labels["page"], ""),
        (f"{repository}/tree/main/snippets/{name}", labels["snippets"], ""),
    ]
    yield paragraph(labels["source"], links)
    yield paragraph(labels["wrong"], [(html.escape(issue), labels["tell"], "")])


def paragraph(title: str, links: list[tuple[str, str, str]], told: str = "") -> str:
    """A line of links, each an address, a text and further attributes."""
    shown = " · ".join(f'<a href="{to}"{more}>{text}</a>' for to, text, more in links)
    return f"<p><b>{title}</b> {shown}{told}</p>"


def take_along(labels: dict, cards: bool, pdf: bool) -> Iterator[str]:
    """Lines about the files that hold all answers, or a chapter."""
    if cards:
        link = [("../answers.apkg", labels["deck_file"], " download")]
        yield paragraph(labels["deck"], link, f": {labels['deck_told']}")
    if pdf:
        files = {"answers": labels["pdf_all"], **labels["chapters"]}
        links = [(f"../{name}.pdf", text, "") for name, text in files.items()]
        yield paragraph(labels["pdf_files"], links)
    link = [("../llms.txt", "llms.txt", "")]
    yield paragraph(labels["llms"], link, f": {labels['llms_told']}")


def words(markdown: str) -> int:
    """Words of prose, a formula or inline code as one each; blocks of code are left
    out."""
    text = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)
    text = re.sub(r"`[^`]*`|\$\$.*?\$\$", "x", text, flags=re.DOTALL)
    return len(re.sub(r"\$(?:[^$\n]|\n(?!\n))+\$", "x", text).split())


def scripts(page: Page) -> list[Path]:
    """Snippets that a page includes, in order."""
    found = [page.root / "snippets" / include.path for include in page.includes]
    return list(dict.fromkeys(path for path in found if path.suffix == ".py"))


def ran(page: Page, labels: dict) -> str:
    """What ran on a page, on what and when, from the recorded outputs."""
    all_scripts = scripts(page)
    machines: dict[str, list[str]] = {}
    for script in all_scripts:
        for output in (script.with_suffix(".txt"), script.with_suffix(".cuda.txt")):
            lines = output.read_text("utf-8").splitlines() if output.exists() else []
            for line in lines:
                if line.startswith(RAN_ON):
                    where = re.sub(r", code \w+$", "", line.removeprefix(RAN_ON))
                    machines.setdefault(where, []).append(script.name)
    once = [p for p in all_scripts if is_benchmark(p)]
    tested = [p for p in all_scripts if not needs_gpu(p) and p not in once]
    versions = ", ".join(dict.fromkeys(v for p in tested for v in notebooks.pins(p)))
    told = f" ({versions})" if versions else ""
    result = [labels["tested"].format(len(tested), len(all_scripts), told)]
    if once:
        result.append(labels["once"].format(code(path.name for path in once)))
    for where, names in machines.items():
        for version in versions.split(", ") if versions else ():
            where = re.sub(rf", {re.escape(version)}(\+\w+)?(?=,)", "", where)
        result.append(labels["recorded"].format(code(names), html.escape(where)))
    waiting = [
        path.name
        for path in all_scripts
        if needs_gpu(path) and not path.with_suffix(".cuda.txt").exists()
    ]
    if waiting:
        result.append(labels["waiting"].format(code(waiting)))
    return " ".join(result)


def code(names: Iterable[str]) -> str:
    """Names of files, as HTML."""
    return ", ".join(f"<code>{name}</code>" for name in names)


def in_browser(script: Path) -> list[str] | None:
    """Packages that a snippet needs in a browser's Python; None where it cannot run
    there: it imports others, or starts processes."""
    needed = notebooks.imports(script)
    if not needed <= IN_BROWSER or launcher(script) or siblings(script):
        return None
    if notebooks.requirements(script) or is_benchmark(script) or needs_gpu(script):
        return None
    return sorted(needed)
