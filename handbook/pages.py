"""Pages: read one as the site does, and say what breaks the contract of an answer.

`problems` is what `make test` and a contributor see. Libraries do the parsing: fences
come from pytest-codeblocks, includes from pymdownx.snippets, headings and formulas from
Python-Markdown with the extensions of `mkdocs.yml`.
"""

import ast
import contextlib
import functools
import io
import re
import reprlib
from dataclasses import dataclass
from pathlib import Path

import frontmatter
import markdown
import pytest_codeblocks
import yaml
from bs4 import BeautifulSoup, Tag
from mkdocs.config import load_config
from pymdownx.snippets import (
    SnippetExtension,
    SnippetMissingError,
    SnippetPreprocessor,
)

from handbook import CHAPTERS, LANGUAGES, ROOT, hygiene
from handbook.cards import answer_paths
from handbook.problem import Problem
from handbook.snippets import (
    NUMBER,
    code_version,
    discover,
    is_benchmark,
    needs_gpu,
    outputs_of,
)

SECTIONS = (
    "short-answer",
    "full-answer",
    "pitfalls",
    "follow-ups",
    "in-the-interview",
    "sources",
)
KEYS = ("title", "description", "level", "tags", "popular", "measured")
OPTIONAL_KEYS = ("hide",)
LEVELS = ("junior", "middle", "senior")
SHORT_ANSWER_WORDS = 120
FOLLOW_UPS = 6
RUNS = 3
SNIPPET_LINES = 60
ASSERTS = re.compile(r"^\s*assert |assert_close|assert_allclose", re.MULTILINE)
NOT_PYTHON = (SyntaxError, MemoryError, RecursionError)  # what the parser raises
RUNNABLE = ("python", "sh", "bash")  # the info strings that pytest-codeblocks executes


@dataclass(frozen=True)
class Include:
    """A `--8<--` line: where it stands, what it names, whether that exists."""

    line: int
    target: str
    path: str
    found: bool


@functools.cache
def _extensions() -> tuple[list[str], dict]:
    """Markdown extensions of the site with their settings, less our own."""
    config = load_config(str(ROOT / "mkdocs.yml"))
    settings = dict(config.mdx_configs)
    settings["pymdownx.snippets"] = {"check_paths": False, "base_path": []}
    settings["toc"] = {}  # no permalinks: a heading's text is what its author wrote
    names = [name for name in config.markdown_extensions if "handbook" not in name]
    return names, settings


class FrontMatter(frontmatter.YAMLHandler):
    """YAML whose errors do not stop the reading: they are reported as a missing key."""

    def load(self, fm: str, **options: object) -> dict:
        try:
            if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(fm)):
                return {"yaml_error": "an alias, `*name`"}  # may stand for gigabytes
            result = super().load(fm, **options) or {}
            if not isinstance(result, dict):
                return {"yaml_error": f"{reprlib.repr(result)} is not `key: value`"}
            return {str(key): value for key, value in result.items()}
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            told = str(getattr(error, "problem", error))[:80]
            line = f"line {mark.line + 1} of the front matter: " if mark else ""
            return {"yaml_error": line + told}


