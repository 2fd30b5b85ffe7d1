"""Hygiene: what no file and no page of a contribution may bring, whatever it says.

Files that a machine of another kind cannot check out or read alike, characters that
nobody sees, and markup that runs something or asks another host. Markup is judged by
lists of what is allowed: a list of what is not would never be complete.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import mistune
import nbformat
from bs4 import BeautifulSoup
from bs4.element import Comment, PreformattedString

from handbook import CHAPTERS, LANGUAGES
from handbook.problem import Problem

if TYPE_CHECKING:
    from handbook.pages import Page

FILE_BYTES = 500_000  # the largest is a third of it, and a first view has 200 KB
LINE = 2000  # characters of a page's line
NAME = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9])?|LICENSE")
# What Windows takes for a device, with any suffix.
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
PICTURES = {".png", ".jpg", ".jpeg", ".webp"}
BINARY = {*PICTURES, ".woff2"}
SITE = {".md", ".ipynb", ".svg", *PICTURES}  # the builder copies all else as it is
CONFLICT = re.compile(r"(<{7}|>{7}|\|{7})( |$)")
FENCE_END = re.compile(r"\s*(```|;*-+8<-+)")
# Controls, what is invisible or turns the direction of writing, halves of characters.
# Spaces of any width are typography.
HIDDEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


def _words(text: str) -> set[str]:
    return set(text.split())


ELEMENTS = _words(
    "a abbr blockquote br caption code dd del details div dl dt em figcaption figure "
    "h1 h2 h3 h4 h5 h6 hr img ins kbd li mark ol p pre s section small span strong sub "
    "summary sup table tbody td tfoot th thead tr ul"
)
ATTRIBUTES = _words(
    "alt class colspan data-pagefind-ignore height href id lang markdown open role "
    "rowspan scope src start style title width"
)
FIGURE_ELEMENTS = _words(
    "circle clippath defs desc ellipse g image line lineargradient mask path pattern "
    "polygon polyline radialgradient rect stop svg text title tspan use"
)
FIGURE_ATTRIBUTES = _words(
    "class clip-path clip-rule clippathunits cx cy d dx dy fill fill-opacity fill-rule "
    "font-family font-size font-style font-weight fx fy gradienttransform "
    "gradientunits height href id lang mask offset opacity patterncontentunits "
    "patterntransform patternunits points preserveaspectratio r role rx ry stop-color "
    "stop-opacity stroke stroke-dasharray stroke-linecap stroke-linejoin "
    "stroke-miterlimit stroke-opacity stroke-width style text-anchor transform version "
    "viewbox width x x1 x2 xlink:href xml:space xmlns xmlns:xlink y y1 y2"
)
OUTPUTS = {"text/plain", "image/svg+xml", "image/png"}  # of a notebook's cell


def files(root: Path, only: str = "") -> list[Problem]:
    """What is wrong with files below `docs/` and `snippets/`, before they are read as
    pages and code. Hidden ones are left out: the site does not publish them.

    Args:
        root: folder with both.
        only: a part of their paths; empty means all.
    """
    result = []
    for name in ("docs", "snippets"):
        for path in sorted((root / name).rglob("*")):
            shown = path.relative_to(root)
            hidden = any(part.startswith((".", "__pycache__")) for part in shown.parts)
            if (
                only not in str(shown)
                or hidden
                or shown.is_relative_to("docs/theme/katex")
            ):
                continue
            result += file(path, shown)
    return result


def file(path: Path, shown: Path) -> Iterator[Problem]:
    """What is wrong with one file or folder."""
    told = str(shown).encode("ascii", "backslashreplace").decode()
    if not NAME.fullmatch(path.name) or DEVICE.fullmatch(path.name):
        yield Problem(
            Path(told),
            1,
            "a name that not every machine has",
            "small Latin letters, digits, `-`, `_` and `.`, and no device of Windows",
            "rename it, and what includes it or links to it",
        )
    if path.is_symlink():
        yield Problem(
            Path(told),
            1,
            "a symbolic link",
            "a file: Windows checks a link out as text, and it may lead anywhere",
            "put the file itself there",
        )
        return
    if path.is_dir():
        if path.suffix:
            yield Problem(
                Path(told),
                1,
                "a folder whose name looks like a file's",
                "no dot in the name of a folder",
                "rename it",
            )
        return
    parts = shown.parts
    if parts[0] == "docs" and parts[1] in LANGUAGES and path.suffix not in SITE:
        yield Problem(
            Path(told),
            1,
            f"a `{path.suffix}` file among the pages",
            f"only {', '.join(sorted(SITE))}: the site would publish it as it is",
            "code goes to snippets/; a figure is drawn by a snippet",
        )
    size = path.stat().st_size
    if size > FILE_BYTES:
        yield Problem(
            Path(told),
            1,
            f"{size / 1e6:.1f} MB",
            f"at most {FILE_BYTES / 1e6} MB: pages are read on a phone",
            "draw it as SVG, crop or compress it, or let the snippet make the data",
        )
    elif path.suffix not in BINARY:
        yield from text(path, Path(told))


def text(path: Path, shown: Path) -> Iterator[Problem]:
    """What is wrong with the characters and the lines of one file."""
    data = path.read_bytes()
    try:
        content = data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield Problem(
            shown,
            data.count(b"\n", 0, error.start) + 1,
            f"not UTF-8: {error.reason} (byte 0x{data[error.start]:02x})",
            "UTF-8",
            "save it as UTF-8; a picture ends in .png, .jpg or .webp",
        )
        return
    if content.startswith("\ufeff"):
        yield Problem(
            shown,
            1,
            "begins with a byte order mark",
            "UTF-8 without it: front matter and `#!` must come first",
            "save it as “UTF-8”, not “UTF-8 with BOM”",
        )
        content = content[1:]
    if "\r" in content:
        yield Problem(
            shown,
            content[: content.index("\r")].count("\n") + 1,
            "a Windows line ending",
            "lines that end in LF",
            "save it with LF: in git, `git add --renormalize .`",
        )
        content = content.replace("\r", "")
    yield from hidden(content, shown)
    for number, line in enumerate(content.split("\n"), 1):
        if CONFLICT.match(line):
            yield Problem(
                shown,
                number,
                f"a marker of a merge conflict, `{line[:7]}`",
                "one version",
                "choose between the two, and remove the markers down to `>>>>>>>`",
            )
            break
        if path.suffix == ".md" and len(line) > LINE:
            yield Problem(
                shown,
                number,
                f"a line of {len(line)} characters",
                f"at most {LINE}: Markdown takes minutes for some longer ones",
                "break it",
            )
            break
    if shown.parts[0] == "snippets" and path.suffix in (".py", ".txt"):
        for number, line in enumerate(content.split("\n"), 1):
            if FENCE_END.match(line):
                yield Problem(
                    shown,
                    number,
                    f"`{line.strip()[:20]}` would end the fence that includes it",
                    "no line that begins with ``` or --8<--",
                    "print or write it otherwise: indented by another character",
                )
                break
    if path.suffix == ".svg":
        soup = BeautifulSoup(content, "html.parser")
        yield from figure(soup, shown, content.split("\n"))
    if path.suffix == ".ipynb":
        yield from notebook(content, path, shown)


def hidden(content: str, shown: Path, first: int = 1) -> Iterator[Problem]:
    """Characters that nobody sees: each once, at its first line."""
    bad = {c for c in set(content) if unicodedata.category(c) in HIDDEN} - {"\n", "\t"}
    for character in sorted(bad):
        name = unicodedata.name(character, "a control character")
        yield Problem(
            shown,
            content[: content.index(character)].count("\n") + first,
            f"an invisible character, U+{ord(character):04X} ({name})",
            "text that reads as it is written; a no-break space, U+00A0, may stay",
            "delete it; in code write it as an escape",
        )


def line_of(lines: list[str], *wanted: str) -> int:
    """First line (from 1) that has all of some texts, else the first of them that any
    line has; case does not matter."""
    lowered = [line.casefold() for line in lines]
    texts = [text.casefold() for text in wanted if text]
    for group in (texts, *([text] for text in texts)):
        for number, line in enumerate(lowered, 1):
            if all(text in line for text in group):
                return number
    return 1


def unsafe(
    soup: BeautifulSoup, elements: set[str], attributes: set[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What markup has that is not on the lists: how it is told, and texts by which its
    line is found."""
    for node in soup.find_all(string=lambda node: isinstance(node, PreformattedString)):
        # A browser ends a comment at places where other parsers go on.
        if not isinstance(node, Comment) or re.search("[<>]", node):
            yield f"`<!{node[:20]}…`", (node[:20].split("\n")[0],)
    for tag in soup.find_all(True):
        if tag.name not in elements:
            yield f"<{tag.name}>", (f"<{tag.name}",)
            continue
        for name, value in tag.attrs.items():
            value = " ".join(value) if isinstance(value, list) else value or ""
            known = name in attributes or name.startswith("aria-")
            if not known or not harmless(tag.name, name, value):
                shown = f"{name}={value[:60]!r}" if known else f"{name}=…"
                yield f"<{tag.name} {shown}>", (f"<{tag.name}", name, value[:40])