class Page:
    """A Markdown file: its front matter, sections, includes, fences and formulas."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path, self.root = path, root
        self.fence_error = ""
        self.shown = path.relative_to(root)
        self.language = self.shown.parts[1] if len(self.shown.parts) > 2 else "en"
        self.text = path.read_text("utf-8-sig", "backslashreplace")
        self.lines = self.text.splitlines()
        self.meta, self.body = frontmatter.parse(self.text, handler=FrontMatter())

    def line_of(self, text: str, start: int = 1) -> int:
        """First line (from 1) that contains a text; 1 where none does."""
        for number, line in enumerate(self.lines[start - 1 :], start):
            if text in line:
                return number
        return 1

    def problem(self, line: int, what: str, expected: str, remedy: str) -> Problem:
        return Problem(self.shown, line, what, expected, remedy)

    @staticmethod
    def render(text: str) -> BeautifulSoup:
        """Markdown as HTML, includes and formulas left as they were written."""
        names, settings = _extensions()
        html = markdown.Markdown(extensions=names, extension_configs=settings)
        return BeautifulSoup(html.convert(text), "html.parser")

    @functools.cached_property
    def soup(self) -> BeautifulSoup:
        """The page as HTML."""
        return self.render(self.body)

    @functools.cached_property
    def includes(self) -> list[Include]:
        """Every include, read by the library that will carry it out."""
        base = [str(self.root / "snippets")]
        settings = SnippetExtension(base_path=base, check_paths=True).getConfigs()
        library = SnippetPreprocessor(settings, markdown.Markdown())
        result = []
        for number, line in enumerate(self.lines, 1):
            match = library.RE_ALL_SNIPPETS.match(line)
            if not match or match["escape"]:
                continue
            target = (match["snippet"] or "").strip("\"'")
            path, _, section = library.split_path(target)
            file = library.get_snippet_path(path) if path else None
            found = file is not None and Path(file).is_file()
            if found and section:
                try:
                    library.extract_section(section[1:], library.read_lines(file))
                except SnippetMissingError:
                    found = False
            result.append(Include(number, target, path, found))
        return result

    @functools.cached_property
    def fences(self) -> list[pytest_codeblocks.main.CodeBlock]:
        """Every fence, as pytest-codeblocks sees it; none where it cannot read them."""
        try:
            return pytest_codeblocks.extract_from_buffer(io.StringIO(self.text))
        except RuntimeError as error:
            self.fence_error = str(error)
            return []

    @functools.cached_property
    def headings(self) -> list[tuple[int, str]]:
        """Level and id of every heading, in order."""
        tags = self.soup.find_all(re.compile(r"^h[1-6]$"))
        return [(int(tag.name[1]), tag.get("id", "")) for tag in tags]

    def section(self, name: str) -> list[Tag]:
        """Elements between a section's heading and the next of the same level."""
        heading = self.soup.find("h2", id=name)
        result: list[Tag] = []
        for element in heading.find_next_siblings() if heading else []:
            if element.name == "h2":
                break
            result.append(element)
        return result

    def formulas(self, name: str) -> tuple[list[str], set[str]]:
        """Display formulas in order and the set of inline ones, of one section (of the
        whole page where no section is named).

        A decimal comma is read as a point and words inside \\text are left out: these
        are what a translation may change.
        """
        display, inline = [], set()
        elements = self.section(name) if name else self.soup.find_all(recursive=False)
        for element in elements:
            found = element.select(".arithmatex")
            if "arithmatex" in element.get("class", []):
                found = [element, *found]
            for formula in found:
                tex = " ".join(formula.get_text().split())[2:-2].replace("{,}", ".")
                tex = re.sub(r"\\text\{[^}]*\}", r"\\text{}", tex).strip(" ")
                if formula.name == "div":
                    display.append(tex)
                else:
                    inline.add(tex)
        return display, inline


def problems(root: Path = ROOT, only: str = "") -> list[Problem]:
    """Everything in a tree that breaks the contract, in order of file and line.

    Args:
        root: folder with `docs/<language>/` and `snippets/`.
        only: an answer, such as `training/gradient-accumulation`; empty means all.
    """
    result = [*hygiene.files(root, only), *hygiene.addresses(root)]
    if result:  # pages are read where files are sound
        return sorted(result)
    pages: dict[str, dict[str, Page]] = {}
    for language in LANGUAGES:
        docs = root / "docs" / language
        pages[language] = {
            path.relative_to(docs).as_posix(): Page(path, root)
            for path in sorted(docs.rglob("*.md"))
        }
        answers = set(answer_paths(docs))
        for name, page in pages[language].items():
            if only not in name:
                continue
            result += place(page, name)
            result += front_matter(page, page.path in answers)
            result += code(page)
            result += links(page)
            result += hygiene.page(page)
            if page.path in answers:
                result += answer(page)
        result += hygiene.titles(pages[language].values())
    for name in ("README.md", "CONTRIBUTING.md"):
        if (root / name).exists() and not only:
            page = Page(root / name, root)
            result += code(page) + links(page)
    english, russian = (
        {name: page for name, page in pages[language].items() if only in name}
        for language in LANGUAGES
    )
    result += twins(english, russian)
    result += coverage(root, pages)
    return sorted(problem for problem in result if only in problem.path.as_posix())


def place(page: Page, name: str) -> list[Problem]:
    """Pages that stand where the site does not look, and chapters without cards."""
    chapter, *rest = name.split("/")
    if name == "labs/index.md":
        return []
    if (rest and chapter not in CHAPTERS) or len(rest) > 1:
        return [
            page.problem(
                1,
                f"this page stands in `{Path(name).parent}`",
                f"docs/<language>/<chapter>/<slug>.md, chapter: {', '.join(CHAPTERS)}",
                "move it",
            )
        ]
    cards = f"<!-- answers: {chapter} -->"
    has_answers = bool(answer_paths(page.path.parents[1], chapter)) if rest else False
    if rest == ["index.md"] and has_answers and cards not in page.lines:
        return [
            page.problem(
                page.line_of("<!-- answer"),
                "a chapter page that does not list its answers",
                f"a line {cards}",
                "add the line, or mend it",
            )
        ]
    return []


def front_matter(page: Page, is_answer: bool) -> list[Problem]:
    """Keys that a page's front matter must have, and the values they may take."""
    if "yaml_error" in page.meta:
        return [
            page.problem(
                1,
                f"front matter is not YAML: {page.meta['yaml_error']}",
                "key: value lines; a value with a colon stands in quotes",
                "quote the value",
            )
        ]
    result = []
    for key in KEYS if is_answer else ("title", "description"):
        value = page.meta.get(key)
        if not value or not isinstance(value, list if key == "tags" else str):
            keys = ", ".join(KEYS if is_answer else KEYS[:2])
            result.append(
                page.problem(
                    1,
                    f"front matter has no `{key}`"
                    if value in (None, "", [])
                    else f"front matter: `{key}` is {reprlib.repr(value)}",
                    f"the keys {keys}; tags are a list, all else is text",
                    f"add `{key}: …` between the `---` lines at the top",
                )
            )
    for key in page.meta.keys() - {*KEYS, *OPTIONAL_KEYS}:
        result.append(
            page.problem(
                page.line_of(f"{key}:"),
                f"front matter: nothing reads `{key}`",
                f"the keys {', '.join((*KEYS, *OPTIONAL_KEYS))}",
                "mend its name, or remove it",
            )
        )
    level = str(page.meta.get("level"))
    if is_answer and page.meta.get("level") and level not in LEVELS:
        result.append(
            page.problem(
                page.line_of("level:"),
                f"level `{level[:20]}` is unknown",
                f"one of {', '.join(LEVELS)}",
                "choose the level at which the question is usually asked",
            )
        )
    return result