def harmless(element: str, attribute: str, value: str) -> bool:
    """Whether an allowed attribute has a value that loads and runs nothing."""
    # As a browser reads an address, which leaves out spaces and line ends.
    value = re.sub(r"[\x00-\x20]", "", value)
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", value, re.IGNORECASE)
    if element == "a" and attribute == "href":
        return not scheme or scheme[1].lower() in ("http", "https", "mailto")
    if attribute == "src":
        return not scheme and not value.startswith(("//", "/\\", "\\"))
    if attribute in ("href", "xlink:href"):
        return value.startswith(("#", "data:image/png;base64,"))
    if attribute == "style" and element in ELEMENTS:  # a column of a table
        return re.fullmatch(r"text-align:(left|center|right);?", value) is not None
    if attribute.startswith(("xmlns", "alt", "title")):
        return True
    return not re.search(r"url\((?!#)|[\\@]|javascript:", value, re.IGNORECASE)


def markup(
    soup: BeautifulSoup, shown: Path, lines: list[str], remedy: str
) -> Iterator[Problem]:
    """Elements of a page that the site does not use: they may run or load something."""
    for told, wanted in unsafe(soup, ELEMENTS, ATTRIBUTES):
        yield Problem(
            shown,
            line_of(lines, *wanted),
            f"{told} on a page",
            "markup that runs nothing and asks no other host: the lists in "
            "handbook/hygiene.py",
            remedy,
        )