def answer(page: Page) -> list[Problem]:
    """The shape of an answer: sections, length, runs, follow-ups, measured numbers."""
    result = []
    found = [name for level, name in page.headings if level == 2]
    for name in SECTIONS:
        if name not in found:
            result.append(
                page.problem(
                    max(1, len(page.lines)),
                    f"section `{name}` is missing",
                    f"the sections {', '.join(SECTIONS)}, in this order",
                    f"add a heading that ends in {{ #{name} }}",
                )
            )
        elif name != "follow-ups" and not any(
            element.get_text(strip=True) for element in page.section(name)
        ):
            result.append(
                page.problem(
                    page.line_of(f"#{name} }}"),
                    f"section `{name}` is empty",
                    f"text in every one of {', '.join(SECTIONS)}",
                    "write it",
                )
            )
    if not page.soup.select("h1"):
        result.append(
            page.problem(
                1,
                "no heading with the question",
                "`# …` above the sections",
                "write the question there as an interviewer asks it",
            )
        )
    known = [name for name in found if name in SECTIONS]
    for name in found:
        if name not in SECTIONS:
            result.append(
                page.problem(
                    page.line_of(f"#{name} }}"),
                    f"section `{name}` is not one of an answer's",
                    f"only {', '.join(SECTIONS)} as ## headings",
                    "make it a ### heading inside full-answer, or mend its id",
                )
            )
    for was, wanted in zip(known, sorted(known, key=SECTIONS.index), strict=True):
        if was != wanted:
            result.append(
                page.problem(
                    page.line_of(f"#{was} }}"),
                    f"section `{was}` stands where `{wanted}` should",
                    f"the order {', '.join(SECTIONS)}",
                    "move the section",
                )
            )
            break

    words = 0
    for element in page.section("short-answer"):
        text = re.sub(r"\\\(.*?\\\)", " formula ", element.get_text(" "))
        words += len(re.findall(r"\w+(?:[-’'.,]\w+)*", text))
    if words > SHORT_ANSWER_WORDS:
        result.append(
            page.problem(
                page.line_of("#short-answer"),
                f"the short answer has {words} words",
                f"at most {SHORT_ANSWER_WORDS}: it is said aloud in a minute",
                "keep the claim, its reason and the decisive caveat",
            )
        )

    questions = [
        details
        for element in page.section("follow-ups")
        for details in [element, *element.find_all("details")]
        if details.name == "details"
    ]
    if len(questions) < FOLLOW_UPS:
        result.append(
            page.problem(
                page.line_of("#follow-ups"),
                f"{len(questions)} follow-up questions",
                f"at least {FOLLOW_UPS}",
                'add `??? question "…"` with the answer indented by four spaces',
            )
        )
    for details in questions:
        found_summary = details.find("summary")
        summary = found_summary.get_text() if found_summary else ""
        if details.get_text().strip() == summary.strip():
            result.append(
                page.problem(
                    page.line_of(summary[:30]),
                    f"the follow-up “{summary}” has no answer",
                    "a full answer under every question",
                    "indent the answer by four spaces under the question",
                )
            )

    targets = [include.path for include in page.includes]
    runs = [
        path
        for path in dict.fromkeys(targets)
        if path.endswith(".py") and f"{path.removesuffix('.py')}.txt" in targets
    ]
    if len(runs) < RUNS:
        result.append(
            page.problem(
                page.line_of("#full-answer"),
                f"{len(runs)} executed runs",
                f"at least {RUNS} snippets, each with its recorded output",
                "include x.py and, right after it, x.txt of the page's snippets",
            )
        )
    result += measured(page)
    return result


def measured(page: Page) -> list[Problem]:
    """Numbers of the front matter's `measured` that no recorded output prints."""
    printed = set()
    for include in page.includes:
        if include.found and include.path.endswith(".txt"):
            text = (page.root / "snippets" / include.path).read_text("utf-8")
            printed |= {_plain(number) for number in NUMBER.findall(text)}
    claimed = NUMBER.findall(str(page.meta.get("measured", "")))
    return [
        page.problem(
            page.line_of("measured:"),
            f"`measured` says {number}, and no recorded output of this page prints it",
            "every number of the front page's table comes out of a run",
            "print it in a snippet of this page, or quote what one prints",
        )
        for number in claimed
        if _plain(number) not in printed
    ]


def _plain(number: str) -> float | str:
    """Value of a number without its sign; a decimal comma is read as a point."""
    text = number.lstrip("+-−").lower()
    several = text.count(",") + text.count(".") > 1  # a version, or a list
    return text if several else float(text.replace(",", "."))


def code(page: Page) -> list[Problem]:
    """Fences that nobody runs, and includes that lead nowhere."""
    result = []
    for include in page.includes:
        if not include.found:
            result.append(
                page.problem(
                    include.line,
                    f"include of `{include.target}`, which does not exist",
                    "a file, or a section of one, below snippets/",
                    "mend the name; a recorded output is made by `make outputs`",
                )
            )
    result += pairs(page)
    included = {include.line for include in page.includes}
    fences = page.fences
    if page.fence_error:
        result.append(
            page.problem(
                max(n for n, line in enumerate(page.lines, 1) if "```" in line),
                f"fences cannot be read: {page.fence_error}",
                "every fence is closed by as many backticks as opened it",
                "close the fence",
            )
        )
    for fence in fences:
        body = fence.code.strip().splitlines()
        is_include = len(body) == 1 and fence.lineno + 1 in included
        runs = fence.syntax in RUNNABLE
        if is_include and runs:
            result.append(
                page.problem(
                    fence.lineno,
                    f"an include in a bare `{fence.syntax}` fence",
                    "a title on a fence that includes: a bare one is run as it stands",
                    f'write ```{fence.syntax} title="file name"',
                )
            )
        elif not is_include and not runs:
            result.append(
                page.problem(
                    fence.lineno,
                    f"nobody runs this fence (`{fence.syntax}`)",
                    f"an include of a snippet, or a bare {', '.join(RUNNABLE)} fence",
                    "move the code to a snippet and include it, or let it run inline",
                )
            )
        elif fence.importorskip or any(
            mark in str(fence.marks) for mark in ("skip", "xfail")
        ):
            marks = [*fence.marks, f"importorskip({fence.importorskip})"]
            result.append(
                page.problem(
                    fence.lineno,
                    f"this fence is marked {', '.join(marks)}",
                    "code that runs",
                    "remove the mark or the code",
                )
            )
        if runs and fence.syntax == "python":
            try:
                ast.parse(fence.code)
            except NOT_PYTHON as error:
                result.append(
                    page.problem(
                        fence.lineno + (getattr(error, "lineno", 1) or 1),
                        "this block is not Python: "
                        f"{getattr(error, 'msg', 'too deep')}",
                        "code that runs",
                        "mend it",
                    )
                )
    for number, line in enumerate(page.lines, 1):
        if line.lstrip().startswith("~~~"):
            result.append(
                page.problem(
                    number,
                    "a `~~~` fence, which pytest-codeblocks does not see",
                    "fences of three backticks",
                    "replace ~~~ by ```",
                )
            )
    blocks = 0 if page.fence_error else len(page.soup.find_all("pre"))
    seen = len(page.fences) + sum(bool(f.expected_output) for f in page.fences)
    if blocks > seen and not any("~~~" in line for line in page.lines):
        result.append(
            page.problem(
                1,
                f"{blocks} code blocks, of which {seen} are fences",
                "no code by indentation: nobody runs it",
                "fence it; check blocks that are indented by four spaces",
            )
        )
    return result


def pairs(page: Page) -> list[Problem]:
    """Includes whose title lies, and outputs under the code of another snippet."""
    result = []
    above: str | None = ""
    opened = {fence.lineno + 1 for fence in page.fences}
    for include in page.includes:
        path = Path(include.path)
        fence = page.lines[include.line - 2].strip() if include.line > 1 else ""
        if not include.found:  # `code` tells, and its output below is no second fault
            above = None if path.suffix == ".py" else above
            continue
        if path.suffix == ".py":
            above = include.path
            if fence.startswith("```") and f'title="{path.name}"' not in fence:
                result.append(
                    page.problem(
                        include.line - 1,
                        f"`{fence}` over the code of {path.name}",
                        "the name of the file that is included",
                        f'write ```python title="{path.name}"',
                    )
                )
        if path.suffix in (".txt", ".svg"):
            owner = include.path.removesuffix(path.suffix).removesuffix(".cuda") + ".py"
            if above is not None and owner != above:
                result.append(
                    page.problem(
                        include.line,
                        f"{path.name} stands under {Path(above).name or 'no snippet'}",
                        f"the output of a snippet after its code, here of {owner}",
                        "move the include, or mend its name",
                    )
                )
        outside = include.line not in opened and not page.fence_error
        if path.suffix != ".svg" and outside:
            result.append(
                page.problem(
                    include.line,
                    f"{path.name} is included outside a fence",
                    "all but figures stands in a fence with a title, a fence for each",
                    "put ```python title=… before it and ``` after it",
                )
            )
    return result