def figure(soup: BeautifulSoup, shown: Path, lines: list[str]) -> Iterator[Problem]:
    """Elements of an SVG that do not draw, and what it loads."""
    for told, wanted in unsafe(soup, FIGURE_ELEMENTS, FIGURE_ATTRIBUTES):
        yield Problem(
            shown,
            line_of(lines, *wanted),
            f"{told} in a figure",
            "shapes and text only: a figure becomes a part of the page",
            "let the snippet draw it: make outputs",
        )


def page(page: "Page") -> Iterator[Problem]:
    """What a page, rendered, has that the site does not use; its front matter, too."""
    remedy = "write it in Markdown; a part that needs code belongs to docs/theme"
    yield from markup(page.soup, page.shown, page.lines, remedy)
    for problem in hidden(page.soup.get_text(), page.shown):
        escaped = f"&#x{problem.what.partition('U+')[2][:4].lower()};"
        yield Problem(
            page.shown,
            line_of(page.lines, escaped, "&"),
            problem.what,
            problem.expected,
            "delete the entity",
        )
    for key, value in page.meta.items():
        for item in value if isinstance(value, list) else [value]:
            # The theme prints these as they are; the two others are Markdown.
            plain = key not in ("popular", "measured")
            found = str(item)[:1000]
            if plain:  # a line end, or the library takes the text for a file's name
                soup, elements = BeautifulSoup(f"{found}\n", "html.parser"), set()
            else:
                soup, elements = page.render(found), ELEMENTS
            for told, _ in unsafe(soup, elements, ATTRIBUTES):
                yield Problem(
                    page.shown,
                    line_of(page.lines, f"{key}:"),
                    f"{told} in the front matter's `{key}`",
                    "text: it stands in titles and on the front page",
                    "say it in words",
                )
            for problem in hidden(found, page.shown):
                yield Problem(
                    page.shown,
                    line_of(page.lines, f"{key}:"),
                    problem.what,
                    problem.expected,
                    "delete the escape",
                )