def links(page: Page) -> list[Problem]:
    """Links to pages, files and anchors of the site that do not exist."""
    result = []
    for tag in page.soup.select("a[href], img[src]"):
        target = tag.get("href") or tag.get("src")
        if not target or re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.path.parent / name).resolve() if name else page.path
        line = page.line_of(f"({target}")
        parts = page.shown.parts
        home = page.root / Path(*parts[:2]) if parts[0] == "docs" else page.root
        exists = len(file.name) < 256 and file.exists()
        if not exists or not file.is_relative_to(home.resolve()):
            result.append(
                page.problem(
                    line,
                    f"dead link `{' '.join(target.split())[:200]}`",
                    f"a relative path to a file in {home.name}/ that exists",
                    "mend the path, with its .md",
                )
            )
        elif anchor and file.suffix == ".md":
            ids = {tag["id"] for tag in Page(file, page.root).soup.select("[id]")}
            if anchor not in ids:
                result.append(
                    page.problem(
                        line,
                        f"dead anchor `{target}`",
                        f"one of {', '.join(sorted(ids))}",
                        "mend the part after #",
                    )
                )
    return result


def twins(english: dict[str, Page], russian: dict[str, Page]) -> list[Problem]:
    """Where a Russian page is missing or has other parts than its English twin.

    What `answer` and `code` tell, a missing section or file, is not told again here for
    each formula of that section.
    """
    result = []
    for name in sorted(english.keys() ^ russian.keys()):
        page = english.get(name) or russian[name]
        other = "ru" if name in english else "en"
        result.append(
            page.problem(
                1,
                f"docs/{other}/{name} is missing",
                "the same pages in both languages",
                "write it, or remove this one",
            )
        )
    for name in sorted(english.keys() & russian.keys()):
        page, twin = english[name], russian[name]
        both = (page, twin)
        parts = [
            ("inline code blocks", _inline(page), _inline(twin)),
            ("level", page.meta.get("level"), twin.meta.get("level")),
        ]
        if all(include.found for one in both for include in one.includes):
            parts.append(("includes", _targets(page), _targets(twin)))
        is_answer = any(one.soup.find(id=SECTIONS[0]) for one in both)
        whole = all(one.soup.find(id=name) for one in both for name in SECTIONS)
        if whole or not is_answer:
            parts += [
                ("heading ids", _ids(page), _ids(twin)),
                ("number of follow-ups", _follow_ups(page), _follow_ups(twin)),
            ]
            for section in SECTIONS if is_answer else ("",):
                ours, theirs = page.formulas(section), twin.formulas(section)
                where = f" in {section}" if section else ""
                parts += [
                    (f"display formulas{where}", ours[0], theirs[0]),
                    (f"inline formulas{where}", ours[1], theirs[1]),
                ]
        for what, ours, theirs in parts:
            if ours != theirs:
                only, extra = _first_difference(ours, theirs)
                result.append(
                    twin.problem(
                        _where(twin, extra or what.rpartition(" ")[2]),
                        f"other {what} than {page.shown}",
                        f"{only or 'nothing'} as in English, here {extra or 'nothing'}",
                        "bring the two pages together",
                    )
                )
    return result


def _targets(page: Page) -> list[str]:
    return [include.target for include in page.includes]


def _ids(page: Page) -> list[tuple[int, str]]:
    """Heading ids less the title's, which nobody links to."""
    return [heading for heading in page.headings if heading[0] > 1]


def _inline(page: Page) -> list[str]:
    """Inline code blocks, comments left out: these may be translated."""
    result = []
    for fence in page.fences:
        if fence.syntax in RUNNABLE:
            code = fence.code
            with contextlib.suppress(*NOT_PYTHON):  # reported by `code`
                code = (
                    ast.unparse(ast.parse(code)) if fence.syntax == "python" else code
                )
            result.append(code)
    return result