def notebook(content: str, path: Path, shown: Path) -> Iterator[Problem]:
    """What is wrong with a lab's notebook as the site would show it."""
    source = f"docs/labs/{path.stem}.py"
    remedy = f"mend {source}, then make outputs ONLY=labs/{path.stem}"
    script = path.parents[2] / "labs" / f"{path.stem}.py"
    if path.parent.name != "labs" or not script.is_file():
        yield Problem(
            shown,
            1,
            "a notebook without its source",
            f"{source}, from which `make outputs` writes docs/<language>/labs/",
            "write the lab as a percent script, or remove the notebook",
        )
    try:
        lab = nbformat.reads(content, as_version=4)
        nbformat.validate(lab)
    except Exception as error:  # whatever the library says of a file that is none
        told = str(error).strip().split("\n")[0][:80]
        yield Problem(shown, 1, f"not a notebook: {told}", "nbformat 4", remedy)
        return
    lines = content.split("\n")
    for cell in lab.cells:
        if cell.cell_type == "markdown":
            soup = BeautifulSoup(mistune.html(cell.source), "html.parser")
            yield from markup(soup, shown, lines, remedy)
        elif cell.cell_type != "code":
            told = f"a cell of the type `{cell.cell_type}`"
            where = line_of(lines, f'"{cell.cell_type}"')
            yield Problem(shown, where, told, "text and code", remedy)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            for kind in data.keys() - OUTPUTS:
                yield Problem(
                    shown,
                    line_of(lines, f'"{kind}"'),
                    f"an output of the type {kind}",
                    f"{', '.join(sorted(OUTPUTS))}: they run nothing",
                    remedy,
                )
            if "image/svg+xml" in data:
                soup = BeautifulSoup(data["image/svg+xml"], "html.parser")
                yield from figure(soup, shown, lines)
        yield from hidden(str(cell.source), shown, line_of(lines, cell.get("id", "")))


def addresses(root: Path) -> Iterator[Problem]:
    """Pages that want one address, and answers of one slug in two chapters."""
    for language in LANGUAGES:
        docs = root / "docs" / language
        found: dict[str, Path] = {}
        slugs: dict[str, Path] = {}
        paths = [path for path in docs.rglob("*") if path.suffix in (".md", ".ipynb")]
        for path in sorted(paths, key=lambda path: (path.suffix != ".md", path)):
            shown = path.relative_to(root)
            name = path.relative_to(docs).with_suffix("").as_posix()
            address = name.removesuffix("index").strip("/")
            first = found.setdefault(address, shown)
            if first != shown:
                yield Problem(
                    shown,
                    1,
                    f"has the address of {first}",
                    "one page an address",
                    "rename one of them, or remove it",
                )
                continue
            if name.split("/")[0] not in CHAPTERS or path.stem == "index":
                continue
            first = slugs.setdefault(path.stem, shown)
            if first != shown:
                yield Problem(
                    shown,
                    1,
                    f"the slug `{path.stem}` is that of {first}, too",
                    "a slug of its own in all chapters: cards and links go by it",
                    "rename it, its twin and its folder of snippets",
                )


def titles(pages: Iterable["Page"]) -> Iterator[Problem]:
    """Pages of one language that readers cannot tell apart in a list."""
    first: dict[str, Page] = {}
    for page in pages:
        title = " ".join(str(page.meta.get("title", "")).casefold().split())
        other = first.setdefault(title, page)
        if title and other is not page:
            yield page.problem(
                page.line_of("title:"),
                f"has the title of {other.shown}",
                "a title of its own: search and cards list pages by it",
                "name what this page asks that the other does not",
            )