def _follow_ups(page: Page) -> int:
    return sum(len(element.select("summary")) for element in page.section("follow-ups"))


def _first_difference(ours: object, theirs: object) -> tuple[str, str]:
    """What only the first has and what only the second has, shortly."""
    if isinstance(ours, set):
        return (
            ", ".join(f"`{x}`" for x in sorted(ours - theirs)),
            ", ".join(f"`{x}`" for x in sorted(theirs - ours)),
        )
    if isinstance(ours, list):
        for index in range(max(len(ours), len(theirs))):
            pair = [part[index : index + 1] for part in (ours, theirs)]
            if pair[0] != pair[1]:
                return tuple(f"`{part[0]}`" if part else "" for part in pair)
    return f"`{ours}`", f"`{theirs}`"


def _where(page: Page, text: str) -> int:
    """Line of a page that best fits what a message speaks of."""
    for candidate in re.findall(r"[\w./-]{4,}", text):
        line = page.line_of(candidate)
        if line > 1:
            return line
    return 1


def coverage(root: Path, pages: dict[str, dict[str, Page]]) -> list[Problem]:
    """Snippets on no page, outputs of no snippet, snippets without an output."""
    result = []
    folder = root / "snippets"
    included = {
        include.path
        for page in pages["en"].values()
        for include in page.includes
        if include.found
    }
    expected: set[Path] = set()
    for snippet in discover(folder):
        name, shown = snippet.relative_to(folder), snippet.relative_to(root)
        outputs = outputs_of(snippet)
        expected |= {snippet, *outputs}
        for path in [snippet, *outputs]:
            part = path.relative_to(folder).as_posix()
            if part not in included and ".cuda" not in path.suffixes:
                result.append(
                    Problem(
                        path.relative_to(root),
                        1,
                        "stands on no page",
                        f'a line --8<-- "{part}" on a page',
                        f"include it in docs/*/{name.parent.as_posix()}.md",
                    )
                )
        lines = snippet.read_text("utf-8", "backslashreplace").splitlines()
        if len(lines) > SNIPPET_LINES:
            result.append(
                Problem(
                    shown,
                    len(lines),
                    f"{len(lines)} lines",
                    f"at most {SNIPPET_LINES}: it is read on a phone",
                    "one idea a snippet: leave something out, or make it two",
                )
            )
        if not ASSERTS.search("\n".join(lines)):
            result.append(
                Problem(
                    shown,
                    1,
                    "this snippet asserts nothing",
                    "an assert that fails if the claim of the page is false",
                    "assert what it claims against a reference",
                )
            )
        recorded = any(path.suffix == ".txt" for path in outputs)
        if not recorded and not needs_gpu(snippet):
            result.append(
                Problem(
                    shown,
                    1,
                    "a snippet without a recorded output",
                    f"{snippet.stem}.txt beside it",
                    f"make outputs ONLY={name.with_suffix('').as_posix()}",
                )
            )
        if recorded and is_benchmark(snippet):
            output = snippet.with_suffix(".txt")
            text = output.read_text("utf-8")
            if not text.endswith(f"{code_version(snippet)}\n"):
                result.append(
                    Problem(
                        output.relative_to(root),
                        len(text.splitlines()),
                        f"printed by another version of {snippet.name}",
                        f"{code_version(snippet)} at the end",
                        f"make outputs ONLY={name.with_suffix('').as_posix()}",
                    )
                )
    for path in sorted(folder.rglob("*.*")):
        if path.suffix in (".txt", ".svg") and path not in expected:
            if path.name == "requirements.txt":
                continue
            result.append(
                Problem(
                    path.relative_to(root),
                    1,
                    "an output without a snippet",
                    f"{path.name.partition('.')[0]}.py beside it",
                    "remove it, or bring the snippet back",
                )
            )
    return result
